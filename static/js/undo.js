// [data-undo] takes back what was last changed on the screen, step by step; with nothing to take
// back it leads to the answers just sent ([data-undo-sent]), or rests where there are none.
(() => {
  const MOST = 200;
  let past = [];
  let before = new Map();
  const form = () => document.querySelector("form[data-draft][data-submits]");
  const fieldsOf = (name) => [...(form()?.elements || [])].filter((one) => one.name === name);
  const isChoice = (one) => one.type === "radio" || one.type === "checkbox";
  const valueOf = (name) => {
    const all = fieldsOf(name);
    return all.some(isChoice) ? all.find((one) => one.checked)?.value ?? null : all[0]?.value ?? null;
  };
  const allow = () => {
    const button = document.querySelector("[data-undo]");
    if (button) button.disabled = !past.length && !document.querySelector("[data-undo-sent]");
  };
  const look = () => {
    allow();
    before = new Map();
    for (const one of form()?.elements || []) if (one.name && !before.has(one.name)) before.set(one.name, valueOf(one.name));
  };

  const put = (name, value) => {
    const all = fieldsOf(name);
    for (const one of all) {
      if (isChoice(one)) one.checked = one.value === value;
      else one.value = value ?? "";
    }
    const field = all.find((one) => one.checked) || all[0];
    if (!field) return;
    const card = field.closest("details[data-card]");
    if (card) card.open = true;
    before.set(name, value);
    field.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "undo" }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus({ preventScroll: true });
    field.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("input", (event) => {
    const { name } = event.target;
    if (!name || event.target.form !== form() || event.detail === "undo") return;
    const last = past.at(-1);
    const isTyping = last?.name === name && !isChoice(event.target);
    if (!isTyping) past.push({ form: form(), name, value: before.get(name) ?? null });
    past = past.slice(-MOST);
    before.set(name, valueOf(name));
    allow();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-undo]")) return;
    const last = past.pop();
    if (last) put(last.name, last.value);
    else document.querySelector("[data-undo-sent]")?.click();
    allow();
  });
  document.addEventListener("answers:restored", look);
  document.addEventListener("htmx:load", () => {
    if (past.length && past[0].form === form()) return; // Answered before all was loaded.
    past = [];
    look();
  });
})();
