// A panel ([data-panel]) that somebody opens comes into view with its first field focused; Escape
// closes it again.
(() => {
  document.addEventListener("click", (event) => {
    const panel = event.target.closest("[data-panel] > summary")?.parentElement;
    if (!panel || panel.open) return;
    panel.addEventListener("toggle", () => {
      panel.scrollIntoView({ block: "nearest" });
      panel.querySelector("select, textarea, input")?.focus({ preventScroll: true });
    }, { once: true });
  });
  document.addEventListener("keydown", (event) => {
    const panel = event.key === "Escape" && event.target.closest("[data-panel][open]");
    if (!panel) return;
    panel.open = false;
    panel.querySelector("summary").focus();
  });
})();
