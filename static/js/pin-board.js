/* The pinned records. Without a script the rows' own checkboxes are the form's values; with it this list is,
   so that a pin stays when its row is on another tab. */
class PinBoard extends HTMLElement {
  connectedCallback() {
    this.form = document.getElementById(this.dataset.form);
    this.list = this.querySelector("ul");
    this.pattern = this.querySelector("template")?.content;
    if (!this.form || !this.pattern) return;
    for (const item of [...this.list.children]) {
      item.replaceWith(this.build(item.dataset.place, item.querySelector(".what").textContent));
    }
    this.addEventListener("click", (event) => this.click(event));
    document.addEventListener("change", (event) => {
      if (event.target.matches("[data-pin]")) this.toggle(event.target);
    });
    document.addEventListener("htmx:load", () => this.sync());
    this.form.addEventListener("pins-brought-back", (event) => {
      const known = new Map([...this.list.children].map((item) => [item.dataset.place, item]));
      this.list.replaceChildren(...event.detail.map((place) => known.get(place) ?? this.build(place, "")));
      this.sync();
    });
    this.form.addEventListener("focusin", (event) => {
      if (event.target.matches("textarea")) this.lastText = event.target;
    });
    this.sync();
  }

  get places() {
    return [...this.list.children].map((item) => item.dataset.place);
  }

  toggle(box) {
    if (box.checked) this.list.append(this.build(box.value, box.dataset.info));
    else this.find(box.value)?.remove();
    this.changed();
  }

  click(event) {
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    const item = button.closest("li");
    if (button.dataset.do === "cite") this.cite(item.dataset.place);
    else this.unpin(item);
  }

  unpin(item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    (next?.querySelector("button") ?? this.form.elements.supporting_evidence).focus();
    this.changed();
  }

  cite(place) {
    const text = this.lastText ?? this.form.elements.supporting_evidence;
    text.closest("details").open = true;
    text.setRangeText(`[${place}]`, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  changed() {
    this.sync();
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** The rows on screen show what is pinned; their names go, so that no pin is sent twice. */
  sync() {
    const places = new Set(this.places);
    for (const box of document.querySelectorAll("input[data-pin]")) {
      box.removeAttribute("name");
      box.checked = places.has(box.value);
    }
  }

  find(place) {
    return [...this.list.children].find((item) => item.dataset.place === place);
  }

  build(place, info) {
    const item = this.pattern.cloneNode(true).querySelector("li");
    item.dataset.place = place;
    const value = document.createElement("input");
    Object.assign(value, { type: "hidden", name: "evidence", value: place });
    const link = item.querySelector(".cite");
    const query = `?record=${encodeURIComponent(place)}`;
    link.textContent = place;
    link.href = `${query}#here`;
    link.setAttribute("hx-get", this.dataset.url + query);
    link.setAttribute("hx-target", "#records");
    link.setAttribute("hx-swap", "outerHTML");
    item.querySelector(".what").textContent = info;
    for (const label of item.querySelectorAll(".sr")) label.textContent += ` ${place}`;
    item.prepend(value);
    htmx.process(item);
    return item;
  }
}

customElements.define("pin-board", PinBoard);
