// Says in [data-passkey-trouble] that a passkey could not be used; allauth only tells the console.
(() => {
  document.addEventListener("allauth.error", (event) => {
    const trouble = document.querySelector("[data-passkey-trouble]");
    if (!trouble) return;
    event.preventDefault();
    trouble.hidden = false;
    trouble.scrollIntoView({ block: "nearest" });
  });
})();
