// <kept-note data-store="INC-42"> around the note form: what is typed is kept in this browser until the
// server has it. Without a connection the note waits here with the time it was written, and is sent when
// the connection is back. Without JavaScript the form is sent as it is.
class KeptNote extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.querySelector("textarea");
    this.at = this.form?.querySelector("[name=at]");
    if (!this.form || !this.text) return;
    this.store = `afterword.note:${this.dataset.store}`;
    this.status = Object.assign(document.createElement("p"), { className: "saved" });
    this.status.setAttribute("role", "status");
    this.form.append(this.status);
    this.bringBack();
    this.text.addEventListener("input", () => this.keep());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.online = () => this.waits && this.send();
    addEventListener("online", this.online);
  }

  disconnectedCallback() {
    removeEventListener("online", this.online);
  }

  keep() {
    try {
      if (this.text.value) localStorage.setItem(this.store, JSON.stringify({ text: this.text.value, at: this.at?.value ?? "" }));
      else localStorage.removeItem(this.store);
    } catch {
      // storage may be forbidden; the text then lives as long as the page
    }
  }

  bringBack() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.store) ?? "null");
      if (!kept?.text || this.text.value) return;
      this.text.value = kept.text;
      if (this.at) this.at.value = kept.at ?? "";
      this.status.textContent = "Written before and not sent yet.";
    } catch {
      // nothing to bring back
    }
  }

  async send() {
    if (this.busy) return;
    this.busy = true;
    this.status.classList.remove("lost");
    this.status.textContent = "Saving…";
    try {
      const response = await fetch(this.form.action, {
        method: "POST",
        redirect: "manual",
        headers: { Accept: "application/json", "X-CSRF": document.querySelector('meta[name="csrf"]')?.content ?? "" },
        body: new URLSearchParams(new FormData(this.form)),
      });
      if (response.type === "opaqueredirect" || response.ok) {
        this.text.value = "";
        this.keep();
        location.reload();
        return;
      }
      const said = await response.json().catch(() => ({}));
      this.fail(said.detail ?? `The server answered ${response.status}.`, false);
    } catch {
      // The moment of writing is the moment that counts, not that of sending.
      if (this.at && !this.at.value) this.at.value = `${new Date().toISOString().slice(0, 19).replace("T", " ")} UTC`;
      this.fail("No connection. It is sent when the connection is back.", true);
    }
    this.busy = false;
  }

  fail(why, waits) {
    this.keep();
    this.waits = waits;
    this.status.textContent = `Not saved yet: ${why} The text is kept on this device.`;
    this.status.classList.add("lost");
  }
}

customElements.define("kept-note", KeptNote);
