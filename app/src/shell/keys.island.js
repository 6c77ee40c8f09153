// Keys for every page. A page declares its own with data-key="e" on a link or button (the key clicks
// it), and data-keys="m=Next phase|u=Undo" where another island listens; "?" lists them all. Keys are
// off inside text and can be switched off for this browser (WCAG 2.1.4).
const STORE = "afterword.keys";
const keysOn = () => {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
};

const inText = (target) =>
  target.isContentEditable || !!target.closest?.("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");

const seen = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const firstSeen = (selector) => [...document.querySelectorAll(selector)].find(seen);
const named = (element) => (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\s+/g, " ");

// The rows of a list: j and k put the focus on the row's first link, so Enter opens it by itself.
const moveRow = (step) => {
  const rows = [...document.querySelectorAll("[data-row]")].filter(seen);
  if (rows.length === 0) return false;
  const at = rows.findIndex((row) => row.classList.contains("on"));
  const to = rows[Math.max(0, Math.min(rows.length - 1, at + step))] ?? rows[0];
  for (const row of rows) row.classList.toggle("on", row === to);
  to.scrollIntoView({ block: "nearest" });
  (to.querySelector("a[href], button") ?? to).focus({ preventScroll: true });
  return true;
};

const listed = () => {
  const keys = [["?", "These keys"], ["/", "Filter or search"], ["Ctrl K", "Go, do, find"]];
  for (const link of document.querySelectorAll("[data-go]")) keys.push([`g ${link.dataset.go}`, `Go to ${link.firstElementChild?.nextSibling?.textContent.trim() ?? named(link)}`]);
  if (document.querySelector("[data-row]")) keys.push(["j k", "Next and previous row"], ["Enter", "Open the row"]);
  for (const element of document.querySelectorAll("[data-keys]")) {
    for (const pair of element.dataset.keys.split("|")) keys.push(pair.split("="));
  }
  for (const element of document.querySelectorAll("[data-key]")) keys.push([element.dataset.key, named(element)]);
  keys.push(["Esc", "Leave a field, close a dialog"]);
  return keys;
};

const help = () => {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "keys-title");
  dialog.innerHTML = `<h2 id="keys-title">Keys on this page</h2><dl class="keys"></dl>
    <div class="bar"><label class="check"><input type="checkbox"> Single keys do something</label>
    <form method="dialog" class="push"><button class="btn">Close</button></form></div>`;
  const list = dialog.querySelector("dl");
  for (const [keys, does] of listed()) {
    const term = document.createElement("dt");
    for (const key of keys.split(" ")) term.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
    list.append(term, Object.assign(document.createElement("dd"), { textContent: does }));
  }
  const box = dialog.querySelector("input");
  box.checked = keysOn();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(STORE, box.checked ? "on" : "off");
    } catch {
      // storage is forbidden here: keys stay on
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};

let went = 0; // when "g" was pressed

const act = (event) => {
  const { key } = event;
  if (event.timeStamp - went < 1200) {
    went = 0;
    const link = [...document.querySelectorAll("[data-go]")].find((each) => each.dataset.go === key);
    if (link) return link.click(), true;
  }
  if (key === "?") return help(), true;
  if (key === "g") return (went = event.timeStamp), true;
  if (key === "j" || key === "k") return moveRow(key === "j" ? 1 : -1);
  if (key === "/") {
    const field = firstSeen(".filter input[type=search]") ?? firstSeen(".find input");
    return field ? (field.focus(), field.select(), true) : false;
  }
  const own = firstSeen(`[data-key="${CSS.escape(key)}"]`);
  return own ? (own.matches("input, textarea") ? own.focus() : own.click(), true) : false;
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.matches?.("textarea") && event.target.form) {
    event.preventDefault();
    return event.target.form.requestSubmit();
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    if (inText(event.target)) event.target.blur();
    for (const row of document.querySelectorAll("[data-row].on")) row.classList.remove("on");
    return;
  }
  if (inText(event.target) || document.querySelector("dialog[open]")) return;
  if (!keysOn() && event.key !== "?") return;
  if (act(event)) event.preventDefault();
});
