// Says in [data-state] how it stands with the answers: whoever knows tells by "state:tell".
(() => {
  const CLAIMS = ["drafted", "failed", "offline", "out", "refused"]; // That it is kept on this device.
  let isKept = true;
  const tell = (told, more = "") => {
    const key = !isKept && CLAIMS.includes(told) ? "unkept" : told;
    const state = document.querySelector("[data-state]");
    if (state && key in state.dataset) state.textContent = [state.dataset[key], more].filter(Boolean).join(" ");
    else if (state && !key) state.textContent = "";
  };
  const failed = (event) => {
    if (event.target.matches?.("[data-waits]")) return; // unsent.js keeps it and says so.
    tell(navigator.onLine ? "failed" : "offline");
  };

  document.addEventListener("state:tell", (event) => tell(event.detail.key, event.detail.more));
  document.addEventListener("draft:kept", () => { isKept = true; tell("drafted"); });
  document.addEventListener("draft:unkept", () => { isKept = false; tell("unkept"); });
  document.addEventListener("htmx:load", () => { isKept = true; });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-submits]")) tell("saving");
  });
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(name, failed);
  }
  window.addEventListener("offline", () => tell("offline"));
  window.addEventListener("online", () => tell(""));
})();
