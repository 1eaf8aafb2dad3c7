/* A <details> that behaves like a menu: Escape and a click elsewhere close it, and only one is open. */
class DropDown extends HTMLElement {
  connectedCallback() {
    const details = this.querySelector("details");
    const close = () => { details.open = false; };
    this.onClick = (event) => { if (!this.contains(event.target)) close(); };
    document.addEventListener("click", this.onClick);
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !details.open) return;
      event.stopPropagation();
      close();
      details.querySelector("summary").focus();
    });
    this.addEventListener("focusout", (event) => { if (event.relatedTarget && !this.contains(event.relatedTarget)) close(); });
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.onClick);
  }
}

customElements.define("drop-down", DropDown);
