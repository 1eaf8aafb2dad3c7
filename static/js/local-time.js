/* A time that the server wrote in UTC, in the reader's own zone; the UTC stays as its title, or
   before it where both are wanted. Evidence keeps UTC: logs are compared in it. */
const SHAPES = {
  full: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" },
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  day: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  date: { day: "numeric", month: "short" },
};

class LocalTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) return;
    if (this.dataset.shape === "both") {
      const here = moment.toLocaleString("en-GB", this.here(moment));
      if (moment.getTimezoneOffset()) this.append(this.dataset.sayHere.replace("{time}", here));
      return;
    }
    time.title = time.textContent;
    time.textContent = moment.toLocaleString("en-GB", SHAPES[this.dataset.shape] ?? SHAPES.full);
  }

  /** The hour alone where the reader's day is that of UTC. */
  here(moment) {
    const isSameDay = moment.getDate() === moment.getUTCDate();
    return isSameDay ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : SHAPES.day;
  }
}

customElements.define("local-time", LocalTime);
