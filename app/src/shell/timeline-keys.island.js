// <timeline-keys> around the two panes of curation. Each [data-evidence-id] has plain forms marked
// data-do="promote|phase|undo" and a checkbox data-do="select"; here they are sent by fetch (with
// X-Fragment: 1) and each element of the answer takes the place of the one with its id or evidence id. A
// .toast in the answer is shown. Without JavaScript the same forms reload the page. No key waits for the
// server: what keys ask for is sent in their order, one after the other, each as the page is by then.
class TimelineKeys extends HTMLElement {
  connectedCallback() {
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey, true);
    document.addEventListener("submit", this.onSubmit = (event) => {
      if (event.defaultPrevented || !event.target.matches("form[data-do]") || !(this.contains(event.target) || event.target.closest(".toast"))) return;
      event.preventDefault();
      const { target, submitter } = event;
      this.later(() => target.isConnected && this.send(target, submitter));
      if (target.dataset.do === "promote") this.move(1, true);
    });
    // Who leaves while something is still to be sent leaves when it is.
    document.addEventListener("click", this.onClick = (event) => {
      const link = event.target.closest?.("a[href]");
      if (!this.waiting || !link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.later(() => setTimeout(() => link.click()));
    }, true);
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
    document.removeEventListener("click", this.onClick, true);
  }

  get items() {
    return [...this.querySelectorAll("[data-evidence-id]")];
  }

  mark(item) {
    if (!item) return;
    this.at = item.dataset.evidenceId;
    for (const each of this.items) each.classList.toggle("on", each === item);
  }

  item(id) {
    return this.items.find((item) => item.dataset.evidenceId === id);
  }

  get current() {
    return this.item(this.at);
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
    const { at } = this;
    const find = (what) => this.item(at)?.querySelector(`[data-do="${what}"]`);
    const ask = (what) => this.later(() => this.send(find(what)));
    const edit = () => (find("edit") ?? this.entry(at)?.querySelector('[data-do="edit"]'))?.click();
    const acts = {
      j: () => this.move(1),
      k: () => this.move(-1),
      Enter: () => {
        if (!find("promote")) return;
        ask("promote");
        this.move(1, true);
      },
      m: () => ask("phase"),
      e: () => this.later(() => setTimeout(edit)),
      u: () => this.later(() => this.send(document.querySelector('.toast [data-do="undo"]') ?? this.querySelector('form[data-do="undo"]'))),
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

  // The timeline entry that a piece of evidence is on: its item links to it.
  entry(id) {
    const link = this.item(id)?.querySelector('a[href^="#"]');
    return link && document.getElementById(link.hash.slice(1));
  }

  // Does it when its turn has come.
  later(act) {
    this.waiting = (this.waiting ?? 0) + 1;
    const done = () => (this.waiting -= 1);
    this.turn = (this.turn ?? Promise.resolve()).then(act).then(done, done);
  }

  async send(form, submitter) {
    if (!form) return;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "text/html", "X-Fragment": "1", "X-CSRF": document.querySelector('meta[name="csrf"]')?.content ?? "" },
        body: new URLSearchParams(new FormData(form, submitter?.isConnected ? submitter : null)),
      });
      const type = response.headers.get("content-type") ?? "";
      if (!response.ok) return this.toast(await this.reason(response, type));
      if (response.redirected) return void location.assign(response.url);
      this.swap(await response.text());
    } catch {
      this.toast("The server could not be reached. Nothing was changed.");
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
      const old = evidenceId ? this.item(evidenceId) : part.id && document.getElementById(part.id);
      const scroll = old?.scrollTop;
      const hadFocus = evidenceId && old?.contains(document.activeElement);
      old?.replaceWith(part);
      if (hadFocus) (part.tabIndex = -1), part.focus({ preventScroll: true });
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
