/* The trainee's claim as an arrow between the alert's posts, drawn from the form while it is filled in.
   The server draws the same in tickets/reports/desk.py, and gives the words. */
const CLAIM_ROLES = { to: ["sayOriginator", "sayResponder"], back: ["sayResponder", "sayOriginator"], none: ["sayUnsaid", "sayUnsaid"] };

class ClaimArrow extends HTMLElement {
  connectedCallback() {
    this.form = document.getElementById(this.dataset.form);
    if (!this.form) return;
    this.onInput = (event) => {
      if (event.target.form === this.form) this.draw();
    };
    document.addEventListener("input", this.onInput);
    document.addEventListener("change", this.onInput);
    // A browser may have put typed values back after a reload.
    requestAnimationFrame(() => this.draw());
  }

  disconnectedCallback() {
    document.removeEventListener("input", this.onInput);
    document.removeEventListener("change", this.onInput);
  }

  draw() {
    const originator = this.end("originator");
    const responder = this.end("responder");
    const way = this.way(originator, responder);
    const [left, right] = CLAIM_ROLES[way];
    const wire = this.querySelector(".wire");
    wire.dataset.way = way;
    wire.querySelector("span").textContent = this.text(way, originator, responder);
    this.role(".l", left, way);
    this.role(".r", right, way);
  }

  role(side, said, way) {
    const role = this.querySelector(`.role${side}`);
    role.textContent = this.dataset[said];
    role.toggleAttribute("data-said", way !== "none");
  }

  end(side) {
    return { ip: this.value(`${side}_ip`), port: this.value(`${side}_port`) };
  }

  value(name) {
    return (this.form.elements[name]?.value ?? "").trim();
  }

  way(originator, responder) {
    const { left, leftPort, right, rightPort } = this.dataset;
    const posts = [{ ip: left, port: leftPort }, { ip: right, port: rightPort }];
    const isAt = (end, post) => end.ip === post.ip && (left !== right || end.port === post.port);
    if (isAt(originator, posts[0]) && isAt(responder, posts[1])) return "to";
    if (isAt(originator, posts[1]) && isAt(responder, posts[0])) return "back";
    return "none";
  }

  text(way, originator, responder) {
    const { sayOther, sayAsked, sayOpened } = this.dataset;
    if (way === "none") return originator.ip && responder.ip ? sayOther : sayAsked;
    const outcome = this.value("outcome").replaceAll("_", " ");
    return [this.value("protocol").toUpperCase(), outcome].filter(Boolean).join(", ") || sayOpened;
  }
}

customElements.define("claim-arrow", ClaimArrow);
