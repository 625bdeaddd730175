// Adds up, per card, the time in which the page was in front and somebody acted within a minute.
(() => {
  const IDLE = 60_000;
  const LONGEST_GAP = 5_000; // After it the machine slept.
  let lastAct = performance.now();
  let before = performance.now();

  for (const act of ["keydown", "pointerdown", "pointermove", "scroll"]) {
    document.addEventListener(act, () => { lastAct = performance.now(); }, { passive: true, capture: true });
  }

  const field = () => {
    const card = document.querySelector("details[data-card][open]") || document.querySelector("div[data-card]");
    return card?.querySelector("input[type=hidden][name$='-seconds']");
  };

  const add = () => {
    const now = performance.now();
    const passed = now - before;
    before = now;
    const isInFront = document.visibilityState === "visible" && document.hasFocus();
    const input = field();
    if (!input || !isInFront || now - lastAct > IDLE || passed > LONGEST_GAP) return;
    input.value = (Number(input.value || 0) + passed / 1000).toFixed(2);
  };

  setInterval(add, 500);
  document.addEventListener("submit", add, true);
})();
