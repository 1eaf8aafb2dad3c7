/* The evidence: open a record in place, drop an address into the worksheet, follow a conversation, move and pin by key. */
class EvidenceRows extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => this.click(event));
    this.onKey = (event) => this.press(event);
    document.addEventListener("keydown", this.onKey);
    const here = this.querySelector("[data-here]");
    if (here) {
      here.scrollIntoView({ block: "center" });
      here.querySelector(".expand, [data-pin]")?.focus({ preventScroll: true });
    }
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
    this.menu?.remove();
  }

  click(event) {
    const link = event.target.closest("a.expand");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.toggle(link);
    }
    const address = event.target.closest("button.addr");
    if (address) this.offer(address);
    const put = event.target.closest("button[data-put]");
    if (put) {
      event.preventDefault();
      this.drop(document.getElementById("worksheet"), put.dataset.put, put);
    }
  }

  // -- Opening a record --

  async toggle(link) {
    const row = link.closest("tr");
    if (row.nextElementSibling?.matches("tr.open")) {
      row.nextElementSibling.remove();
      this.mark(row, link, false);
      return;
    }
    const answer = await fetch(link.href, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) {
      location.href = link.href;
      return;
    }
    row.insertAdjacentHTML("afterend", await answer.text());
    htmx.process(row.nextElementSibling);
    this.mark(row, link, true);
  }

  mark(row, link, isOpen) {
    row.toggleAttribute("data-open", isOpen);
    link.setAttribute("aria-expanded", String(isOpen));
  }

  // -- Dropping an address into the worksheet --

  offer(button) {
    const form = document.getElementById("worksheet");
    if (!form?.elements.originator_ip || form.elements.originator_ip.matches(":disabled")) return;
    this.menu?.remove();
    this.menu = document.createElement("div");
    this.menu.className = "dropmenu";
    this.menu.popover = "auto";
    this.menu.setAttribute("role", "group");
    this.menu.setAttribute("aria-label", this.dataset.sayPut.replace("{ip}", button.dataset.ip));
    const sides = { originator: this.dataset.sayOriginator, responder: this.dataset.sayResponder };
    for (const [side, name] of Object.entries(sides)) {
      const choice = document.createElement("button");
      choice.type = "button";
      choice.className = "btn";
      choice.dataset.kind = "quiet";
      choice.textContent = name;
      choice.addEventListener("click", () => this.drop(form, side, button));
      this.menu.append(choice);
    }
    this.append(this.menu);
    this.menu.showPopover();
    const at = button.getBoundingClientRect();
    const size = this.menu.getBoundingClientRect();
    this.menu.style.left = `${Math.min(at.left, innerWidth - size.width - 8)}px`;
    this.menu.style.top = `${at.bottom + size.height + 8 > innerHeight ? at.top - size.height - 2 : at.bottom + 2}px`;
    this.menu.querySelector("button").focus();
  }

  drop(form, side, button) {
    for (const part of ["ip", "port"]) {
      // A line that names no port says nothing against the one that stands there.
      if (!button.dataset[part]) continue;
      const field = form.elements[`${side}_${part}`];
      field.value = button.dataset[part];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.menu?.hidePopover();
    button.focus();
  }

  // -- Keys --

  press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select")) {
      if (event.key !== "Escape") return;
      // Leave the field; a search field would empty itself and take its rows along.
      event.preventDefault();
      event.target.blur();
      return;
    }
    if (!this.act(event.key)) return;
    event.preventDefault();
  }

  act(key) {
    const row = document.activeElement?.closest("tr[data-place]");
    if (row) this.last = row;
    if (key === "j") return this.move(row, 1);
    if (key === "k") return this.move(row, -1);
    if (key === "/") return this.focusOn(this.querySelector("#find"));
    if (!row) return false;
    if (key === "p") row.querySelector("[data-pin]").click();
    else if (key === "o") row.querySelector(".expand")?.click();
    else if (key === "s") row.querySelector(".c-src .addr, .addr")?.click();
    else if (key === "d") row.querySelector(".c-dst .addr")?.click();
    else if (key === "c") this.follow(row);
    else return false;
    return true;
  }

  /** Everything of this record's conversation: the link in its opened row says where that is. */
  async follow(row) {
    if (!row.nextElementSibling?.matches("tr.open")) await this.toggle(row.querySelector(".expand"));
    row.nextElementSibling?.querySelector("[data-conversation]")?.click();
  }

  move(row, step) {
    const rows = [...this.querySelectorAll("tr[data-place]")];
    // From elsewhere on the desk one comes back to the row that one left.
    const at = row ? rows.indexOf(row) + step : rows.indexOf(this.last);
    const next = rows[Math.min(Math.max(at, 0), rows.length - 1)];
    return this.focusOn(next?.querySelector(".expand") ?? next?.querySelector("[data-pin]"));
  }

  focusOn(element) {
    element?.focus();
    element?.select?.();
    return Boolean(element);
  }
}

customElements.define("evidence-rows", EvidenceRows);
