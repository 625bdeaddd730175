// A question asked of each response or attribute has one set of keys: they act on one at a time.
(() => {
  const isAnswered = (field) => Boolean(field.querySelector(":checked"));

  // The one that has the focus, until it is answered; then the first that is not.
  const activeOf = (fields) => {
    const here = fields.find((field) => field.contains(document.activeElement));
    const waiting = fields.find((field) => !isAnswered(field));
    return here && (!isAnswered(here) || !waiting) ? here : waiting || fields.at(-1);
  };

  const update = (card) => {
    const fields = [...card.querySelectorAll("fieldset[data-target]")].filter((one) => !one.hidden);
    const asked = new Set(fields.map((field) => field.dataset.question));
    for (const key of asked) {
      const places = fields.filter((field) => field.dataset.question === key);
      const active = activeOf(places);
      for (const field of places) field.toggleAttribute("data-resting", field !== active);
    }
  };
  const updateAll = (root) => root.querySelectorAll("[data-card]").forEach(update);

  for (const name of ["focusin", "change"]) {
    document.addEventListener(name, (event) => {
      const card = event.target.closest?.("[data-card]");
      if (card) update(card);
    });
  }
  document.addEventListener("answers:restored", (event) => updateAll(event.target));
  document.addEventListener("htmx:load", (event) => updateAll(event.detail.elt));
})();
