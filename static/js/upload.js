// A file on its way: refused here if it is too large, else a bar that tells how far it is.
(() => {
  const parts = (form) => ({ bar: form.querySelector("[data-bar]"), status: form.querySelector("[data-status]") });

  const say = (form, words, percent) => {
    const { bar, status } = parts(form);
    status.hidden = false;
    if (status.textContent !== words) status.textContent = words;
    bar.hidden = percent === undefined;
    if (percent === null) bar.removeAttribute("value");
    else if (percent !== undefined) bar.value = percent;
  };

  const formOf = (event) => event.target.closest?.("[data-upload]");

  document.addEventListener("change", (event) => {
    const form = formOf(event);
    if (!form || event.target.type !== "file") return;
    const isTooLarge = [...event.target.files].some((file) => file.size > Number(form.dataset.most));
    event.target.setCustomValidity(isTooLarge ? form.dataset.tooLarge : "");
    event.target.reportValidity();
  });

  document.addEventListener("htmx:xhr:progress", (event) => {
    const form = formOf(event);
    if (!form || !event.detail.total) return;
    const percent = Math.floor((100 * event.detail.loaded) / event.detail.total);
    // The announced words change every ten per cent only, so that a screen reader can follow.
    const told = String(percent - (percent % 10));
    if (percent < 100) say(form, form.dataset.sending.replace("{percent}", told), percent);
    else say(form, form.dataset.reading, null);
  });

  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(failure, (event) => {
      const form = formOf(event);
      if (form) say(form, form.dataset.lost);
    });
  }

  document.addEventListener("htmx:afterSwap", () => document.querySelector("[data-upload] [data-faults]")?.focus());
})();
