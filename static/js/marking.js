// Lets words that are selected in a response be marked ([data-mark]); a text field keeps the marks.
(() => {
  // As passages.py reads it; words that somebody writes by hand never look like this.
  const PLACED = /^\[\[(\d+)-(\d+)\]\] “([\s\S]*)”$/;
  const SHORT = 60;
  const { isSelected, selected, rangesOf, wordsOf } = window.firsthandPassages;

  const listOf = (field) => field.querySelector("[data-passages-of]");
  const boxOf = (field) => field.querySelector("textarea");
  const fields = () => [...document.querySelectorAll("fieldset[data-kind=spans]")];
  const passageOf = (field) => document.querySelector(`[data-passage="${CSS.escape(field.dataset.passage)}"]`);

  const read = (field) => boxOf(field).value.split("\n").filter((line) => line.trim()).map((line) => {
    const placed = PLACED.exec(line.trim());
    return placed ? { line, start: Number(placed[1]), end: Number(placed[2]), words: placed[3] || line }
      : { line, start: 0, end: 0, words: line };
  });

  const write = (field, marks) => {
    const box = boxOf(field);
    box.value = marks.map((mark) => mark.line).join("\n");
    box.dispatchEvent(new Event("input", { bubbles: true }));
    show(field);
  };

  const chip = (field, mark) => {
    const item = document.createElement("li");
    const words = document.createElement("q");
    words.dir = "auto";
    words.textContent = mark.words;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "quiet";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `${listOf(field).dataset.remove}: ${mark.words}`);
    remove.addEventListener("click", () => write(field, read(field).filter((one) => one.line !== mark.line)));
    item.append(words, remove);
    return item;
  };

  const paint = () => {
    if (!CSS.highlights) return; // The list below says the same.
    const ranges = fields().filter(passageOf).flatMap((field) => rangesOf(passageOf(field), read(field)));
    CSS.highlights.set("marked", new Highlight(...ranges));
  };

  const show = (field) => {
    const marks = read(field);
    listOf(field).replaceChildren(...marks.map((mark) => chip(field, mark)));
    listOf(field).hidden = marks.length === 0;
    paint();
  };

  // Marks of one question never overlap: what touches becomes one. It says the words that it covers.
  const add = (field, { start, end }) => {
    const touching = (one) => one.end && one.start < end && one.end > start;
    const marks = read(field);
    const from = Math.min(start, ...marks.filter(touching).map((one) => one.start));
    const to = Math.max(end, ...marks.filter(touching).map((one) => one.end));
    const words = wordsOf(passageOf(field), { start: from, end: to });
    const short = words.length > SHORT ? `${words.slice(0, SHORT - 1)}…` : words;
    write(field, [...marks.filter((one) => !touching(one)), { line: `[[${from}-${to}]] “${short}”` }]);
  };

  document.addEventListener("selectionchange", () => {
    for (const bar of document.querySelectorAll("[data-marking]")) {
      bar.hidden = !isSelected(bar.parentElement.querySelector("[data-passage]"));
    }
  });
  // A press would take the selection away before it is heard.
  document.addEventListener("mousedown", (event) => event.target.closest("[data-mark]") && event.preventDefault());
  document.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-mark]");
    const letter = mark?.closest("[data-marking]").dataset.marking;
    const field = fields().find((one) => one.dataset.question === mark?.dataset.mark && one.dataset.passage === letter);
    const chosen = field && selected(passageOf(field));
    if (!chosen) return;
    const others = [...document.querySelectorAll(".said[data-passage]")].filter((one) => one !== passageOf(field));
    const note = field.querySelector("[data-cut]");
    note.textContent = others.some(selected) ? note.dataset.cut : "";
    add(field, chosen);
    document.getSelection().removeAllRanges();
  });
  document.addEventListener("change", (event) => {
    const field = event.target.closest?.("fieldset[data-kind=spans]");
    if (field) show(field);
  });
  document.addEventListener("answers:restored", () => fields().forEach(show));
  document.addEventListener("htmx:load", () => fields().forEach((field) => {
    const canSelect = Boolean(passageOf(field));
    field.querySelector("[data-typed]").open = !canSelect || field.hasAttribute("aria-invalid");
    field.querySelector("[data-selecting]").hidden = !canSelect;
    show(field);
  }));
})();
