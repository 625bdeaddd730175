// Keeps what was filled in on this device until it is sent; the name holds place and fence.
(() => {
  const PREFIX = "draft:";
  const AT = " kept at";
  const BY = " kept by";
  const LONGEST = 7 * 24 * 3600 * 1000;
  const UNKEPT = "[type=hidden]:not([name$='-seconds']), [type=submit], [data-undrafted]";
  // Another tab may have the same place open: a page heeds its own words, and drops no others.
  const here = Math.random().toString(36);
  const ours = new Set([here]);
  const opened = new Set();
  const living = new Map();
  const nameOf = (form) => PREFIX + form.dataset.draft;
  const fields = (form) => [...form.elements].filter((one) => one.name && !one.matches(UNKEPT));

  const save = (form) => {
    const kept = { [AT]: Date.now(), [BY]: here };
    for (const one of fields(form)) {
      if (one.type !== "radio" && one.type !== "checkbox") kept[one.name] = one.value;
      else if (one.checked) kept[one.name] = one.value;
    }
    living.set(nameOf(form), kept);
    try {
      localStorage.setItem(nameOf(form), JSON.stringify(kept));
    } catch {
      return; // Full or forbidden: the page works without drafts, and claims none.
    }
    const state = form.querySelector("[data-state]");
    if (state) state.textContent = state.dataset.drafted;
  };

  const read = (name) => JSON.parse(localStorage.getItem(name) || "null");

  // What is stored counts when a page first shows the place; later its own field does.
  const keptFor = (form) => {
    const place = form.dataset.draft.split(":")[0];
    const isFirst = !opened.has(place);
    opened.add(place);
    const kept = isFirst ? read(nameOf(form)) : living.get(nameOf(form));
    if (kept) living.set(nameOf(form), kept);
    if (kept) ours.add(kept[BY]);
    return kept;
  };

  const restore = (form) => {
    const kept = keptFor(form);
    if (!kept || form.querySelector(".errorlist")) return;
    for (const one of fields(form)) {
      if (!(one.name in kept) || (one.value && one.closest("[data-composer]"))) continue;
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
      // What came back from the server, refused or taken back, is not kept there.
      if (form.matches("[data-composer]") && fields(form).some((one) => one.defaultValue)) save(form);
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.requestConfig.elt; // By now it has left the page.
    // A refusal is swapped in too, and htmx counts it as success; only 2xx says it was taken.
    const isTaken = event.detail.successful && event.detail.xhr.status < 300;
    if (!form.dataset?.draft || !isTaken) return;
    living.delete(nameOf(form));
    if (ours.has(read(nameOf(form))?.[BY])) localStorage.removeItem(nameOf(form));
  });
  // Signing out leaves nothing behind on a shared device.
  if (document.querySelector("[data-clear-drafts]")) clear(() => true);
  // The browser's own copy of a page that was sent already would be stale.
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
