// Keys: an option's own ([data-key]) in the open card, a control's ([data-shortcut]), Enter for next.
(() => {
  const OFF = "single-keys-off";
  const isTyping = (target) =>
    target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=submit])");
  const openCard = () =>
    document.querySelector("details[data-card][open]") || document.querySelector("div[data-card]");

  const option = (card, key) =>
    [...card.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(
      (input) => !input.closest("[hidden], [data-resting]"));

  const pick = (input) => {
    input.checked = true;
    input.focus({ preventScroll: true });
    input.closest("fieldset").scrollIntoView({ block: "nearest" });
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const control = (key) => {
    const card = openCard();
    const all = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(key)}"]`)];
    return all.find((one) => card?.contains(one)) || all.find((one) => !one.closest("[data-card], [hidden]"));
  };

  const next = () => {
    const card = openCard();
    const moved = card && !card.dispatchEvent(
      new CustomEvent("card:step", { bubbles: true, cancelable: true, detail: { by: 1 } }));
    if (!moved) document.querySelector("[data-next]")?.click();
  };

  // Caps Lock changes the key, another script all of them: then the place on the keyboard counts.
  const keyOf = (event) => {
    if (/^[!-~]$/.test(event.key)) return event.key.toLowerCase();
    const place = /^(?:Key|Digit)(.)$/.exec(event.code);
    return place && !event.shiftKey ? place[1].toLowerCase() : event.key;
  };

  const onKey = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open], form[inert]") || isTyping(event.target)) return;
    if (event.key === "Enter" && !event.target.closest("a, button, summary:not([data-card] > summary)")) {
      event.preventDefault();
      return next();
    }
    if (localStorage.getItem(OFF)) return;
    const key = keyOf(event);
    const card = openCard();
    const input = card && option(card, key);
    const found = input || control(key);
    if (!found) return;
    event.preventDefault();
    if (found === input) pick(input);
    else found.click();
  };

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("form[data-submits]")) return onKey(event);
    // A break, or what was right: nothing to answer, so only Enter, pressed anew, goes on.
    const isFree = event.target === document.body || event.target.matches("[data-focus]");
    if (event.key === "Enter" && isFree && !event.repeat) document.querySelector("[data-next]")?.click();
  });
  document.addEventListener("htmx:load", () => {
    for (const box of document.querySelectorAll("[data-single-keys]")) {
      box.checked = !localStorage.getItem(OFF);
    }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-single-keys]")) return;
    if (event.target.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
})();
