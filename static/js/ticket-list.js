/* The queue by keyboard: j and k or the arrows move, o or Enter opens, / goes to the search; the preview follows. */
const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };
const TYPED_IN = "input, textarea, select";

class TicketList extends HTMLElement {
  connectedCallback() {
    this.onKey = (event) => this.press(event);
    document.addEventListener("keydown", this.onKey);
    this.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-code]");
      // A link asks for what it names; anywhere else the row is meant.
      if (row && !event.target.closest("a")) this.select(row);
      else if (event.target.closest("a[data-preview]")) this.mark(row);
    });
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
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
    if (event.target.matches(TYPED_IN)) return;
    // Arrows and Enter belong to whatever else is in focus: a menu, a filter, the preview that scrolls.
    const isHere = event.target === document.body || event.target.id === "main" || this.contains(event.target);
    const step = event.key.startsWith("Arrow") && !isHere ? 0 : STEPS[event.key];
    const link = event.target.closest("a, button, summary");
    if (step) this.move(step);
    else if (event.key === "o" || (event.key === "Enter" && isHere && !link)) this.selected?.querySelector("a[data-open]").click();
    else return;
    event.preventDefault();
  }

  move(step) {
    const rows = this.rows;
    const at = rows.indexOf(this.selected);
    // The ticket beside the list may stand on another page: then begin at the top of this one.
    const row = rows[at < 0 ? 0 : at + step];
    if (row) {
      this.select(row, 90);
      row.querySelector("a[data-open]").focus();
    } else {
      document.querySelector(step > 0 ? "#page-next" : "#page-previous")?.focus();
    }
  }

  mark(row) {
    for (const other of this.rows) other.toggleAttribute("data-selected", other === row);
    row.scrollIntoView({ block: "nearest" });
  }

  select(row, wait = 0) {
    this.mark(row);
    const path = row.querySelector("a[data-preview]").getAttribute("hx-get");
    // A run of j must not ask for every ticket on its way.
    clearTimeout(this.timer);
    this.timer = setTimeout(() => htmx.ajax("GET", path, { target: "#preview", swap: "outerHTML" }), wait);
  }
}

customElements.define("ticket-list", TicketList);

// Also where the list is empty: the way to another search stays one key.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.altKey || event.ctrlKey || event.metaKey || event.target.matches(TYPED_IN)) return;
  event.preventDefault();
  const field = document.querySelector("#q");
  field?.focus();
  field?.select();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.id === "q") event.target.blur();
});
