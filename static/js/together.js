// Scrolls the children of [data-scroll-together] by the same share of their length.
(() => {
  let leader = null;
  let release = 0;

  document.addEventListener("scroll", (event) => {
    const moved = event.target;
    const group = moved.parentElement?.closest?.("[data-scroll-together]");
    if (!group || moved.parentElement !== group || (leader && leader !== moved)) return;
    leader = moved;
    clearTimeout(release);
    release = setTimeout(() => { leader = null; }, 120);
    const room = moved.scrollHeight - moved.clientHeight;
    for (const other of group.children) {
      if (other === moved || room <= 0) continue;
      other.scrollTop = (moved.scrollTop / room) * (other.scrollHeight - other.clientHeight);
    }
  }, true);
})();
