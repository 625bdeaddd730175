// Says in [data-state] whether answers are on their way, or why they are not.
(() => {
  const tell = (key) => {
    const state = document.querySelector("[data-state]");
    if (state) state.textContent = key ? state.dataset[key] : "";
  };
  const failed = () => tell(navigator.onLine ? "failed" : "offline");

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-submits]")) tell("saving");
  });
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(name, failed);
  }
  window.addEventListener("offline", () => tell("offline"));
  window.addEventListener("online", () => tell(""));
})();
