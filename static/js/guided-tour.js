/* The guide beside a ticket: marks what its stop speaks of, sees when what it asks for is done, and goes on by itself.
   Its buttons work without this script; where the guide stands is kept by the server. */
const DWELL_MS = 900;

class GuidedTour extends HTMLElement {
  connectedCallback() {
    this.look = this.look.bind(this);
    this.watch = new MutationObserver(this.look);
    this.watch.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["open", "data-open", "aria-current"] });
    for (const name of ["input", "change", "focusin", "focusout"]) document.addEventListener(name, this.look);
    this.onKey = (event) => this.press(event);
    document.addEventListener("keydown", this.onKey);
    this.addEventListener("click", (event) => this.click(event));
    // On a phone the page leaves so much room for it below.
    this.size = new ResizeObserver(() => this.measure());
    this.size.observe(this);
    this.look();
  }

  disconnectedCallback() {
    this.watch.disconnect();
    this.size.disconnect();
    clearTimeout(this.timer);
    for (const name of ["input", "change", "focusin", "focusout"]) document.removeEventListener(name, this.look);
    document.removeEventListener("keydown", this.onKey);
  }

  get target() {
    return document.getElementById(this.stop.dataset.target);
  }

  /** Called whenever the page has changed: the stop may be another one, its target a new element, its task done. */
  look() {
    const stop = this.querySelector(".stop");
    if (stop && stop !== this.stop) this.arrive(stop);
    this.mark();
    if (this.isDone || !this.isFulfilled()) return;
    this.tell();
    // Who writes a text knows alone when it is finished.
    if (!("waits" in stop.dataset)) this.timer = setTimeout(() => document.getElementById("guide-next")?.click(), DWELL_MS);
  }

  measure() {
    document.documentElement.style.setProperty("--guide", `${this.offsetHeight}px`);
  }

  arrive(stop) {
    const isFirst = !this.stop;
    clearTimeout(this.timer);
    this.measure();
    this.stop = stop;
    this.isDone = false;
    if (this.target?.matches("details.step")) this.target.open = true;
    // What was done before is told, and no reason to hurry on.
    if (this.isFulfilled()) this.tell();
    if (!isFirst || !location.hash || location.hash === `#${this.id}`) this.bringIntoView();
    // The button that was pressed may be gone: the last stop has no next one.
    if (this.wasPressed && document.activeElement === document.body) this.focus();
    this.wasPressed = false;
  }

  bringIntoView() {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.target?.scrollIntoView({ block: "nearest", behavior: isCalm ? "instant" : "smooth" });
  }

  mark() {
    const target = this.target;
    if (target?.hasAttribute("data-toured")) return;
    for (const old of document.querySelectorAll("[data-toured]")) old.removeAttribute("data-toured");
    target?.setAttribute("data-toured", "");
  }

  tell() {
    this.isDone = true;
    this.stop.toggleAttribute("data-done", true);
    const word = this.stop.querySelector(".done");
    if (word) word.textContent = word.dataset.word;
  }

  isFulfilled() {
    const { until, filled } = this.stop.dataset;
    if (until) return document.querySelector(until) !== null;
    return Boolean(filled) && filled.split(" ").every((group) => group.split("|").some((id) => this.isFilled(id)));
  }

  isFilled(id) {
    const field = document.getElementById(id);
    if (["radio", "checkbox"].includes(field?.type)) return document.querySelector(`[name="${field.name}"]:checked`) !== null;
    // Half a word is no answer yet.
    const isBeingTyped = field === document.activeElement && !field.matches("select");
    return Boolean(field?.value.trim()) && !isBeingTyped;
  }

  click(event) {
    const pressed = event.target.closest("a[data-go], button");
    if (!pressed) return;
    this.wasPressed = event.isTrusted && pressed.matches("button");
    if (!pressed.matches("a")) return;
    event.preventDefault();
    this.go();
  }

  /** To what the stop speaks of: its first control, or itself. */
  go() {
    const target = this.target;
    if (!target) return;
    this.bringIntoView();
    const control = [target, ...target.querySelectorAll("summary, a[href], button, input:not([type=hidden]), select, textarea")]
      .find((element) => element.matches("summary, a, button, input, select, textarea, [tabindex]") && element.checkVisibility());
    if (!control) target.tabIndex = -1;
    (control ?? target).focus({ preventScroll: true });
  }

  press(event) {
    if (event.key !== "t" || event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select")) return;
    event.preventDefault();
    (document.getElementById("guide-next") ?? this).focus();
  }
}

customElements.define("guided-tour", GuidedTour);
