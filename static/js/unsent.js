// Keeps a submission of [data-waits] that did not get through, and sends it by itself later: under
// the same key, so that it is stored once. While it waits the form rests.
(() => {
  const PREFIX = "unsent:";
  const PASSING = new Set([0, 403, 404, 429, 502, 503, 504]);
  const AWAY = new Set([403, 404]);
  const REFUSED = new Set([400, 413]); // For good: sent again, it is refused again.
  const [FIRST, LONGEST] = [2_000, 60_000];
  let [pause, timer, isSending] = [FIRST, 0, false];
  const token = () => document.cookie.match(/(?:^|;\s*)(?:__Host-)?csrf=([^;]+)/)?.[1] || "";
  const person = () => document.querySelector("[data-person]")?.dataset.person || "";
  const tell = (key, more) => document.dispatchEvent(new CustomEvent("state:tell", { detail: { key, more } }));
  const read = (name) => JSON.parse(localStorage.getItem(name) || "null");
  const names = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  const formOf = (draft) => [...document.querySelectorAll("form[data-waits]")].find((one) => one.dataset.draft === draft);

  const rest = (form, isResting) => {
    form.inert = isResting;
    const choices = document.querySelector("[data-waiting-choices]");
    if (!choices) return;
    choices.hidden = !isResting;
    if (isResting) choices.querySelector("button").focus();
  };

  const keep = (form, config) => {
    const body = new URLSearchParams(config.formData);
    body.delete("csrfmiddlewaretoken");
    const kept = { path: config.path, body: body.toString(), draft: form.dataset.draft, person: person() };
    localStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify(kept));
    rest(form, true);
  };

  const again = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(flush, seconds ? seconds * 1000 : pause);
    pause = Math.min(pause * 2, LONGEST);
  };

  // An answer: the task comes in its place, or a line where another task is shown by now.
  const settle = (name, kept, answer, text) => {
    localStorage.removeItem(name);
    const form = formOf(kept.draft);
    if (form && REFUSED.has(answer.status)) return void (rest(form, false), tell("refused"));
    if (answer.ok) document.dispatchEvent(new CustomEvent("answers:sent", { detail: { draft: kept.draft } }));
    const target = form && document.getElementById("task");
    if (target) htmx.swap(target, text, { swapStyle: "outerHTML" }, { eventInfo: { target } });
    else tell(answer.ok ? "sent" : "lost", answer.ok ? "" : new URLSearchParams(kept.body).getAll("comment").join(" "));
  };

  const send = async (name) => {
    const kept = read(name);
    let answer = { status: 0, ok: false };
    let text = "";
    try {
      const headers = { "X-CSRFToken": token(), "HX-Request": "true" };
      answer = await fetch(kept.path, { method: "POST", body: new URLSearchParams(kept.body), headers });
      text = await answer.text();
    } catch { /* Not connected: it goes on waiting. */ }
    if (answer.ok || !PASSING.has(answer.status)) return settle(name, kept, answer, text);
    tell(AWAY.has(answer.status) ? "out" : "waiting");
    if (!AWAY.has(answer.status)) again(Number(answer.headers?.get("Retry-After")) || 0);
  };

  const flush = async () => {
    if (isSending || !person()) return;
    isSending = true;
    for (const name of names()) await send(name);
    isSending = false;
  };
  const now = () => { pause = FIRST; flush(); };

  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, ({ detail: { requestConfig: config, xhr } }) => {
      const status = xhr?.status || 0;
      if (!config?.elt?.matches?.("[data-waits]")) return;
      if (config.parameters.action !== "submit" || !PASSING.has(status)) return tell(REFUSED.has(status) ? "refused" : "failed");
      keep(config.elt, config);
      tell(AWAY.has(status) ? "out" : "waiting");
      if (status === 403) now(); // Most likely a token from before somebody signed in again.
      else if (status !== 404) again(Number(xhr?.getResponseHeader("Retry-After")) || 0);
    });
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-send-now]")) now();
    const form = event.target.closest("[data-change-waiting]") && document.querySelector("form[data-waits][inert]");
    if (!form) return;
    localStorage.removeItem(PREFIX + form.dataset.draft);
    rest(form, false);
    tell("drafted");
  });
  document.addEventListener("htmx:load", () => names().length && !isSending && now());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && names().length && now());
  window.addEventListener("online", now);
  // Another tab has sent it: here, too, it goes on.
  window.addEventListener("storage", (event) => {
    const draft = event.newValue ? "" : event.key?.startsWith(PREFIX) && event.key.slice(PREFIX.length);
    if (draft && formOf(draft)?.inert) location.reload();
  });
})();
