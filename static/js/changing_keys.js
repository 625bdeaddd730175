// Lists the page's keys in its overlay, and lets them be changed, without conflicts.
(() => {
  let waiting = null;
  const box = () => document.querySelector("[data-keys-of-page]");
  const say = (sentence) => { document.querySelector("[data-keys-state]").textContent = sentence; };
  const named = (sentence, name) => sentence.replace("{name}", name);

  const nameOf = (control) => {
    const own = (control.closest("label") || control).cloneNode(true);
    for (const part of own.querySelectorAll("kbd, input, .unseen")) part.remove();
    return own.textContent.trim().replace(/\s+/g, " ");
  };

  // Of a question asked at several places the active one; of several cards the open one.
  const controls = () => {
    const open = document.querySelector("[data-card][open], div[data-card]");
    return [...document.querySelectorAll("[data-key], [data-shortcut]")].filter((control) => {
      const card = control.closest("[data-card]");
      const isNow = (!card || card === open) && !control.closest("[hidden], [data-resting], dialog");
      return isNow && (control.dataset.key || control.dataset.shortcut);
    });
  };
  const keyOf = (control) => control.dataset.key || control.dataset.shortcut;
  const madeOf = (control) => control.dataset.keyMade || control.dataset.shortcutMade || keyOf(control);

  const fill = () => {
    const list = box();
    const row = document.querySelector("[data-key-row]").content;
    list.replaceChildren(...controls().map((control) => {
      const line = row.cloneNode(true).firstElementChild;
      line.querySelector("kbd").textContent = keyOf(control);
      line.querySelector("span").textContent = nameOf(control);
      const change = line.querySelector("button");
      change.setAttribute("aria-label", named(list.dataset.change, nameOf(control)));
      change.dataset.changes = madeOf(control);
      return line;
    }));
  };

  const take = (key) => {
    if (!/^[!-~]$/.test(key)) return say(box().dataset.noKey);
    const wanted = key.toLowerCase();
    const taken = controls().find((one) => keyOf(one) === wanted && madeOf(one) !== waiting);
    if (taken) return say(named(box().dataset.taken, nameOf(taken)));
    const changed = waiting;
    document.dispatchEvent(new CustomEvent("keys:change", { detail: { made: changed, to: wanted } }));
    waiting = null;
    fill();
    say(box().dataset.kept);
    box().querySelector(`[data-changes="${CSS.escape(changed)}"]`).focus();
  };

  document.addEventListener("keydown", (event) => {
    if (!waiting || event.ctrlKey || event.metaKey || event.altKey) return;
    if (["Tab", "Shift", "CapsLock"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key !== "Escape") return take(event.key);
    waiting = null;
    say("");
  }, true);
  document.addEventListener("focusin", (event) => {
    if (waiting && event.target.dataset?.changes !== waiting) { waiting = null; say(""); }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-opens='keys']")) fill();
    if (event.target.closest("[data-reset-keys]")) {
      document.dispatchEvent(new CustomEvent("keys:reset"));
      fill();
      say(box().dataset.kept);
    }
    const change = event.target.closest("[data-changes]");
    if (!change) return;
    waiting = change.dataset.changes;
    say(box().dataset.press);
  });
})();
