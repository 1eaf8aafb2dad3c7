/* What is typed is written down in this browser too, until the server has it: a crash, a closed window or an ended
   session takes nothing away. Kept by user and ticket, never shown to another user, gone with the log-out. Text that
   comes back is saved on the version it was typed upon, so that a newer draft is told as a conflict. */
const WRITE_MS = 250;

class DraftJournal extends HTMLElement {
  connectedCallback() {
    this.key = `draft ${this.dataset.user} ${this.dataset.ticket}`;
    this.form = document.getElementById(this.dataset.form);
    if (!this.form?.elements.version) return this.forget();
    // The pins are a list that its own script has to build first.
    if (document.readyState === "complete") this.begin();
    else addEventListener("DOMContentLoaded", () => this.begin(), { once: true });
  }

  begin() {
    this.bringBack();
    const heard = (event) => {
      if (event.target !== this.form && event.target.form !== this.form) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.write(), WRITE_MS);
    };
    document.addEventListener("input", heard);
    document.addEventListener("change", heard);
    addEventListener("pagehide", () => this.timer && this.write());
    this.form.addEventListener("draft-saved", () => {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.forget();
    });
  }

  get typed() {
    const values = [...new FormData(this.form)].filter(([name]) => !["csrfmiddlewaretoken", "version", "key"].includes(name));
    return values.map(([name, value]) => [name, value.replace(/\r\n?/g, "\n")]);
  }

  write() {
    this.timer = undefined;
    const entry = { version: this.form.elements.version.value, at: Date.now(), typed: this.typed };
    try {
      localStorage.setItem(this.key, JSON.stringify(entry));
    } catch {
      // No room, or no storage allowed: the page and the server still have the text.
    }
  }

  forget() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Nothing can have been stored either.
    }
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  bringBack() {
    const entry = this.read();
    if (!entry) return;
    if (JSON.stringify(entry.typed) === JSON.stringify(this.typed)) return this.forget();
    this.form.elements.version.value = entry.version;
    this.fill(entry.typed);
    this.say(new Date(entry.at));
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  fill(typed) {
    const values = new Map();
    for (const [name, value] of typed) values.set(name, [...(values.get(name) ?? []), value]);
    for (const field of this.form.elements) {
      if (!field.name || field.type === "hidden" || field.matches("button, fieldset, [data-pin]")) continue;
      const given = values.get(field.name) ?? [];
      if (["radio", "checkbox"].includes(field.type)) field.checked = given.includes(field.value);
      else field.value = given[0] ?? "";
    }
    const pins = new CustomEvent("pins-brought-back", { detail: values.get("evidence") ?? [] });
    this.form.dispatchEvent(pins);
  }

  say(at) {
    const told = this.querySelector("template").content.cloneNode(true);
    told.querySelector("[data-clock]").textContent = at.toLocaleTimeString("en-GB");
    this.append(told);
    this.querySelector("button").addEventListener("click", () => this.querySelector(".notice").remove());
  }
}

customElements.define("draft-journal", DraftJournal);
