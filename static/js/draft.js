// Keeps what was filled in on this device until it is sent; the name holds place and fence.
// A page whose form says [data-drafted] knows what the server keeps. That is shown, unless it is an
// earlier word of this very device: what was answered here since then is newer.
(() => {
  const PREFIX = "draft:";
  // forgetting.js goes by whom it is kept of, filling.js by when.
  const [AT, BY, OF, VERSION, SENT] = [" kept at", " kept by", " kept of", " knows version", " sent"];
  const MOST_SENT = 3;
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
  const sentOf = (form) => living.get(nameOf(form))?.[SENT] || [];
  const isChoice = (one) => one.type === "radio" || one.type === "checkbox";
  const read = (name) => JSON.parse(localStorage.getItem(name) || "null");
  const onServer = (form) => JSON.parse(form.dataset.drafted || '{"version": 0, "fields": null}');
  // own_words.js knows answers again: they differ by more than by the time that passed.
  const isAmong = (form, some, there) =>
    !form.dispatchEvent(new CustomEvent("draft:whose", { bubbles: true, cancelable: true, detail: { some, there } }));
  const isFromHere = (form, kept, there) => isAmong(form, [kept, ...(kept?.[SENT] || [])], there);
  const put = (form, some) => form.dispatchEvent(new CustomEvent("draft:fill", { bubbles: true, detail: some }));
  const say = (form, name) => form.dispatchEvent(new CustomEvent(name, { bubbles: true }));

  // Full or forbidden: the page works without drafts, and claims none.
  const store = (name, kept) => {
    try { localStorage.setItem(name, JSON.stringify(kept)); } catch { return false; }
    return true;
  };

  const save = (form) => {
    const kept = { [AT]: Date.now(), [BY]: here, [OF]: person() };
    Object.assign(kept, { [VERSION]: onServer(form).version, [SENT]: sentOf(form) });
    for (const one of fields(form)) if (!isChoice(one) || one.checked) kept[one.name] = one.value;
    living.set(nameOf(form), kept);
    say(form, store(nameOf(form), kept) ? "draft:kept" : "draft:unkept");
  };

  // What came of sending it stands beside the words it is about, not beside another tab's.
  const note = (form, values) => {
    const [kept, stored] = [living.get(nameOf(form)), read(nameOf(form))];
    if (kept) Object.assign(kept, values);
    if (kept && stored?.[BY] === kept[BY] && stored[AT] === kept[AT]) store(nameOf(form), kept);
  };

  // What is stored counts when a page first shows the place; later its own field does.
  const keptFor = (form) => {
    const [place] = form.dataset.draft.split(":");
    const isFirst = !opened.has(place) && opened.add(place);
    const kept = isFirst ? read(nameOf(form)) : living.get(nameOf(form));
    if (kept) living.set(nameOf(form), kept);
    return kept && ours.add(kept[BY]) && kept;
  };

  const restore = (form) => {
    const kept = keptFor(form);
    const { fields: there, version } = onServer(form);
    // What came back refused holds what was sent: only what was answered since is newer.
    if (form.querySelector(".errorlist")) return void (kept?.[AT] > sentAt && put(form, kept));
    const isOlder = kept && there && (kept[VERSION] || 0) < version && !isFromHere(form, kept, there);
    if (isOlder) form.dispatchEvent(new CustomEvent("draft:other", { bubbles: true, detail: kept }));
    if (kept && !isOlder) put(form, kept);
    else if (there) put(form, there);
    if (kept && !isOlder && !isAmong(form, [kept], there)) say(form, "draft:kept");
  };

  const forget = (name) => {
    living.delete(name);
    if (ours.has(read(name)?.[BY])) localStorage.removeItem(name);
  };

  document.addEventListener("input", (event) => event.target.form?.dataset.draft && save(event.target.form));
  document.addEventListener("draft:put", ({ target, detail }) => { put(target, detail); save(target); });
  document.addEventListener("draft:sent", ({ target, detail }) =>
    note(target, { [SENT]: [...sentOf(target), detail].slice(-MOST_SENT) }));
  document.addEventListener("draft:known", (event) => note(event.target, { [VERSION]: onServer(event.target).version }));
  document.addEventListener("draft:newer", (event) =>
    isFromHere(event.target, living.get(nameOf(event.target)), event.detail) && event.preventDefault());
  document.addEventListener("htmx:load", (event) => {
    for (const form of event.detail.elt.querySelectorAll("form[data-draft]")) {
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
})();
