/* What is typed is written down in this browser too, until the server has it: a crash, a closed window or an ended
   session takes nothing away. Kept by user and ticket, never shown to another user, gone with the log-out. Text that
   comes back is saved on the version it was typed upon, so that a newer draft is told as a conflict.

   In a database that writes to the disk at once: `localStorage` may keep a minute of text in the memory of the very
   browser that is killed. */
const WRITE_MS = 800;
const STORE = "drafts";
let opened;

function openJournal() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("journal", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
      // A log-out in another window takes the database away.
      asked.result.onclose = () => (opened = undefined);
      resolve(asked.result);
    };
  });
  return opened;
}

/** The answer of the store; undefined where there is no room, or no storage allowed: page and server still have the text. */
async function ask(mode, act) {
  try {
    const journal = await openJournal();
    const asked = act(journal.transaction(STORE, mode, { durability: "strict" }).objectStore(STORE));
    return await new Promise((resolve, reject) => {
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  } catch {
    return undefined;
  }
}

class DraftJournal extends HTMLElement {
  connectedCallback() {
    this.key = `draft ${this.dataset.user} ${this.dataset.ticket}`;
    this.form = document.getElementById(this.dataset.form);
    if (!this.form?.elements.version) return this.forget();
    // The pins are a list that its own script has to build first.
    if (document.readyState === "complete") this.begin();
    else addEventListener("DOMContentLoaded", () => this.begin(), { once: true });
  }

  async begin() {
    await this.bringBack();
    const heard = (event) => {
      if (event.target !== this.form && event.target.form !== this.form) return;
      // Who types without a pause is written down too.
      this.timer ??= setTimeout(() => this.write(), WRITE_MS);
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
    const values = [...new FormData(this.form)].filter(([name]) => !["csrfmiddlewaretoken", "version", "key"].includes(name) && !name.startsWith("spent_"));
    return values.map(([name, value]) => [name, value.replace(/\r\n?/g, "\n")]);
  }

  write() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const entry = { version: this.form.elements.version.value, at: Date.now(), typed: this.typed };
    return ask("readwrite", (drafts) => drafts.put(entry, this.key));
  }

  forget() {
    return ask("readwrite", (drafts) => drafts.delete(this.key));
  }

  async bringBack() {
    const entry = await ask("readonly", (drafts) => drafts.get(this.key));
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
