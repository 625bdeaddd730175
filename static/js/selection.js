// Offers to hide the words that are selected in a turn ([data-turn]); offsets are code points.
(() => {
  const form = document.querySelector("[data-hide-selection]");
  if (!form) return;

  const pieceOf = (node) => (node.nodeType === 3 ? node.parentElement : node)?.closest?.("[data-start]");
  const length = (text) => [...text].length;

  // Where in what was said a point of the page lies; a hidden stretch counts from its start.
  const offset = (node, at) => {
    const piece = pieceOf(node);
    if (!piece) return null;
    const start = Number(piece.dataset.start);
    return "hidden" in piece.dataset || node.nodeType !== 3 ? start : start + length(node.data.slice(0, at));
  };

  const put = (name, value) => { form.elements[name].value = value; };

  const place = (range) => {
    const box = range.getBoundingClientRect();
    const left = Math.min(box.left, document.documentElement.clientWidth - form.offsetWidth - 8);
    form.style.setProperty("left", `${Math.max(8, left) + window.scrollX}px`);
    form.style.setProperty("top", `${box.bottom + window.scrollY + 6}px`);
  };

  const withoutHidden = (range) => {
    const copy = range.cloneContents();
    return copy.querySelector("[data-hidden]") ? "" : copy.textContent;
  };

  const show = () => {
    const selection = document.getSelection();
    if (form.contains(document.activeElement)) return;
    const range = selection && selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const turn = range && pieceOf(range.startContainer)?.closest("[data-turn]");
    const words = range ? withoutHidden(range) : "";
    const isInside = turn && turn === pieceOf(range.endContainer)?.closest("[data-turn]");
    form.hidden = !(isInside && words.trim());
    if (form.hidden) return;
    const lead = length(words) - length(words.trimStart());
    put("turn", turn.dataset.turn);
    put("start", offset(range.startContainer, range.startOffset) + lead);
    put("words", words.trim());
    // Right behind the turn's text, so that a screen reader reads it next.
    turn.after(form);
    place(range);
  };

  let waiting = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 150);
  });
  document.addEventListener("keydown", (event) => {
    if (form.hidden) return;
    if (event.key === "Escape") {
      form.hidden = true;
      document.getSelection().removeAllRanges();
    } else if (event.key === "Tab" && !event.shiftKey && !form.contains(document.activeElement)) {
      event.preventDefault();
      form.querySelector("button").focus();
    }
  });
})();
