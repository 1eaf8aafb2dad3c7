/* A page of words one key away: its link opens it as a sheet over what one is working on. */
class LookupSheet extends HTMLElement {
  connectedCallback() {
    const dialog = this.querySelector("dialog");
    this.onKey = (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
      if (event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select")) return;
      const link = document.querySelector(`a[data-lookup="${CSS.escape(event.key)}"]`);
      if (!link) return;
      event.preventDefault();
      this.open(dialog, link);
    };
    this.onClick = (event) => {
      const link = event.target.closest("a[data-lookup]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      for (const other of document.querySelectorAll("dialog[open]")) other.close();
      this.open(dialog, link);
    };
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("click", this.onClick);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("click", this.onClick);
  }

  async open(dialog, link) {
    const address = new URL(link.href);
    const answer = await fetch(address.pathname, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) {
      location.href = link.href;
      return;
    }
    dialog.querySelector("h2").textContent = link.dataset.title;
    const page = dialog.querySelector("a");
    page.href = address.pathname;
    const body = dialog.querySelector(".scroll");
    body.innerHTML = await answer.text();
    if (!dialog.open) dialog.showModal();
    body.scrollTop = 0;
    body.focus();
    const entry = address.hash && body.querySelector(`#${CSS.escape(address.hash.slice(1))}`);
    if (!entry) return;
    entry.dataset.here = "";
    entry.scrollIntoView();
  }
}

customElements.define("lookup-sheet", LookupSheet);
