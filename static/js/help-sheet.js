/* The sheet of keys, opened by its button or by "?". */
class HelpSheet extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    const dialog = this.querySelector("dialog");
    this.querySelector("button").addEventListener("click", () => dialog.showModal());
    this.onKey = (event) => {
      if (event.key !== "?" || event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select")) return;
      event.preventDefault();
      if (!dialog.open) dialog.showModal();
    };
    document.addEventListener("keydown", this.onKey);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }
}

customElements.define("help-sheet", HelpSheet);
