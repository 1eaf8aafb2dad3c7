/* A button that copies the text beside it, as it is drawn: what was made visible stays harmless in the clipboard.
   Where a page may not write to the clipboard, the text is selected instead. */
class CopyText extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    button.hidden = false;
    const label = button.textContent;
    button.addEventListener("click", async () => {
      button.textContent = (await this.copy()) ? this.dataset.sayCopied : this.dataset.saySelected;
      setTimeout(() => (button.textContent = label), 2000);
    });
  }

  async copy() {
    const text = this.querySelector("pre");
    try {
      await navigator.clipboard.writeText(text.textContent);
      return true;
    } catch {
      getSelection().selectAllChildren(text);
      return false;
    }
  }
}

customElements.define("copy-text", CopyText);
