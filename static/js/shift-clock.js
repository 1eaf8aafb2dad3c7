/* How long a shift still runs, counted down around the time that the server wrote. */
class ShiftClock extends HTMLElement {
  connectedCallback() {
    this.ends = Date.parse(this.dataset.ends);
    // The server's clock counts: a reader's own may be wrong.
    this.ahead = Date.now() - Date.parse(this.dataset.now);
    if (Number.isNaN(this.ends) || Number.isNaN(this.ahead)) return;
    this.show();
    this.timer = setInterval(() => this.show(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  show() {
    const left = Math.max(0, Math.round((this.ends - Date.now() + this.ahead) / 1000));
    const pad = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(left / 3600);
    const minutes = Math.floor(left / 60) % 60;
    const clock = `${hours ? `${hours}:${pad(minutes)}` : minutes}:${pad(left % 60)}`;
    this.textContent = this.dataset.sayLeft.replace("{clock}", clock);
  }
}

customElements.define("shift-clock", ShiftClock);
