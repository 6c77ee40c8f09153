// <copy-text data-text="…" data-label="Copy link">, or for="id" of the element whose text it is: one button. Where the browser forbids the clipboard
// (plain http), the text appears selected in a field instead. Without JavaScript nothing is drawn.
class CopyText extends HTMLElement {
  connectedCallback() {
    if (this.firstChild) return;
    this.label = this.dataset.label ?? "Copy link";
    this.text = this.dataset.text ?? document.getElementById(this.getAttribute("for"))?.textContent.trim() ?? "";
    this.button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: this.label });
    this.said = Object.assign(document.createElement("span"), { className: "vh" });
    this.said.setAttribute("role", "status");
    this.button.addEventListener("click", () => this.copy());
    this.append(this.button, this.said);
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.text);
    } catch {
      const field = Object.assign(document.createElement("input"), { value: this.text, readOnly: true });
      field.setAttribute("aria-label", this.label);
      this.button.replaceWith(field);
      return field.select();
    }
    this.button.textContent = this.said.textContent = "Copied";
    setTimeout(() => {
      this.button.textContent = this.label;
      this.said.textContent = "";
    }, 2000);
  }
}

customElements.define("copy-text", CopyText);
