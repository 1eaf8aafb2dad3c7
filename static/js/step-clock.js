/* How long one is at each step: the time goes to the step that stands open, and to none while the page is hidden or
   nothing was touched for two minutes. Fields of the worksheet carry it along with each save; nothing is sent for it. */
const TICK_MS = 1000;
const IDLE_MS = 120000;
const SIGNS_OF_LIFE = ["keydown", "pointerdown", "pointermove", "wheel", "scroll"];

class StepClock extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.fields = [...this.querySelectorAll("input[data-step]")];
    this.fractions = new Map();
    this.onLife = () => (this.touched = performance.now());
    this.onLife();
    for (const sign of SIGNS_OF_LIFE) document.addEventListener(sign, this.onLife, { capture: true, passive: true });
    this.last = performance.now();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.show();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    for (const sign of SIGNS_OF_LIFE) document.removeEventListener(sign, this.onLife, { capture: true });
  }

  tick() {
    const now = performance.now();
    // A machine that slept, or a browser that slowed the clock down, was not at work meanwhile.
    const passed = Math.min(now - this.last, 2 * TICK_MS);
    this.last = now;
    if (document.visibilityState === "hidden" || now - this.touched > IDLE_MS) return;
    const step = document.querySelector("step-list details[name=step][open]")?.id;
    const field = this.fields.find((each) => `step-${each.dataset.step}` === step);
    if (!field) return;
    const whole = (this.fractions.get(field) ?? 0) + passed / 1000;
    this.fractions.set(field, whole % 1);
    if (whole < 1) return;
    field.value = Number(field.value) + Math.floor(whole);
    this.show();
  }

  show() {
    const seconds = this.fields.map((each) => Number(each.value));
    const all = seconds.reduce((sum, each) => sum + each, 0);
    this.write("[data-whole]", this.minutes(all));
    for (const [at, row] of [...this.querySelectorAll("tbody tr")].entries()) {
      this.write("[data-spent]", this.minutes(seconds[at]), row);
      this.write("[data-share]", all ? `${Math.round((100 * seconds[at]) / all)} %` : "–", row);
    }
  }

  write(selector, text, within = this) {
    const place = within.querySelector(selector);
    if (place.textContent !== text) place.textContent = text;
  }

  minutes(seconds) {
    if (seconds > 0 && seconds < 60) return this.dataset.less;
    return this.dataset.minutes.replace("0", Math.floor(seconds / 60));
  }
}

customElements.define("step-clock", StepClock);
