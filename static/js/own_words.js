// Knows answers again: tells by "draft:whose" whether those there are among some of this device's.
(() => {
  const NO_ANSWER = /^(?: .*|assignment|fence|version|key|action|csrfmiddlewaretoken)$/;
  const MEASURED = /-(?:idle_)?seconds$|-pasted$/; // Time passes without an answer.
  const isAnswer = ([name, text]) => text && !NO_ANSWER.test(name) && !MEASURED.test(name);
  const answersOf = (fields) => JSON.stringify(Object.entries(fields || {}).filter(isAnswer).sort());

  document.addEventListener("draft:whose", (event) => {
    const { some, there } = event.detail;
    if (some.some((fields) => answersOf(fields) === answersOf(there))) event.preventDefault();
  });
})();
