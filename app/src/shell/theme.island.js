// Theme and density, kept in this browser. Loaded as a plain script in <head>, so that the choice is
// there before the first paint; <theme-switch> draws the two selects once the page has parsed.
(() => {
  const root = document.documentElement;
  const known = {
    theme: { label: "Theme", choices: { system: "As the system", light: "Light", dark: "Dark" } },
    density: { label: "Density", choices: { roomy: "Roomy", compact: "Compact" } },
  };

  const read = (name) => {
    try {
      return localStorage.getItem(`afterword.${name}`);
    } catch {
      return null; // storage may be forbidden; the page then follows the system
    }
  };

  const keep = (name, value) => {
    try {
      localStorage.setItem(`afterword.${name}`, value);
    } catch {
      // the choice then lasts for this page only
    }
  };

  const apply = (name, value) => {
    const [unset] = Object.keys(known[name].choices);
    if (value && value !== unset && value in known[name].choices) root.dataset[name] = value;
    else delete root.dataset[name];
  };

  for (const name of Object.keys(known)) apply(name, read(name));

  // Another tab chose: follow it.
  addEventListener("storage", (event) => {
    const name = event.key?.replace("afterword.", "");
    if (name in known) apply(name, event.newValue);
  });

  class ThemeSwitch extends HTMLElement {
    connectedCallback() {
      if (this.firstChild) return;
      for (const [name, { label, choices }] of Object.entries(known)) {
        const select = document.createElement("select");
        select.setAttribute("aria-label", this.dataset[name] ?? label);
        for (const [value, text] of Object.entries(choices)) {
          select.add(new Option(text, value, false, root.dataset[name] === value));
        }
        select.addEventListener("change", () => {
          keep(name, select.value);
          apply(name, select.value);
        });
        this.append(select);
      }
    }
  }

  customElements.define("theme-switch", ThemeSwitch);
})();
