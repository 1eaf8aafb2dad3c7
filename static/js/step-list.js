/* The five steps: 1 to 5 go to a step, f to the facts above the evidence; a link to a field opens the step that holds it. */
class StepList extends HTMLElement {
  connectedCallback() {
    this.onKey = (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
      if (event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select")) return;
      if (event.key === "f") {
        event.preventDefault();
        document.getElementById("id_originator_ip").focus();
        return;
      }
      const step = /^[1-5]$/.test(event.key) && document.getElementById(`step-${event.key}`);
      if (!step) return;
      event.preventDefault();
      this.go(step.querySelector("textarea") ?? step.querySelector("summary"));
    };
    this.onClick = (event) => {
      const link = event.target.closest('a[href^="#id_"]');
      const target = link && document.getElementById(link.hash.slice(1));
      if (!target) return;
      event.preventDefault();
      this.go(target);
    };
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("click", this.onClick);
    this.addEventListener("toggle", (event) => this.current(event.target), true);
    for (const step of this.querySelectorAll("details[open]")) this.current(step);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("click", this.onClick);
  }

  go(target) {
    const step = target.closest("details");
    if (step) step.open = true;
    if (target.matches("ul")) target = document.querySelector("#records [data-pin]") ?? target;
    target.focus();
    (step ?? target).scrollIntoView({ block: "nearest" });
  }

  current(step) {
    if (!step.open) return;
    for (const link of document.querySelectorAll(".stepbar a")) {
      if (step.id === `step-${link.dataset.step}`) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    }
  }
}

customElements.define("step-list", StepList);
