// <section-keys> around the sections of a draft: [ and ] go to the text of the previous and the next
// one, opening it where it is folded. A link to a folded section (#sum) opens it too.
class SectionKeys extends HTMLElement {
  connectedCallback() {
    this.dataset.keys = "[=Previous section|]=Next section";
    this.press = (event) => this.key(event);
    this.follow = () => this.open(location.hash.slice(1));
    document.addEventListener("keydown", this.press);
    addEventListener("hashchange", this.follow);
    this.follow();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.press);
    removeEventListener("hashchange", this.follow);
  }

  open(id) {
    const section = id && this.querySelector(`#${CSS.escape(id)}`);
    if (!section) return null;
    for (let fold = section.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    section.scrollIntoView({ block: "start" });
    return section;
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "[" && event.key !== "]") return;
    if (event.target.closest?.("textarea, select, input") || document.querySelector("dialog[open]")) return;
    try {
      if (localStorage.getItem("afterword.keys") === "off") return;
    } catch {
      // storage is forbidden here: keys stay on
    }
    const sections = [...this.querySelectorAll("form.sec")];
    const to = this.at === undefined ? 0 : this.at + (event.key === "]" ? 1 : -1);
    this.at = Math.max(0, Math.min(sections.length - 1, to));
    const section = sections[this.at] && this.open(sections[this.at].id);
    if (!section) return;
    event.preventDefault();
    // The heading takes the focus, so that the same keys go on from here; Tab goes into the text.
    const heading = section.querySelector("h2");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}

customElements.define("section-keys", SectionKeys);
