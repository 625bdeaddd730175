// Shows a question only after the answers under which it is asked ([data-asked-if]).
(() => {
  const answer = (form, name) => {
    const control = form.elements.namedItem(name);
    return control ? control.value : "";
  };

  const applies = (form, field) =>
    Object.entries(JSON.parse(field.dataset.askedIf)).every(([name, values]) => {
      const waited = form.elements.namedItem(name);
      const first = waited instanceof RadioNodeList ? waited[0] : waited;
      const isAsked = !first?.closest("fieldset.question")?.hidden;
      return isAsked && values.map(String).includes(answer(form, name));
    });

  const update = (form) => {
    for (const field of form.querySelectorAll("[data-asked-if]")) {
      field.hidden = !applies(form, field);
    }
  };

  document.addEventListener("change", (event) => {
    if (event.target.form) update(event.target.form);
  });
  document.addEventListener("answers:restored", (event) => update(event.target));
  document.addEventListener("htmx:load", (event) => {
    for (const form of event.detail.elt.querySelectorAll("form[data-submits]")) update(form);
  });
})();
