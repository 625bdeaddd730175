// Counts the characters of a text near its limit ([data-most]), and says when they are too many.
(() => {
  const NEAR = 0.9;
  const TEXTS = "textarea[data-most], input[data-most]";
  const number = (one) => one.toLocaleString(document.documentElement.lang || undefined);

  const counter = (field) => {
    if (field.nextElementSibling?.matches("[data-counter]")) return field.nextElementSibling;
    const made = document.createElement("span");
    Object.assign(made, { className: "counter quiet small", role: "status" });
    made.dataset.counter = "";
    field.after(made);
    return made;
  };

  const count = (field) => {
    const most = Number(field.dataset.most);
    const length = [...field.value].length;
    if (length < most * NEAR && !field.nextElementSibling?.matches("[data-counter]")) return;
    const shown = counter(field);
    shown.textContent = length < most * NEAR ? "" : `${number(length)} / ${number(most)}`;
    shown.classList.toggle("over", length > most);
  };

  document.addEventListener("input", (event) => event.target.matches(TEXTS) && count(event.target));
  for (const name of ["htmx:load", "answers:restored"]) {
    document.addEventListener(name, (event) =>
      (event.detail?.elt || event.target).querySelectorAll(TEXTS).forEach(count));
  }
})();
