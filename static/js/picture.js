// Offers a chart as a picture: a button beside it ([data-picture] holds the file's name).
(() => {
  const canvasOf = (button) => button.closest("section").querySelector("[data-drawing] canvas");

  // On paper of its own: a transparent picture cannot be read on a dark page.
  const onPaper = (canvas) => {
    const copy = document.createElement("canvas");
    copy.width = canvas.width;
    copy.height = canvas.height;
    const context = copy.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    context.fillStyle = style.getPropertyValue("--paper").trim();
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(canvas, 0, 0);
    return copy;
  };

  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-picture]");
    if (!button) return;
    onPaper(canvasOf(button)).toBlob((blob) => save(blob, button.dataset.picture));
  });
  for (const button of document.querySelectorAll("[data-picture]")) {
    button.hidden = !canvasOf(button);
  }
})();
