// From words selected in a [data-passage] to their places in its text, and back to ranges.
// Places are code points of the stored text; each run of words says in [data-at] where it begins.
// A long text has thousands of runs, so those that matter are looked for by halving.
(() => {
  const lengthOf = (text) => [...text].length;
  const unitsOf = (text, points) => [...text].slice(0, points).join("").length;
  const leavesOf = (passage) => passage.querySelectorAll("[data-at]");
  const startOf = (leaf) => Number(leaf.dataset.at);

  // The number of the first of `leaves` for which `isPast` holds; it holds for all that follow.
  const firstOf = (leaves, isPast) => {
    let [low, high] = [0, leaves.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isPast(leaves[middle])) high = middle;
      else low = middle + 1;
    }
    return low;
  };

  // Where a range begins and ends within a run of words; null where it covers none of them.
  const placeIn = (leaf, range) => {
    if (!leaf || !range.intersectsNode(leaf)) return null;
    const node = leaf.firstChild;
    const from = range.startContainer === node ? range.startOffset : 0;
    const to = range.endContainer === node ? range.endOffset : leaf.textContent.length;
    const first = startOf(leaf) + lengthOf(leaf.textContent.slice(0, from));
    const last = startOf(leaf) + lengthOf(leaf.textContent.slice(0, to));
    return first < last ? [first, last] : null;
  };

  const rangeIn = (passage) => {
    const chosen = document.getSelection();
    if (!chosen?.rangeCount || chosen.isCollapsed) return null;
    const range = chosen.getRangeAt(0);
    return range.intersectsNode(passage) ? range : null;
  };

  // Is anything of the passage selected? Asked at each move of the pointer.
  const isSelected = (passage) => Boolean(rangeIn(passage));

  // {start, end} of what a selection covers of the passage, or null where it covers no words of it.
  const selected = (passage) => {
    const range = rangeIn(passage);
    if (!range) return null;
    const leaves = leavesOf(passage);
    let first = firstOf(leaves, (leaf) => range.comparePoint(leaf, leaf.childNodes.length) >= 0);
    let last = firstOf(leaves, (leaf) => range.comparePoint(leaf, 0) > 0) - 1;
    // At the edge of a range stand runs of which it covers nothing.
    while (first <= last && !placeIn(leaves[first], range)) first += 1;
    while (last >= first && !placeIn(leaves[last], range)) last -= 1;
    if (first > last) return null;
    return { start: placeIn(leaves[first], range)[0], end: placeIn(leaves[last], range)[1] };
  };

  const rangesOf = (passage, spans) => {
    const leaves = leavesOf(passage);
    return spans.flatMap(({ start, end }) => {
      const from = Math.max(0, firstOf(leaves, (leaf) => startOf(leaf) > start) - 1);
      const after = firstOf(leaves, (leaf) => startOf(leaf) >= end);
      return [...leaves].slice(from, after).map((leaf) => {
        const text = leaf.textContent;
        const range = document.createRange();
        range.setStart(leaf.firstChild, unitsOf(text, Math.max(0, start - startOf(leaf))));
        range.setEnd(leaf.firstChild, unitsOf(text, end - startOf(leaf)));
        return range;
      });
    });
  };

  // The words between two places as one reads them: selected, so that lines and cells stay apart.
  const wordsOf = (passage, span) => {
    const ranges = rangesOf(passage, [span]);
    const selection = document.getSelection();
    const [first, last] = [ranges.at(0), ranges.at(-1)];
    selection.setBaseAndExtent(first.startContainer, first.startOffset, last.endContainer, last.endOffset);
    return selection.toString().trim().replace(/\s+/g, " ");
  };

  window.firsthandPassages = { isSelected, selected, rangesOf, wordsOf };
})();
