// Shows the replies of [data-stream] piece by piece as they come, then asks for the page anew.
(() => {
  let source = null;
  let arrived = "";

  const heard = () => document.querySelector("[data-heard]");
  const nearEnd = () => innerHeight + scrollY > document.documentElement.scrollHeight - 120;

  const show = (talk, event) => {
    const { lane, text } = JSON.parse(event.data);
    const reply = talk.querySelector(`[data-lane="${lane}"][aria-busy] [data-text]`);
    if (!reply || talk.dataset.halted) return;
    const follows = nearEnd();
    reply.append(text);
    talk.dataset.place = event.lastEventId;
    const seen = talk.querySelector("[data-seen]");
    if (seen) seen.value = event.lastEventId;
    if (follows) scrollTo({ top: document.documentElement.scrollHeight });
  };

  const close = () => {
    source?.close();
    source = null;
  };

  const open = (talk) => {
    close();
    source = new EventSource(talk.dataset.stream);
    source.addEventListener("piece", (event) => show(talk, event));
    source.addEventListener("end", () => {
      close();
      arrived = talk.id;
      htmx.trigger(talk, "replies:over");
    });
    source.addEventListener("error", () => {
      // The browser comes back by itself, unless it was refused: then the page tells what is so.
      if (source?.readyState !== EventSource.CLOSED) return;
      close();
      setTimeout(() => htmx.trigger(talk, "replies:over"), 3000);
    });
  };

  // A reader who can't see it hears the words of the reply once, when it is all there.
  const tell = (talk) => {
    const last = [...talk.querySelectorAll("article.reply")].filter((one) => one.matches("li:last-child article"));
    heard().textContent = last
      .flatMap((one) => [...one.querySelectorAll("[data-text], [data-told]")])
      .map((one) => one.textContent.replace(/\s+/g, " ").trim())
      .filter(Boolean)
      .join(" ");
  };

  document.addEventListener("htmx:load", (event) => {
    const found = event.detail.elt;
    const talk = found.matches?.("#talk") ? found : found.querySelector?.("#talk");
    if (!talk) return;
    if (talk.dataset.stream) open(talk);
    else if (arrived) tell(talk);
    arrived = "";
  });
  // What comes after Stop was pressed was not seen.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const talk = event.target.querySelector?.("[data-seen]")?.closest("#talk");
    if (talk) talk.dataset.halted = "yes";
  });
  addEventListener("pagehide", close);
})();
