/* The queue by keyboard: j and k move, o opens; the preview follows. */
class TicketList extends HTMLElement {
  connectedCallback() {
    this.onKey = (event) => this.press(event);
    document.addEventListener("keydown", this.onKey);
    this.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-code]");
      if (row && !event.target.closest("a[data-open]")) this.select(row, false);
    });
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }

  get rows() {
    return [...this.querySelectorAll("tr[data-code]")];
  }

  get selected() {
    return this.querySelector("tr[data-selected]");
  }

  press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches("input, textarea, select")) return;
    const step = { j: 1, k: -1 }[event.key];
    if (step) this.move(step);
    else if (event.key === "o") this.selected?.querySelector("a[data-open]").click();
    else return;
    event.preventDefault();
  }

  move(step) {
    const rows = this.rows;
    const at = rows.indexOf(this.selected);
    const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    if (row && row !== this.selected) this.select(row, true);
    row?.querySelector("a[data-open]").focus();
  }

  select(row, byKey) {
    for (const other of this.rows) other.toggleAttribute("data-selected", other === row);
    row.scrollIntoView({ block: "nearest" });
    const link = row.querySelector("a[data-preview]");
    // A run of j must not ask for every ticket on its way.
    clearTimeout(this.timer);
    this.timer = setTimeout(() => htmx.ajax("GET", link.getAttribute("hx-get"), { target: "#preview", swap: "outerHTML" }), byKey ? 90 : 0);
  }
}

customElements.define("ticket-list", TicketList);
