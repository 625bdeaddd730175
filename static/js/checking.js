// Looks at answers before they leave the device, as the site does when they arrive: no required one
// may be missing ([data-required]), no text too long ([data-most]). The first that is wrong says so
// and takes the focus. Whoever goes on from a card hears the same of that card.
(() => {
  const LOOKED_AT = "fieldset.question[data-required], textarea[data-most], input[data-most]";
  const words = () => document.querySelector("[data-state]").dataset;
  const number = (one) => one.toLocaleString(document.documentElement.lang || undefined);
  const isChoice = (one) => one.type === "radio" || one.type === "checkbox";
  const controlsOf = (question) => [...question.querySelectorAll("textarea, input:not([type=range])")];

  const sentence = (one) => {
    if (one.closest("fieldset.question")?.hidden) return "";
    if (one.matches("fieldset")) {
      const isAnswered = (each) => (isChoice(each) ? each.checked : each.value.trim());
      return controlsOf(one).some(isAnswered) ? "" : words().missing;
    }
    const [length, most] = [[...one.value].length, Number(one.dataset.most)];
    if (length <= most) return "";
    return words().tooLong.replace("{length}", number(length)).replace("{most}", number(most));
  };

  const clear = (one) => {
    const list = one && document.getElementById(`${one.id}_looked_at`);
    if (!list) return;
    list.remove();
    one.removeAttribute("aria-invalid");
    one.removeAttribute("aria-describedby");
    if (list.dataset.described) one.setAttribute("aria-describedby", list.dataset.described);
  };

  const complain = (one, text) => {
    clear(one);
    const list = document.createElement("ul");
    Object.assign(list, { id: `${one.id}_looked_at`, className: "errorlist" });
    list.append(Object.assign(document.createElement("li"), { textContent: text }));
    list.dataset.described = one.getAttribute("aria-describedby") || "";
    one.setAttribute("aria-describedby", `${list.id} ${list.dataset.described}`.trim());
    one.setAttribute("aria-invalid", "true");
    if (one.matches("fieldset")) one.querySelector("legend").after(list);
    else one.before(list);
  };

  const show = (one) => {
    for (const folded of [one.closest("details[data-card]"), one.closest("details.aside")]) {
      if (folded) folded.open = true;
    }
    const control = one.matches("fieldset") ? controlsOf(one)[0] : one;
    control.focus({ preventScroll: true });
    one.scrollIntoView({ block: "center" });
  };

  // Says what is wrong within `part`; whether anything is.
  const isWrong = (part) => {
    const wrong = [...part.querySelectorAll(LOOKED_AT)]
      .filter((one) => one.closest("[data-card]")).map((one) => [one, sentence(one)]).filter(([, text]) => text);
    for (const [one, text] of wrong) complain(one, text);
    if (wrong.length) show(wrong[0][0]);
    return wrong.length > 0;
  };

  const stop = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  document.addEventListener("card:step", (event) => {
    if (event.detail.by > 0 && isWrong(event.target)) stop(event);
  }, true);
  document.addEventListener("click", (event) => {
    const form = event.target.closest("button[data-next]")?.closest("form[data-submits]");
    if (form && isWrong(form)) stop(event);
  }, true);
  document.addEventListener("answers:restored", (event) =>
    event.target.querySelectorAll(LOOKED_AT).forEach(clear));
  for (const name of ["input", "change"]) {
    document.addEventListener(name, ({ target }) => {
      clear(target.closest("fieldset.question"));
      if (target.matches("[data-most]") && !sentence(target)) clear(target);
    });
  }
})();
