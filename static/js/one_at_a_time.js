// In [data-one-at-a-time], one card is open; the others are folded to a line with their answer.
(() => {
  const cardsOf = (list) => [...list.querySelectorAll("details[data-card]")];
  const asked = (card) => [...card.querySelectorAll("fieldset.question")].filter((one) => !one.hidden);
  const isAnswered = (card) =>
    asked(card).filter((one) => one.getAttribute("aria-required")).every((one) => one.querySelector(":checked"));

  const labels = (card) =>
    asked(card).flatMap((one) => [...one.querySelectorAll("input:checked")])
      .map((input) => input.closest("label").querySelector("span").textContent.trim());

  const tell = (card) => {
    const said = labels(card).join(" · ");
    card.querySelector("[data-answer]").textContent = card.open || !said ? "" : said;
    card.toggleAttribute("data-answered", Boolean(said) && isAnswered(card));
  };

  const show = (list, card, { focus = false } = {}) => {
    for (const other of cardsOf(list)) {
      other.open = other === card;
      tell(other);
    }
    if (!card) return;
    list.dispatchEvent(new CustomEvent("card:shown", { bubbles: true, detail: { card } }));
    if (focus) {
      card.querySelector("summary").focus({ preventScroll: true });
      card.scrollIntoView({ block: "nearest" });
      card.querySelector("summary").scrollIntoView({ block: "nearest" }); // Where not all of it fits.
    }
  };

  const step = (card, by) => {
    const list = card.closest("[data-one-at-a-time]");
    const cards = list ? cardsOf(list) : [];
    const next = cards[cards.indexOf(card) + by];
    if (next) show(list, next, { focus: true });
    return Boolean(next);
  };

  const start = (list) => {
    const cards = cardsOf(list);
    for (const steps of list.querySelectorAll("[data-steps]")) steps.hidden = false;
    const wrong = cards.find((card) => card.querySelector("[aria-invalid], .errorlist"));
    show(list, wrong || cards.find((card) => !isAnswered(card) || !labels(card).length) || cards[0]);
  };

  document.addEventListener("toggle", (event) => {
    const card = event.target;
    const list = card.matches?.("details[data-card]") && card.closest("[data-one-at-a-time]");
    if (!list) return;
    if (card.open) show(list, card);
    else tell(card);
  }, true);
  document.addEventListener("click", (event) => {
    const control = event.target.closest("[data-back], [data-forward]");
    const detail = { by: control?.matches("[data-back]") ? -1 : 1 };
    control?.closest("[data-card]").dispatchEvent(
      new CustomEvent("card:step", { bubbles: true, cancelable: true, detail }));
  });
  document.addEventListener("card:step", (event) => {
    if (step(event.target, event.detail.by)) event.preventDefault();
  });
  document.addEventListener("answers:restored", (event) =>
    event.target.querySelectorAll("[data-one-at-a-time]").forEach(start));
  document.addEventListener("htmx:load", (event) =>
    event.detail.elt.querySelectorAll("[data-one-at-a-time]").forEach(start));
})();
