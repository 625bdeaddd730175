// Brings drafts of a form with [data-keeps-at] to the server, where other devices find them.
// A draft is written only over the one it knows: where another page was first, that is offered.
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
    if (choices) choices.hidden = !fields;
    if (fields) tell("elsewhere");
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
    if (isNewer) offer(said.fields);
    else if (answer.ok) tell(isWanted ? "saving" : "kept");
    else tell({ 404: "out", 410: "gone" }[answer.status] || "drafted");
    if (answer.ok) form.dispatchEvent(new CustomEvent("draft:known", { bubbles: true }));
  };

  const ask = async (form, isLeaving = false) => {
    clearTimeout(timer);
    if (!form || isAsking) return void (isWanted = true);
    isWanted = false;
    isAsking = true;
    const known = JSON.parse(form.dataset.drafted);
    if (!isLeaving) tell("saving");
    try {
      const headers = { "X-CSRFToken": token(), Accept: "application/json" };
      const answer = await fetch(form.dataset.keepsAt, {
        method: "POST", body: bodyOf(form, known), headers, keepalive: isLeaving,
      });
      if (form.isConnected) await heed(form, answer);
    } catch {
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

  document.addEventListener("draft:kept", (event) => event.target.matches("[data-keeps-at]") && later());
  document.addEventListener("draft:other", (event) => offer(event.detail));
  document.addEventListener("click", (event) => {
    const form = current();
    if (!event.target.closest("[data-other]") || !form || !other) return;
    const fields = other;
    offer(null);
    form.dispatchEvent(new CustomEvent("draft:put", { bubbles: true, detail: fields }));
  });
  document.addEventListener("submit", () => { clearTimeout(timer); isWanted = false; }, true);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && timer && current()?.dataset.touched) ask(current(), true);
  });
  document.addEventListener("input", (event) => {
    if (event.target.form?.matches("[data-keeps-at]")) event.target.form.dataset.touched = "1";
  });
  window.addEventListener("online", () => current()?.dataset.touched && later());
})();
