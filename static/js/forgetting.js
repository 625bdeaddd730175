// Leaves nothing of one person on a device to the next: drafts and what waits to be sent go when
// somebody signs out ([data-clear-drafts]), and when others come back ([data-people] names them).
// Their other pages ([data-somebody], [data-person]) hear of it, write nothing from then on, and make
// way. Where a session ended by itself nobody signed out: what was answered stays until they are back.
(() => {
  const KINDS = { "draft:": " kept of", "unsent:": "person" };
  const [LEFT, BACK] = ["signed-out", "come-back"];
  const SIGNS = ["storage", "focus", "pageshow", "visibilitychange"];
  const WRITING = ["input", "change", "click", "keydown", "submit", "draft:put"];
  const SENDING = ["htmx:load", "htmx:beforeRequest", "htmx:sendError", "htmx:timeout", "htmx:responseError"];
  const people = document.querySelector("[data-people]")?.dataset.people.split(" ");
  const isSomebody = document.body.hasAttribute("data-somebody");

  const isSomebodyElses = (name, field) => {
    const person = JSON.parse(localStorage.getItem(name) || "{}")[field];
    return people && person && !people.includes(person);
  };
  const forget = (isAll) => {
    for (const name of Object.keys(localStorage)) {
      const kind = Object.keys(KINDS).find((one) => name.startsWith(one));
      if (kind && (isAll || isSomebodyElses(name, KINDS[kind]))) localStorage.removeItem(name);
    }
  };

  if (document.querySelector("[data-clear-drafts]")) {
    localStorage.setItem(LEFT, Date.now() + Math.random().toString(36));
    history.replaceState(null, "", location.pathname); // Loaded again, it is nobody's signing out.
  }
  const left = localStorage.getItem(LEFT);
  if (isSomebody && left) localStorage.setItem(BACK, left);
  forget(!isSomebody && left && localStorage.getItem(BACK) !== left);
  if (!isSomebody) return;

  let isOthers = false;
  const makeWay = (event) => {
    if (localStorage.getItem(LEFT) === left && !isOthers) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    location.replace("/?signed_out=elsewhere");
  };
  for (const name of [...SIGNS, ...WRITING, ...SENDING]) window.addEventListener(name, makeWay, true);
  const here = new BroadcastChannel("people");
  here.addEventListener("message", (event) => {
    const person = document.querySelector("[data-person]")?.dataset.person;
    isOthers = Boolean(person) && !event.data.includes(person);
    makeWay(event);
  });
  if (people) here.postMessage(people);
  // Nor does the browser's own copy of a page, shown again after somebody left.
  window.addEventListener("pageshow", (event) => event.persisted && people && location.reload());
})();
