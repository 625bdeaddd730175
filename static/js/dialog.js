// Opens the dialog that a control names ([data-opens]).
document.addEventListener("click", (event) => {
  const control = event.target.closest("[data-opens]");
  if (control) document.getElementById(control.dataset.opens)?.showModal();
});
