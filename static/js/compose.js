// In [data-composer], Enter sends and Shift+Enter begins a new line; the cursor stays in the field.
(() => {
  const isTouched = matchMedia("(pointer: coarse)").matches;
  const fieldOf = (root) => root?.querySelector?.("[data-composer] textarea");
  let kept = null;

  document.addEventListener("keydown", (event) => {
    const form = event.target.matches("textarea") && event.target.closest("[data-composer]");
    const isPlain = !event.shiftKey && !event.altKey && !event.isComposing;
    if (!form || event.key !== "Enter" || !isPlain || (isTouched && !event.ctrlKey)) return;
    event.preventDefault();
    if (!form.querySelector("button").disabled) form.requestSubmit();
  });

  // The part around the field is replaced when a reply is over: who is writing goes on writing.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const field = fieldOf(event.detail.target);
    const isOurs = field && document.activeElement === field;
    const isSent = event.detail.requestConfig?.elt?.matches("[data-composer]");
    kept = isOurs || isSent ? { start: field?.selectionStart, end: field?.selectionEnd, isSent } : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const field = fieldOf(document);
    if (!kept || !field) return;
    field.focus({ preventScroll: !kept.isSent });
    if (!kept.isSent) field.setSelectionRange(kept.start, kept.end);
    kept = null;
  });

  document.addEventListener("htmx:load", (event) => {
    const hint = event.detail.elt.querySelector?.("[data-composer] [data-keys]");
    if (hint) hint.hidden = isTouched;
  });
})();
