// <upload-zone> around a form with <input type=file multiple>: files can be dropped on it, each is sent
// by itself with its progress and can be stopped, and the answer {ok, added, already, set_aside, url, error, said} is written
// beside its name. Without JavaScript the form sends them all and the server shows the result page.
const sentence = (answer) => {
  const said = [];
  if (answer.already) said.push(`${answer.already} already here`);
  if (answer.set_aside) said.push(`${answer.set_aside} set aside`);
  return said.join(", ");
};

class UploadZone extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.querySelector("input[type=file]");
    if (!this.form || !this.input) return;
    this.waiting = [];
    this.list = this.querySelector(".files");
    if (!this.list) {
      this.list = Object.assign(document.createElement("ul"), { className: "files" });
      this.form.append(this.list);
    }
    this.list.setAttribute("aria-live", "polite");
    const over = (event, on) => {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      this.form.classList.toggle("over", on);
    };
    this.addEventListener("dragenter", (event) => over(event, true));
    this.addEventListener("dragover", (event) => over(event, true));
    this.addEventListener("dragleave", (event) => this.contains(event.relatedTarget) || over(event, false));
    this.addEventListener("drop", (event) => {
      over(event, false);
      this.take(event.dataTransfer.files);
    });
    this.form.addEventListener("submit", (event) => {
      if (this.input.files.length === 0) return; // the form's own "required" says what is missing
      event.preventDefault();
      this.take(this.input.files);
      this.input.value = "";
    });
  }

  take(files) {
    for (const file of files) this.waiting.push([file, this.line(file)]);
    if (!this.busy) this.next();
  }

  line(file) {
    const item = document.createElement("li");
    const name = Object.assign(document.createElement("b"), { textContent: file.name });
    const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
    bar.setAttribute("aria-label", file.name);
    const said = Object.assign(document.createElement("small"), { textContent: "Waiting" });
    const stop = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: "Stop" });
    stop.setAttribute("aria-label", `Stop sending ${file.name}`);
    item.append(name, bar, said, stop);
    this.list.append(item);
    const line = { item, bar, said, stop };
    stop.addEventListener("click", () => this.stop(line));
    return line;
  }

  // Stops one that waits or is being sent: nothing of it stays anywhere.
  stop(line) {
    line.stopped = true;
    if (line.request) return line.request.abort();
    this.waiting = this.waiting.filter(([, other]) => other !== line);
    line.item.remove();
    return undefined;
  }

  // The server has all of it and reads; its own page shows how far, and stops it.
  reads(line) {
    line.stop.remove();
    line.said.textContent = "Reading it · ";
    line.said.append(Object.assign(document.createElement("a"), { href: this.form.action, textContent: "Watch or stop it" }));
  }

  // One after the other: the server answers each file before it gets the next.
  next() {
    const [file, line] = this.waiting.shift() ?? [];
    this.busy = !!file;
    if (!file) return;
    const body = new FormData(this.form);
    body.delete(this.input.name);
    body.append(this.input.name, file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", this.form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF", document.querySelector('meta[name="csrf"]')?.content ?? "");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      line.bar.value = (100 * event.loaded) / event.total;
      line.said.textContent = `${Math.round(line.bar.value)} %`;
    });
    request.upload.addEventListener("load", () => this.reads(line));
    request.addEventListener("loadend", () => {
      this.say(line, request, file);
      this.next();
    });
    line.said.textContent = "Sending";
    line.request = request;
    request.send(body);
  }

  say({ item, bar, said, stop, stopped }, request, file) {
    stop.remove();
    if (stopped) {
      bar.remove();
      said.textContent = "Stopped; nothing of it was taken. ";
      said.append(this.again(item, file));
      return;
    }
    let answer = null;
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      answer = null; // not ours: a proxy's page, or no answer at all
    }
    const ok = request.status >= 200 && request.status < 300 && answer?.ok !== false && answer !== null;
    const tag = Object.assign(document.createElement("span"), { className: `tag ${ok ? "calm" : "harm"}` });
    tag.textContent = !ok ? "not taken" : answer.said ? "waits" : `${answer.added ?? 0} added`;
    bar.replaceWith(tag);
    said.className = ok ? "" : "said-bad";
    said.textContent = ok ? answer.said ?? sentence(answer) : this.why(request, answer);
    if (answer?.url) said.append(said.textContent ? " · " : "", Object.assign(document.createElement("a"), { href: answer.url, textContent: answer.said ? "Choose" : "What arrived" }));
    if (!ok) said.append(" ", this.again(item, file));
  }

  again(item, file) {
    const again = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: "Try again" });
    again.addEventListener("click", () => {
      item.remove();
      this.take([file]);
    });
    return again;
  }

  why(request, answer) {
    if (answer?.error ?? answer?.detail) return answer.error ?? answer.detail;
    if (request.status === 0) return "The server could not be reached. The file is still on your computer.";
    return `The server answered ${request.status}. The file is still on your computer.`;
  }
}

customElements.define("upload-zone", UploadZone);
