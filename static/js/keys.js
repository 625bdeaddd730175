// Gives each control of a page the key that this device's owner chose for it.
// The choice is a permutation of keys, so that what had no conflict before has none after it.
(() => {
  const STORED = "keys";
  const NAMES = { key: "keyMade", shortcut: "shortcutMade" };

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(STORED) || "{}");
    } catch {
      return {};
    }
  };
  const now = (made) => read()[made] || made;
  const made = (key) => Object.entries(read()).find(([, one]) => one === key)?.[0] || key;

  const write = (choice) => {
    const changed = Object.fromEntries(Object.entries(choice).filter(([from, to]) => from !== to));
    if (Object.keys(changed).length) localStorage.setItem(STORED, JSON.stringify(changed));
    else localStorage.removeItem(STORED);
  };

  const give = (control, name) => {
    control.dataset[NAMES[name]] ??= control.dataset[name];
    const key = now(control.dataset[NAMES[name]]);
    control.dataset[name] = key;
    if (!key) return;
    control.setAttribute("aria-keyshortcuts", key);
    const shown = (control.closest("label") || control).querySelector("kbd");
    if (shown) shown.textContent = key;
  };

  const apply = (root) => {
    for (const control of root.querySelectorAll("[data-key]")) give(control, "key");
    for (const control of root.querySelectorAll("[data-shortcut]")) give(control, "shortcut");
    for (const told of root.querySelectorAll("[data-key-of]")) told.textContent = now(told.dataset.keyOf);
  };

  document.addEventListener("htmx:load", (event) => apply(event.detail.elt.parentElement || document));
  // {made, to}: the control made with one key takes another, which no control of the page has.
  document.addEventListener("keys:change", (event) => {
    const other = made(event.detail.to);
    write({ ...read(), [event.detail.made]: event.detail.to, [other]: now(event.detail.made) });
    apply(document);
  });
  document.addEventListener("keys:reset", () => {
    localStorage.removeItem(STORED);
    apply(document);
  });
  apply(document); // At once: htmx tells of the page itself only a moment after keys can be pressed.
})();
