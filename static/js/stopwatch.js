// Adds up, per card, the time in which the page was in front: with its reader (a sign of them at
// least every 30 seconds), or idle, counted from the last sign on.
(() => {
  const IDLE = 30_000;
  const LONGEST_GAP = 5_000; // After it the machine slept.
  const SIGNS = ["keydown", "pointerdown", "pointermove", "scroll", "input"];
  let before = performance.now();
  let waiting = 0; // Since the last sign, and not yet known for which of the two.
  let isIdle = false;
  let card = null;

  const shown = () => document.querySelector("details[data-card][open]") || document.querySelector("div[data-card]");
  const put = (name, passed) => {
    const input = card?.isConnected && card.querySelector(`input[type=hidden][name$='-${name}']`);
    if (input && passed) input.value = (Number(input.value || 0) + passed / 1000).toFixed(2);
  };

  const add = () => {
    const now = performance.now();
    const passed = now - before;
    before = now;
    const isInFront = document.visibilityState === "visible" && document.hasFocus();
    if (isInFront && passed <= LONGEST_GAP) waiting += passed;
    if (!isIdle && waiting > IDLE) isIdle = true;
    if (isIdle) settle();
  };
  const settle = () => {
    put(isIdle ? "idle_seconds" : "seconds", waiting);
    waiting = 0;
  };
  const sign = () => {
    add();
    settle();
    isIdle = false;
    card = shown();
  };

  for (const one of SIGNS) document.addEventListener(one, sign, { passive: true, capture: true });
  for (const one of ["submit", "card:shown", "htmx:load"]) document.addEventListener(one, sign, true);
  setInterval(add, 500);
})();
