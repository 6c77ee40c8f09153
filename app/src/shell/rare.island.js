// Islands that few pages need come when a page has their element; `rare` says where they are. They come
// as elements, so that the page counts as loaded when they are there.
const brought = new Set();
const bring = () => {
  for (const [name, src] of Object.entries(rare)) {
    if (brought.has(name) || !document.querySelector(name)) continue;
    brought.add(name);
    document.head.append(Object.assign(document.createElement("script"), { type: "module", src }));
  }
};
bring();
document.addEventListener("afterword:swapped", bring);
