// <md-preview data-url="/preview"> around a textarea: tabs Write and Preview. Preview posts the text to
// our own server and shows the HTML it answers, which the server has already cleaned.
class MdPreview extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector(".field") ?? this.querySelector("textarea");
    this.text = this.querySelector("textarea");
    if (!this.text || !this.dataset.url || this.tabs) return;
    const id = this.text.id || `md-${Math.random().toString(36).slice(2)}`;
    this.page = document.createElement("div");
    Object.assign(this.page, { className: "prose", hidden: true, id: `${id}-preview`, tabIndex: 0 });
    this.page.setAttribute("role", "tabpanel");
    this.page.setAttribute("aria-label", "Preview");
    this.tabs = document.createElement("div");
    this.tabs.className = "tabs";
    this.tabs.setAttribute("role", "tablist");
    this.tabs.setAttribute("aria-label", "Write or preview");
    for (const name of ["Write", "Preview"]) {
      const tab = Object.assign(document.createElement("button"), { type: "button", textContent: name });
      tab.setAttribute("role", "tab");
      if (name === "Preview") tab.setAttribute("aria-controls", this.page.id);
      tab.addEventListener("click", () => this.show(name === "Preview"));
      this.tabs.append(tab);
    }
    this.tabs.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      event.preventDefault();
      this.show(this.page.hidden);
      this.tabs.querySelector("[aria-selected=true]").focus();
    });
    this.prepend(this.tabs);
    this.append(this.page);
    this.mark(false);
  }

  mark(preview) {
    [...this.tabs.children].forEach((tab, index) => {
      const on = (index === 1) === preview;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    });
    this.field.hidden = preview;
    this.page.hidden = !preview;
  }

  async show(preview) {
    this.mark(preview);
    if (!preview) return this.text.focus();
    this.page.textContent = "…";
    try {
      const response = await fetch(this.dataset.url, {
        method: "POST",
        headers: { Accept: "text/html", "X-CSRF": document.querySelector('meta[name="csrf"]')?.content ?? "" },
        body: new URLSearchParams({ text: this.text.value }),
      });
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      this.page.innerHTML = (await response.text()) || "<p>Nothing written yet.</p>";
    } catch (error) {
      this.page.textContent = `No preview: ${error.message}. Your text is untouched.`;
    }
  }
}

customElements.define("md-preview", MdPreview);
