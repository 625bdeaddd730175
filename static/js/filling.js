// Puts a draft's answers into its form; drafts that nobody has sent for a week leave the device.
(() => {
  const LONGEST = 7 * 24 * 3600 * 1000;
  const isChoice = (one) => one.type === "radio" || one.type === "checkbox";

  document.addEventListener("draft:fill", ({ target: form, detail: kept }) => {
    for (const one of [...form.elements].filter((any) => any.name)) {
      if (isChoice(one)) one.checked = one.value === kept[one.name];
      else if (one.name in kept && !(one.value && one.closest("[data-composer]"))) one.value = kept[one.name];
    }
    form.dispatchEvent(new CustomEvent("answers:restored", { bubbles: true }));
  });

  // The browser's own copy of a page that was sent already would be stale.
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  const isOld = (name) => Date.now() - JSON.parse(localStorage.getItem(name))[" kept at"] > LONGEST;
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith("draft:") && isOld(name)) localStorage.removeItem(name);
  }
})();
