// A form with data-confirm="What will happen" asks once in a native dialog before it is sent; the button
// says data-confirm-go. Without JavaScript the server's own confirmation page asks.
const ask = (words, go) =>
  new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.innerHTML = `<form method="dialog"><h2 id="confirm-title"></h2>
      <div class="bar"><button class="btn" value="no" autofocus>Leave as it is</button><button class="btn harm" value="yes"></button></div></form>`;
    dialog.setAttribute("aria-labelledby", "confirm-title");
    dialog.querySelector("h2").textContent = words;
    dialog.querySelector("[value=yes]").textContent = go;
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const words = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!words || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  if (!(await ask(words, submitter?.dataset.confirmGo ?? form.dataset.confirmGo ?? submitter?.textContent ?? "Do it"))) return submitter?.focus();
  form.dataset.confirmed = "1";
  form.requestSubmit(submitter);
  delete form.dataset.confirmed;
}, true);
