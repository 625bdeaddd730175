// Keeps what was filled in on this device until it is sent; the name holds place and fence.
(() => {
  const PREFIX = "draft:";
  const AT = " kept at";
  const LONGEST = 7 * 24 * 3600 * 1000;
  const UNKEPT = "[type=hidden]:not([name$='-seconds']), [type=submit], [data-undrafted]";
  const nameOf = (form) => PREFIX + form.dataset.draft;
  const fields = (form) => [...form.elements].filter((one) => one.name && !one.matches(UNKEPT));

  const save = (form) => {
    const kept = { [AT]: Date.now() };
    for (const one of fields(form)) {
      if (one.type !== "radio" && one.type !== "checkbox") kept[one.name] = one.value;
      else if (one.checked) kept[one.name] = one.value;
    }
    try {
      localStorage.setItem(nameOf(form), JSON.stringify(kept));
    } catch {
      return; // Full or forbidden: the page works without drafts, and claims none.
    }
    const state = form.querySelector("[data-state]");
    if (state) state.textContent = state.dataset.drafted;
  };

  const read = (name) => JSON.parse(localStorage.getItem(name) || "null");

  const restore = (form) => {
    const kept = read(nameOf(form));
    if (!kept || form.querySelector(".errorlist")) return;
    for (const one of fields(form)) {
      if (!(one.name in kept)) continue;
      if (one.type === "radio" || one.type === "checkbox") one.checked = one.value === kept[one.name];
      else one.value = kept[one.name];
    }
    form.dispatchEvent(new CustomEvent("answers:restored", { bubbles: true }));
  };

  const clear = (matches) => {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(PREFIX) && matches(name)) localStorage.removeItem(name);
    }
  };

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.dataset.draft) save(form);
  });
  document.addEventListener("htmx:load", (event) => {
    for (const form of event.detail.elt.querySelectorAll("form[data-draft]")) {
      clear((name) => Date.now() - read(name)[AT] > LONGEST);
      restore(form);
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.requestConfig.elt; // By now it has left the page.
    // A refusal is swapped in too, and htmx counts it as success; only 2xx says it was taken.
    const isTaken = event.detail.successful && event.detail.xhr.status < 300;
    if (form.dataset?.draft && isTaken) localStorage.removeItem(nameOf(form));
  });
  // Signing out leaves nothing behind on a shared device.
  if (document.querySelector("[data-clear-drafts]")) clear(() => true);
  // The browser's own copy of a page that was sent already would be stale.
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
