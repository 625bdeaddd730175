// Brings drafts of a form with [data-keeps-at] to the server, where other devices find them.
// A draft is written only over the one it knows: where another device was first, that is offered.
// [data-unkept] says that something was answered that no request has taken along.
(() => {
  const PAUSE = 900;
  let timer = 0;
  let isAsking = false;
  let isWanted = false;
  let other = null;
  const token = () => document.cookie.match(/(?:^|;\s*)(?:__Host-)?csrf=([^;]+)/)?.[1] || "";
  const tell = (key) => document.dispatchEvent(new CustomEvent("state:tell", { detail: { key } }));
  const current = () => document.querySelector("form[data-keeps-at]:not([inert])");

  const offer = (fields) => {
    other = fields;
    const choices = document.querySelector("[data-other-choices]");
    if (!choices) return;
    choices.hidden = !fields;
    choices.querySelector("[data-other]").hidden = !Object.keys(fields || {}).length; // Gone on, there.
  };

  const bodyOf = (form, known) => {
    const body = new URLSearchParams(new FormData(form));
    for (const name of ["csrfmiddlewaretoken", "key", "action"]) body.delete(name);
    body.set("version", known.version);
    return body;
  };

  const heed = async (form, answer) => {
    const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    const isNewer = answer.status === 409;
    if (answer.ok || isNewer) form.dataset.drafted = JSON.stringify({ version: said.version, fields: null });
    const isFromHere = isNewer
      && !form.dispatchEvent(new CustomEvent("draft:newer", { bubbles: true, cancelable: true, detail: said.fields }));
    if (isFromHere) isWanted = true; // What a page before this one sent as it was left.
    else if (isNewer) {
      offer(said.fields);
      tell("drafted");
    } else if (answer.ok) tell(isWanted ? "saving" : "kept");
    else tell({ 404: "out", 410: "gone" }[answer.status] || "drafted");
    if (answer.ok) form.dispatchEvent(new CustomEvent("draft:known", { bubbles: true }));
    else if (!isNewer) form.dataset.unkept = "1";
  };

  const ask = async (form, isLeaving = false) => {
    clearTimeout(timer);
    if (!form || isAsking) return void (isWanted = true);
    isWanted = false;
    isAsking = true;
    delete form.dataset.unkept;
    const body = bodyOf(form, JSON.parse(form.dataset.drafted));
    form.dispatchEvent(new CustomEvent("draft:sent", { bubbles: true, detail: Object.fromEntries(body) }));
    if (!isLeaving) tell("saving");
    try {
      const headers = { "X-CSRFToken": token(), Accept: "application/json" };
      const answer = await fetch(form.dataset.keepsAt, {
        method: "POST", body, headers, keepalive: isLeaving,
      });
      if (form.isConnected) await heed(form, answer);
    } catch {
      form.dataset.unkept = "1";
      if (form.isConnected) tell(navigator.onLine ? "drafted" : "offline");
    } finally {
      isAsking = false;
    }
    if (isWanted) ask(current());
  };

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask(current()), PAUSE);
  };

  document.addEventListener("draft:kept", ({ target: form }) => {
    if (!form.matches("[data-keeps-at]")) return;
    form.dataset.unkept = "1";
    later();
  });
  document.addEventListener("draft:other", (event) => offer(event.detail));
  document.addEventListener("click", (event) => {
    const form = current();
    if (!event.target.closest("[data-other]") || !form || !other) return;
    const fields = other;
    offer(Object.fromEntries(new FormData(form))); // Both stay within reach.
    form.dispatchEvent(new CustomEvent("draft:put", { bubbles: true, detail: fields }));
  });
  document.addEventListener("submit", () => { clearTimeout(timer); isWanted = false; }, true);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && current()?.dataset.unkept) ask(current(), true);
  });
  window.addEventListener("online", () => current()?.dataset.unkept && later());
})();
