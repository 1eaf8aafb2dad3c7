/* Autosave. A change is saved 1.2 s after the last key and at most 4 s after the first; one save at a time,
   each on the version that the last one gave back. The server answers with the parts of the page that
   changed, and each replaces the element of its id. What fails is said, and tried again; a conflict stops
   it, so that nothing is ever overwritten. */
const QUIET_MS = 1200;
const LONGEST_MS = 4000;
const RETRY_MS = [2000, 4000, 8000, 15000];

class DraftKeeper extends HTMLElement {
  connectedCallback() {
    this.form = document.getElementById(this.dataset.form);
    if (!this.form?.elements.version) return;
    this.failures = 0;
    const heard = (event) => {
      if (event.target === this.form || event.target.form === this.form) this.changed();
    };
    document.addEventListener("input", heard);
    document.addEventListener("change", heard);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && this.isDirty) this.save(true);
      else if (this.failures) this.save();
    });
    addEventListener("online", () => this.failures && this.save());
    addEventListener("beforeunload", (event) => {
      if (this.isDirty && this.failures && !this.isLeaving) event.preventDefault();
    });
    this.form.addEventListener("submit", () => {
      this.isLeaving = true;
      clearTimeout(this.timer);
    });
    // Back from the next page, a browser may show this one as it was left.
    addEventListener("pageshow", () => (this.isLeaving = false));
  }

  changed() {
    this.since ??= Date.now();
    this.isDirty = true;
    if (!this.failures) this.plan(Math.max(0, Math.min(QUIET_MS, this.since + LONGEST_MS - Date.now())));
  }

  plan(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  async save(isLast = false) {
    if (this.isStopped || this.isLeaving || this.isSaving) return;
    clearTimeout(this.timer);
    this.isSaving = true;
    this.isDirty = false;
    this.since = undefined;
    if (!this.failures) this.say("saving");
    const answer = await this.send(isLast);
    this.isSaving = false;
    await this.hear(answer);
  }

  send(isLast) {
    return fetch(this.dataset.url, {
      method: "POST",
      body: new URLSearchParams(new FormData(this.form)),
      headers: { "HX-Request": "true" },
      keepalive: isLast,
      signal: AbortSignal.timeout(10000),
    }).catch(() => null);
  }

  async hear(answer) {
    if (answer?.ok || answer?.status === 422) return this.accept(await answer.text(), answer.ok);
    this.isDirty = true;
    if (answer?.status === 409) {
      this.isStopped = true;
      return this.replace(await answer.text());
    }
    return this.retry(answer);
  }

  accept(html, isSaved) {
    this.failures = 0;
    this.replace(html);
    if (!isSaved) this.isDirty = true;
    else if (this.isDirty) this.plan(QUIET_MS);
    else this.form.dispatchEvent(new Event("draft-saved"));
  }

  retry(answer) {
    if (!this.failures) this.failedAt = new Date();
    const delay = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    if (answer === null) this.say("offline");
    else if ([401, 403].includes(answer.status)) this.say("expired");
    else this.say("failed");
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      if (answer && [401, 403].includes(answer.status)) await this.renewToken();
      this.save();
    }, delay);
  }

  /** After a new log-in the old form's token no longer counts: take the one of a fresh page. */
  async renewToken() {
    const answer = await fetch(location.pathname, { redirect: "manual" }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#worksheet [name=csrfmiddlewaretoken]");
    if (fresh) this.form.elements.csrfmiddlewaretoken.value = fresh.value;
  }

  replace(html) {
    const parts = document.createElement("template");
    parts.innerHTML = html;
    for (const part of [...parts.content.querySelectorAll("[id]")]) document.getElementById(part.id)?.replaceWith(part);
    for (const error of document.querySelectorAll(".err[id]")) {
      const field = document.getElementById(error.id.replace("err_", "id_"));
      if (!field?.matches("input:not([type=radio]), select, textarea")) continue;
      if (error.textContent.trim()) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  say(state) {
    const pattern = this.querySelector(`template[data-say="${state}"]`);
    const text = pattern.content.cloneNode(true);
    const clock = text.querySelector("[data-clock]");
    if (clock) clock.textContent = (this.failedAt ?? new Date()).toLocaleTimeString("en-GB");
    document.getElementById("draft-state").replaceChildren(text);
  }
}

customElements.define("draft-keeper", DraftKeeper);
