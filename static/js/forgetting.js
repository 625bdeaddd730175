// Leaves nothing of one person on a device to the next: drafts and what waits to be sent go when
// somebody signs out ([data-clear-drafts]), and when others come back ([data-people] names them).
(() => {
  const KINDS = { "draft:": " kept of", "unsent:": "person" };
  const people = document.querySelector("[data-people]")?.dataset.people.split(" ");
  const isLeft = Boolean(document.querySelector("[data-clear-drafts]"));

  const isSomebodyElses = (name, field) => {
    const person = JSON.parse(localStorage.getItem(name) || "{}")[field];
    return people && person && !people.includes(person);
  };

  for (const name of Object.keys(localStorage)) {
    const kind = Object.keys(KINDS).find((one) => name.startsWith(one));
    if (kind && (isLeft || isSomebodyElses(name, KINDS[kind]))) localStorage.removeItem(name);
  }
  // Nor does the browser's own copy of a page, shown again after somebody left.
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
