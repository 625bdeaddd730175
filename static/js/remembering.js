// A disclosure with [data-remembers] stays as its reader left it, on the next task too.
(() => {
  const PREFIX = "open:";
  const isOpen = (one) => localStorage.getItem(PREFIX + one.dataset.remembers) === "1";
  document.addEventListener("htmx:load", (event) => {
    for (const one of event.detail.elt.querySelectorAll("details[data-remembers]")) one.open = isOpen(one);
  });
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("details[data-remembers]")) return;
    localStorage.setItem(PREFIX + event.target.dataset.remembers, event.target.open ? "1" : "0");
  }, true);
})();
