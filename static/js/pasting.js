// Counts, per card, the characters that came into its text fields by pasting or dropping.
(() => {
  const TEXT = "textarea, input[type=text]";
  const count = (event, text) => {
    if (!event.target.matches?.(TEXT)) return;
    const input = event.target.closest("[data-card]")?.querySelector("input[type=hidden][name$='-pasted']");
    if (input && text) input.value = Number(input.value || 0) + [...text].length;
  };
  document.addEventListener("paste", (event) => count(event, event.clipboardData?.getData("text/plain")), true);
  document.addEventListener("drop", (event) => count(event, event.dataTransfer?.getData("text/plain")), true);
})();
