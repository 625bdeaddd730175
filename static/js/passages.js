// From words selected in a [data-passage] to their places in its text, and back to ranges.
// Places are code points of the stored text; each run of words says in [data-at] where it begins.
(() => {
  const lengthOf = (text) => [...text].length;
  const unitsOf = (text, points) => [...text].slice(0, points).join("").length;
  const leavesOf = (passage) => [...passage.querySelectorAll("[data-at]")].map((leaf) => {
    const start = Number(leaf.dataset.at);
    return { leaf, start, end: start + lengthOf(leaf.textContent) };
  });

  const placeIn = ({ leaf, start, end }, range) => {
    const inside = document.createRange();
    inside.selectNodeContents(leaf);
    const before = range.comparePoint(leaf, 0) > 0 || range.comparePoint(leaf, leaf.childNodes.length) < 0;
    if (before) return null;
    const node = leaf.firstChild;
    const from = range.startContainer === node ? range.startOffset : 0;
    const to = range.endContainer === node ? range.endOffset : leaf.textContent.length;
    const first = start + lengthOf(leaf.textContent.slice(0, from));
    const last = Math.min(end, start + lengthOf(leaf.textContent.slice(0, to)));
    return first < last ? [first, last] : null;
  };

  // {start, end, words} of a selection, or null where it covers no words of the passage.
  const selected = (passage) => {
    const chosen = document.getSelection();
    if (!chosen?.rangeCount || chosen.isCollapsed) return null;
    const range = chosen.getRangeAt(0);
    if (!range.intersectsNode(passage)) return null;
    const places = leavesOf(passage).map((one) => placeIn(one, range)).filter(Boolean);
    if (!places.length) return null;
    const words = chosen.toString().trim().replace(/\s+/g, " ");
    return { start: places[0][0], end: places.at(-1)[1], words };
  };

  const rangesOf = (passage, spans) => spans.flatMap(({ start, end }) =>
    leavesOf(passage).filter((one) => one.start < end && one.end > start).map((one) => {
      const text = one.leaf.textContent;
      const range = document.createRange();
      range.setStart(one.leaf.firstChild, unitsOf(text, Math.max(0, start - one.start)));
      range.setEnd(one.leaf.firstChild, unitsOf(text, Math.min(end, one.end) - one.start));
      return range;
    }));

  window.firsthandPassages = { selected, rangesOf };
})();
