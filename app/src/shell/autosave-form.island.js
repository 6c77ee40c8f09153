// <autosave-form> around a form with one textarea and data-version: saves 1.2 s after the last key, or on
// Ctrl+S, with If-Match. Until the server has said "saved" the text is also kept in this browser. On 409
// or 412 ({error, theirs, version}) both versions are shown and a person chooses; nothing is overwritten.
const made = (tag, props, ...children) => {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children);
  return element;
};

class AutosaveForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.querySelector("textarea");
    if (!this.form || !this.text) return;
    this.status = this.querySelector(".saved") ?? this.form.appendChild(made("p", { className: "saved" }));
    this.status.setAttribute("role", "status");
    this.saved = this.text.value;
    this.version = this.form.dataset.version ?? "";
    this.store = `afterword.draft:${this.form.action}#${this.text.name}`;
    this.text.addEventListener("input", () => this.later());
    this.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
      event.preventDefault();
      this.save();
    });
    this.hide = () => document.visibilityState === "hidden" && this.save(true);
    document.addEventListener("visibilitychange", this.hide);
    this.offerKept();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.hide);
  }

  say(words, lost = false) {
    this.status.textContent = words;
    this.status.classList.toggle("lost", lost);
  }

  keep(text) {
    try {
      if (text === null) localStorage.removeItem(this.store);
      else localStorage.setItem(this.store, text);
      return true;
    } catch {
      return false;
    }
  }

  later() {
    this.kept = this.keep(this.text.value);
    clearTimeout(this.timer);
    if (this.conflict) return;
    this.say("Writing…");
    this.timer = setTimeout(() => this.save(), 1200);
  }

  async save(leaving = false) {
    clearTimeout(this.timer);
    const text = this.text.value;
    if (this.conflict || text === this.saved) return;
    if (this.busy) return void (this.again = true);
    [this.busy, this.again] = [true, false];
    this.say("Saving…");
    try {
      const response = await fetch(this.form.action, {
        method: (this.form.dataset.method ?? this.form.method).toUpperCase(),
        keepalive: leaving,
        headers: { Accept: "application/json", "If-Match": `"${this.version}"`, "X-CSRF": document.querySelector('meta[name="csrf"]')?.content ?? "" },
        body: new URLSearchParams(new FormData(this.form)),
      });
      const answer = await response.json().catch(() => ({}));
      if (response.status === 409 || response.status === 412) this.choose(text, answer);
      else if (!response.ok || response.redirected) this.failed(answer.error ?? answer.detail);
      else this.done(text, answer);
    } catch {
      this.failed();
    }
    this.busy = false;
    if (this.again) this.save();
  }

  done(text, answer) {
    this.saved = text;
    this.version = String(answer.version ?? this.version);
    this.form.dataset.version = this.version;
    if (this.text.value === text) this.keep(null);
    this.say(answer.said ?? `Saved ${new Date().toISOString().slice(11, 16)} UTC`);
  }

  failed(reason) {
    const kept = this.kept === false ? "Copy your text before you leave." : "Your text is kept here.";
    this.say(`Could not save${reason ? `: ${reason}` : ""}. ${kept}`, true);
    this.timer = setTimeout(() => this.save(), 15_000);
  }

  choose(mine, { error, theirs = "", version }) {
    this.conflict = true;
    this.say("Not saved yet: choose below", true);
    const button = (label, text, go) => {
      const choice = made("button", { type: "button", className: go ? "btn go" : "btn", textContent: label });
      choice.addEventListener("click", () => this.settle(panel, text, version, label === "Take theirs"));
      return choice;
    };
    const side = (title, text) => made("div", {}, made("h3", { textContent: title }), made("div", { className: "prose", textContent: text, tabIndex: 0 }));
    const panel = made("div", { className: "conflict" },
      made("p", { className: "note care" }, error ?? "Somebody saved this while you were writing. Nothing is lost; choose what stands."),
      made("div", { className: "compare" }, side("Yours", mine), side("Saved meanwhile", theirs)),
      made("div", { className: "bar" }, button("Keep mine", () => this.text.value), button("Take theirs", () => theirs), button("Edit both", () => `${theirs}\n\n${this.text.value}`, true)));
    panel.setAttribute("role", "group");
    panel.setAttribute("aria-label", "Two versions");
    this.form.append(panel);
    panel.querySelector("button").focus();
  }

  settle(panel, text, version, same) {
    panel.remove();
    this.conflict = false;
    this.version = String(version ?? this.version);
    this.text.value = text();
    this.saved = same ? this.text.value : null;
    this.text.focus();
    if (same) this.done(this.text.value, { version: this.version, said: "Theirs stands" });
    else this.later();
  }

  // Text from an earlier visit that never reached the server.
  offerKept() {
    let kept = null;
    try {
      kept = localStorage.getItem(this.store);
    } catch {
      return;
    }
    if (kept === null || kept === this.text.value) return void this.keep(null);
    const note = made("div", { className: "note care" }, "Text you wrote here earlier did not reach the server.");
    const bring = made("button", { type: "button", className: "btn small", textContent: "Bring it back" });
    const drop = made("button", { type: "button", className: "btn small quiet", textContent: "Discard it" });
    bring.addEventListener("click", () => (note.remove(), (this.text.value = kept), this.later(), this.text.focus()));
    drop.addEventListener("click", () => (note.remove(), this.keep(null), this.text.focus()));
    note.append(bring, drop);
    this.form.prepend(note);
  }
}

customElements.define("autosave-form", AutosaveForm);
