// Keeps what was filled in on this device until it is sent; the name holds place and fence.
// A page whose form says [data-drafted] knows what the server keeps: the newer one is shown.
(() => {
  const PREFIX = "draft:";
  const [AT, BY, VERSION] = [" kept at", " kept by", " knows version"];
  const OF = " kept of"; // forgetting.js goes by it.
  const LONGEST = 7 * 24 * 3600 * 1000;
  const MEASURED = "[name$='-seconds'], [name$='-idle_seconds'], [name$='-pasted']";
  const UNKEPT = `[type=hidden]:not(${MEASURED}), [type=submit], [data-undrafted]`;
  // Another tab may have the same place open: a page heeds its own words, and drops no others.
  const here = Math.random().toString(36);
  const ours = new Set([here]);
  const opened = new Set();
  const living = new Map();
  let sentAt = 0;
  const person = () => document.querySelector("[data-person]")?.dataset.person || "";
  const nameOf = (form) => PREFIX + form.dataset.draft;
  const fields = (form) => [...form.elements].filter((one) => one.name && !one.matches(UNKEPT));
  const isChoice = (one) => one.type === "radio" || one.type === "checkbox";
  const read = (name) => JSON.parse(localStorage.getItem(name) || "null");
  const onServer = (form) => JSON.parse(form.dataset.drafted || '{"version": 0, "fields": null}');

  const save = (form) => {
    const kept = { [AT]: Date.now(), [BY]: here, [OF]: person(), [VERSION]: onServer(form).version };
    for (const one of fields(form)) if (!isChoice(one) || one.checked) kept[one.name] = one.value;
    living.set(nameOf(form), kept);
    // Full or forbidden: the page works without drafts, and claims none.
    try { localStorage.setItem(nameOf(form), JSON.stringify(kept)); } catch { return; }
    const state = form.querySelector("[data-state]") || document.querySelector("[data-state]");
    if (state) state.textContent = state.dataset.drafted;
    form.dispatchEvent(new CustomEvent("draft:kept", { bubbles: true }));
  };

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

  const put = (form, kept) => {
    for (const one of fields(form)) {
      if (isChoice(one)) one.checked = one.value === kept[one.name];
      else if (one.name in kept && !(one.value && one.closest("[data-composer]"))) one.value = kept[one.name];
    }
    form.dispatchEvent(new CustomEvent("answers:restored", { bubbles: true }));
  };

  const restore = (form) => {
    const kept = keptFor(form);
    const server = onServer(form);
    // What came back refused holds what was sent: only what was answered since is newer.
    if (form.querySelector(".errorlist")) return void (kept?.[AT] > sentAt && put(form, kept));
    const isOlder = kept && server.fields && (kept[VERSION] || 0) < server.version;
    if (isOlder) form.dispatchEvent(new CustomEvent("draft:other", { bubbles: true, detail: kept }));
    if (kept && !isOlder) put(form, kept);
    else if (server.fields) put(form, server.fields);
  };

  const clear = (matches) => {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(PREFIX) && matches(name)) localStorage.removeItem(name);
    }
  };
  const forget = (name) => {
    living.delete(name);
    if (ours.has(read(name)?.[BY])) localStorage.removeItem(name);
  };

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.dataset.draft) save(form);
  });
  document.addEventListener("draft:put", (event) => {
    put(event.target, event.detail);
    save(event.target);
  });
  document.addEventListener("htmx:load", (event) => {
    for (const form of event.detail.elt.querySelectorAll("form[data-draft]")) {
      clear((name) => Date.now() - read(name)[AT] > LONGEST);
      restore(form);
      // What came back from the server, refused or taken back, is not kept there.
      if (form.matches("[data-composer]") && fields(form).some((one) => one.defaultValue)) save(form);
    }
  });
  document.addEventListener("htmx:beforeRequest", () => { sentAt = Date.now(); });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.requestConfig.elt; // By now it has left the page.
    // A refusal is swapped in too, and htmx counts it as success; only 2xx says it was taken.
    if (form.dataset?.draft && event.detail.successful && event.detail.xhr.status < 300) forget(nameOf(form));
  });
  document.addEventListener("answers:sent", (event) => forget(PREFIX + event.detail.draft));
  // The browser's own copy of a page that was sent already would be stale.
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
