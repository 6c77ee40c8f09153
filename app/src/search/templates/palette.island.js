// Ctrl-K (⌘K): go, do, people, and a search as you type. A combobox with a list box, so that a screen
// reader hears what is chosen; without JavaScript the frame's search box is a plain form.
const WAIT = 120; // ms after the last key
const HEADS = { go: "Go to", do: "Do", person: "People", incident: "Incidents" };

let open = null;

const element = (name, attributes = {}, text = "") => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
};

class Palette {
  constructor() {
    this.dialog = element("dialog", { class: "palette", "aria-label": "Go, do, find" });
    this.input = element("input", {
      type: "search", role: "combobox", "aria-label": "Go, do, find", "aria-expanded": "true",
      "aria-controls": "palette-list", "aria-autocomplete": "list", autocomplete: "off",
      placeholder: "Go, do, find …", maxlength: "300", enterkeyhint: "go",
    });
    this.list = element("ul", { id: "palette-list", role: "listbox", "aria-label": "Offers" });
    this.said = element("p", { class: "help", role: "status" });
    this.dialog.append(this.input, this.list, this.said);
    this.input.addEventListener("input", () => this.later());
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.dialog.addEventListener("close", () => {
      this.asked?.abort();
      this.dialog.remove();
      open = null;
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.ask();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    const typed = this.input.value;
    try {
      const answer = await fetch(`/api/v1/search/suggest?q=${encodeURIComponent(typed)}`, {
        signal: asked.signal, headers: { accept: "application/json" },
      });
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.detail ?? "The search does not answer.");
      this.show(body.offers, typed.trim());
    } catch (error) {
      if (error.name === "AbortError") return;
      this.show([], typed.trim());
      this.said.textContent = error instanceof TypeError ? "The server does not answer." : error.message;
    }
  }

  show(offers, typed) {
    this.list.replaceChildren();
    let head = "";
    const all = [...offers];
    if (typed) all.push({ kind: "incident", label: `Search everything for “${typed}”`, note: "", url: `/search?q=${encodeURIComponent(typed)}` });
    all.forEach((offer, n) => {
      if (HEADS[offer.kind] !== head) {
        head = HEADS[offer.kind];
        this.list.append(element("li", { role: "presentation", class: "head" }, head));
      }
      const item = element("li", { role: "option", id: `offer-${n}`, "aria-selected": "false" }, offer.label);
      if (offer.note) item.append(element("small", {}, offer.note));
      item.addEventListener("click", () => this.go(offer.url));
      item.addEventListener("pointermove", () => this.at !== n && this.choose(n));
      item.url = offer.url;
      this.list.append(item);
    });
    const found = this.options().length;
    this.said.textContent = found ? `${found} ${found === 1 ? "offer" : "offers"}; arrows choose, Enter opens` : "Nothing begins so.";
    this.choose(0);
  }

  options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  choose(at) {
    const options = this.options();
    if (options.length === 0) return this.input.removeAttribute("aria-activedescendant");
    this.at = (at + options.length) % options.length;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === this.at)));
    const chosen = options[this.at];
    this.input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.choose((this.at ?? 0) + step);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const chosen = this.options()[this.at ?? 0];
      if (chosen) this.go(chosen.url);
    }
  }

  go(url) {
    this.dialog.close();
    location.assign(url);
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (!document.querySelector(".frame")) return;
  event.preventDefault();
  if (open) return open.dialog.close();
  if (!document.querySelector("dialog[open]")) open = new Palette();
});
