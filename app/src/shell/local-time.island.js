// <local-time data-start="2026-11-12T14:02:00Z"> draws the choice of zone: UTC as the server wrote it,
// the viewer's own, or the offset from impact start (only with data-start). It rewrites every
// <time datetime="…" data-at="second|minute|date">; the zone is always printed.
const TIME_STORE = "afterword.time";
const asWritten = new WeakMap();
const pad = (number) => String(number).padStart(2, "0");

const parts = (date, zone) => {
  const text = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(date);
  const [day, clock] = text.split(" ");
  return { day, clock };
};

const zoneName = (date) =>
  new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(date).find((part) => part.type === "timeZoneName").value;

const inZone = (date, precision) => {
  const here = parts(date, undefined);
  const utc = parts(date, "UTC");
  const clock = precision === "second" ? here.clock : here.clock.slice(0, 5);
  const days = Math.round((Date.parse(here.day) - Date.parse(utc.day)) / 86_400_000);
  const shift = days === 0 || precision === "date" ? "" : days > 0 ? " (next day)" : " (day before)";
  return [precision === "date" ? `${here.day} ${clock}` : clock, zoneName(date) + shift];
};

const fromStart = (date, precision, start) => {
  const seconds = Math.round((date - start) / 1000);
  const size = Math.abs(seconds);
  const days = Math.floor(size / 86_400);
  const clock = `${pad(Math.floor((size % 86_400) / 3600))}:${pad(Math.floor((size % 3600) / 60))}`;
  const text = `${seconds < 0 ? "−" : "+"}${days ? `${days} d ` : ""}${clock}${precision === "second" ? `:${pad(size % 60)}` : ""}`;
  return [text, "from start"];
};

class LocalTime extends HTMLElement {
  connectedCallback() {
    if (this.firstChild) return;
    this.start = this.dataset.start ? new Date(this.dataset.start) : null;
    const label = document.createElement("label");
    this.select = document.createElement("select");
    this.select.add(new Option("UTC", "utc"));
    this.select.add(new Option(`Yours, ${Intl.DateTimeFormat().resolvedOptions().timeZone}`, "mine"));
    if (this.start) this.select.add(new Option("From impact start", "start"));
    label.append("Times in ", this.select);
    this.append(label);
    const kept = this.kept();
    if ([...this.select.options].some((option) => option.value === kept)) this.select.value = kept;
    this.select.addEventListener("change", () => this.keep(this.select.value));
    this.again = () => this.show();
    document.addEventListener("afterword:swapped", this.again);
    this.show();
  }

  disconnectedCallback() {
    document.removeEventListener("afterword:swapped", this.again);
  }

  kept() {
    try {
      return localStorage.getItem(TIME_STORE) ?? "utc";
    } catch {
      return "utc";
    }
  }

  keep(value) {
    try {
      localStorage.setItem(TIME_STORE, value);
    } catch {
      // the choice then lasts for this page only
    }
    this.show();
  }

  show() {
    for (const time of document.querySelectorAll("time[datetime][data-at]")) {
      if (!asWritten.has(time)) asWritten.set(time, time.innerHTML);
      const date = new Date(time.dateTime);
      if (this.select.value === "utc" || Number.isNaN(date.getTime())) {
        time.innerHTML = asWritten.get(time);
        continue;
      }
      const precision = time.dataset.at || "second";
      const [text, zone] = this.select.value === "start" ? fromStart(date, precision, this.start) : inZone(date, precision);
      const small = Object.assign(document.createElement("span"), { className: "z", textContent: zone });
      time.replaceChildren(`${"about" in time.dataset ? "≈ " : ""}${text} `, small);
    }
  }
}

customElements.define("local-time", LocalTime);
