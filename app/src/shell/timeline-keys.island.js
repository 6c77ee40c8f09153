// <timeline-keys> around the two panes of curation. Each [data-evidence-id] has plain forms marked
// data-do="promote|phase|undo" and a checkbox data-do="select"; here they are sent by fetch (with
// X-Fragment: 1) and each element of the answer takes the place of the one with its id or evidence id. A
// .toast in the answer is shown. Without JavaScript the same forms reload the page.
class TimelineKeys extends HTMLElement {
  connectedCallback() {
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey, true);
    document.addEventListener("submit", this.onSubmit = (event) => {
      if (event.defaultPrevented || !event.target.matches("form[data-do]") || !(this.contains(event.target) || event.target.closest(".toast"))) return;
      event.preventDefault();
      this.send(event.target, event.submitter);
    });
    this.addEventListener("focusin", (event) => this.mark(event.target.closest("[data-evidence-id]")));
    // A # in the address takes the focus away once the page is loaded, so this comes after.
    const begin = () => setTimeout(() => this.begin());
    if (document.readyState === "complete") begin();
    else window.addEventListener("load", begin, { once: true });
  }

  // Where the server says that the keys were, they go on; a form that is open comes first.
  begin() {
    const item = this.querySelector(".item.on[data-evidence-id]");
    this.mark(item);
    const field = this.querySelector(".item.edit [autofocus]");
    if (field) return field.focus();
    if (!item) return;
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    const pane = item.closest(".pane");
    if (pane) pane.scrollTop = item.offsetTop - pane.offsetTop - pane.clientHeight / 3;
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey, true);
    document.removeEventListener("submit", this.onSubmit);
  }

  get items() {
    return [...this.querySelectorAll("[data-evidence-id]")];
  }

  mark(item) {
    if (!item) return;
    this.at = item.dataset.evidenceId;
    for (const each of this.items) each.classList.toggle("on", each === item);
  }

  get current() {
    return this.items.find((item) => item.dataset.evidenceId === this.at);
  }

  move(step, skipUsed = false) {
    const items = this.items;
    let to = items.indexOf(this.current) + step;
    while (skipUsed && items[to]?.classList.contains("used")) to += step;
    const item = items[Math.max(0, Math.min(items.length - 1, to))];
    if (!item) return;
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
    this.mark(item);
  }

  key(event) {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (target.closest?.("textarea, select, input:not([type=checkbox])") || target.isContentEditable || this.off()) return;
    if (event.key === "Enter" && target.closest?.("a, button, summary, label")) return;
    const find = (what) => this.current?.querySelector(`[data-do="${what}"]`);
    const acts = {
      j: () => this.move(1),
      k: () => this.move(-1),
      Enter: () => find("promote")?.requestSubmit(),
      m: () => find("phase")?.requestSubmit(),
      e: () => (find("edit") ?? this.entry()?.querySelector('[data-do="edit"]'))?.click(),
      u: () => (document.querySelector('.toast [data-do="undo"]') ?? this.querySelector('form[data-do="undo"]'))?.requestSubmit(),
      x: () => find("select")?.click(),
    };
    if (!Object.hasOwn(acts, event.key) || (event.key === "Enter" && !this.current)) return;
    event.preventDefault();
    acts[event.key]();
  }

  off() {
    try {
      return localStorage.getItem("afterword.keys") === "off";
    } catch {
      return false;
    }
  }

  // The timeline entry that the current evidence is on: its item links to it.
  entry() {
    const link = this.current?.querySelector('a[href^="#"]');
    return link && document.getElementById(link.hash.slice(1));
  }

  async send(form, submitter) {
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    try {
      const response = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "text/html", "X-Fragment": "1", "X-CSRF": document.querySelector('meta[name="csrf"]')?.content ?? "" },
        body: new URLSearchParams(new FormData(form, submitter)),
      });
      const type = response.headers.get("content-type") ?? "";
      if (!response.ok) return this.toast(await this.reason(response, type));
      if (response.redirected) return void location.assign(response.url);
      this.swap(await response.text());
      if (form.dataset.do === "promote") this.move(1, true);
    } catch {
      this.toast("The server could not be reached. Nothing was changed.");
    } finally {
      delete form.dataset.busy;
    }
  }

  async reason(response, type) {
    const body = type.includes("json") ? await response.json().catch(() => ({})) : {};
    return body.error ?? body.detail ?? `Not done: the server answered ${response.status}. Nothing was changed.`;
  }

  swap(html) {
    const answer = document.createElement("template");
    answer.innerHTML = html;
    for (const part of [...answer.content.children]) {
      if (part.matches(".toast")) {
        this.toast(...part.childNodes);
        continue;
      }
      const { evidenceId } = part.dataset;
      const old = evidenceId ? this.items.find((item) => item.dataset.evidenceId === evidenceId) : part.id && document.getElementById(part.id);
      const scroll = old?.scrollTop;
      old?.replaceWith(part);
      if (scroll) part.scrollTop = scroll;
    }
    this.mark(this.current);
    document.dispatchEvent(new CustomEvent("afterword:swapped"));
  }

  toast(...said) {
    const toast = document.querySelector(".toast") ?? document.body.appendChild(Object.assign(document.createElement("div"), { className: "toast" }));
    toast.setAttribute("role", "status");
    toast.replaceChildren(...said);
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => toast.replaceChildren(), 8000);
  }
}

customElements.define("timeline-keys", TimelineKeys);
