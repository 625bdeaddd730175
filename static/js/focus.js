// After a swap, and on a page with faults: bring the reader to where reading goes on.
(() => {
  const target = (root) => root.querySelector("[data-faults]") || root.querySelector("[data-focus]");

  document.addEventListener("htmx:afterSettle", (event) => {
    const swapped = document.getElementById(event.detail.target.id);
    if (!swapped?.matches("[data-focus-here]")) return;
    window.scrollTo(0, 0);
    target(swapped)?.focus({ preventScroll: true });
  });

  document.querySelector("[data-faults]")?.focus();

  // A link of an error summary leads to a field set, which must open and take the focus.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-faults] a[href^='#']");
    const field = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    const card = field.closest("details[data-card]");
    if (card) card.open = true;
    field.closest("details.aside")?.setAttribute("open", "");
    event.preventDefault();
    field.scrollIntoView({ block: "center" });
    const control = field.matches("input, select, textarea") ? field
      : field.querySelector("input:not([hidden]), select, textarea");
    control?.focus({ preventScroll: true });
  });
})();
