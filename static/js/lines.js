// Enter in a line of its own ([data-line]) presses the form's first button, as in a one-line field.
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    const field = event.target.closest("textarea[data-line]");
    if (!field) return;
    event.preventDefault();
    field.form.querySelector("button").click();
  });
})();
