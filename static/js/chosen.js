// Counts the ticked boxes of a form, those on its other pages included.
(() => {
  const recount = (form) => {
    const line = form.querySelector("[data-count]");
    const here = form.querySelectorAll("input[name=chosen]:checked").length;
    const count = here + Number(line.dataset.elsewhere);
    line.textContent = line.dataset.words.replace("{count}", String(count));
  };

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-chosen]");
    if (form && event.target.name === "chosen") recount(form);
  });

  // A page that the browser brings back may have other boxes ticked than when it was made.
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-chosen]").forEach(recount));
})();
