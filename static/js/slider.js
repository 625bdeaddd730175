// Shows the range beside a number field ([data-slider-for]) and keeps the two in step.
(() => {
  const numberOf = (range) => document.getElementById(range.dataset.sliderFor);

  document.addEventListener("htmx:load", (event) => {
    for (const range of event.detail.elt.querySelectorAll("[data-slider-for]")) {
      range.hidden = false;
      if (numberOf(range).value) range.value = numberOf(range).value;
    }
  });
  document.addEventListener("input", (event) => {
    const changed = event.target;
    if (changed.matches("[data-slider-for]")) {
      numberOf(changed).value = changed.value;
      return;
    }
    const range = changed.id && document.querySelector(`[data-slider-for="${CSS.escape(changed.id)}"]`);
    if (range && changed.value) range.value = changed.value;
  });
})();
