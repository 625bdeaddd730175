// Marks the evidence of the open card more strongly, and jumps to it ([data-jump]), turn after turn.
(() => {
  const marksOf = (number) => document.querySelectorAll(`[data-evidence~="${CSS.escape(number)}"]`);

  const highlight = (number) => {
    for (const mark of document.querySelectorAll("[data-evidence]")) mark.classList.remove("now");
    for (const mark of marksOf(number)) mark.classList.add("now");
  };

  // Only the conversation's own box is scrolled, never the page.
  const bring = (mark) => {
    const box = mark?.closest(".conversation");
    if (!box || box.scrollHeight <= box.clientHeight) return;
    const top = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
    if (top < 0 || top > box.clientHeight - 60) box.scrollTop += top - box.clientHeight / 3;
  };

  // The first piece in the turn after the one where the reader is; after the last the first again.
  const next = (number) => {
    const marks = [...marksOf(number)];
    const here = document.activeElement?.closest("mark")?.closest(".turn");
    const place = marks.findLastIndex((mark) => mark.closest(".turn") === here);
    return marks[place + 1] || marks[0];
  };

  document.addEventListener("card:shown", (event) => {
    const number = event.detail.card.dataset.card;
    highlight(number);
    bring(marksOf(number)[0]);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-jump]");
    const mark = link && next(link.dataset.jump);
    if (!mark) return;
    event.preventDefault();
    mark.scrollIntoView({ block: "center" });
    mark.tabIndex = -1;
    mark.focus({ preventScroll: true });
  });
})();
