// A link that looks like a button answers the space bar as a button would ([role=button]).
document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.('a[role="button"]');
  if (!link || event.key !== " ") return;
  event.preventDefault();
  link.click();
});
