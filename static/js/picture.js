// Offers a chart as a picture to keep: a button beside it ([data-picture] holds the file's name).
// It is drawn anew, larger, under its titles ([data-picture-title] and the section's own), and each
// row says what it rests on.
(() => {
  const WIDTH = 900;
  const FINENESS = 2; // Pixels of the picture for one of the page: 1,800 across.
  const figureOf = (button) => button.closest("section").querySelector("[data-drawing]");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // On paper of its own: a transparent picture cannot be read on a dark page.
  const paper = {
    id: "paper",
    beforeDraw: ({ ctx, width, height }) => {
      ctx.save();
      ctx.fillStyle = colour("--paper");
      ctx.fillRect(0, 0, width, height);
      ctx.restore();
    },
  };

  // A title of the picture has no room for more than a line.
  const line = (text, most = 100) =>
    text.trim().length > most ? `${text.trim().slice(0, most - 1)}…` : text.trim();

  const titlesOf = (section) => {
    const question = document.querySelector("[data-picture-title]");
    return [question, section.querySelector("h3")].filter(Boolean).map((each) => line(each.innerText));
  };

  const title = (text, size) => ({
    display: true, text, color: colour("--ink"), align: "start", font: { size },
  });

  const draw = (chart, section) => {
    const { options, data } = chart.config;
    const { rows } = options.whiskers;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [WIDTH, rows.length * 30 + 140];
    return new Chart(canvas, {
      type: "line",
      data: {
        labels: rows.map((row) => line([row.label, row.restsOn].filter(Boolean).join(" · "), 60)),
        datasets: data.datasets.map(({ data, showLine, pointRadius, pointStyle, pointBackgroundColor,
          pointBorderColor, pointBorderWidth }) => ({ data, showLine, pointRadius, pointStyle,
          pointBackgroundColor, pointBorderColor, pointBorderWidth })),
      },
      options: {
        whiskers: options.whiskers, indexAxis: "y", animation: false, responsive: false,
        devicePixelRatio: FINENESS,
        layout: { padding: 16 },
        plugins: {
          legend: { display: false }, tooltip: { enabled: false },
          title: title(titlesOf(section), 16),
          subtitle: title(line(section.querySelector("p").innerText, 120), 12),
        },
        scales: section.querySelector("[data-drawing]").scales,
      },
      plugins: [paper],
    });
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
    const drawn = draw(figureOf(button).chart, button.closest("section"));
    drawn.canvas.toBlob((blob) => {
      save(blob, button.dataset.picture);
      drawn.destroy();
    });
  });
  for (const button of document.querySelectorAll("[data-picture]")) {
    button.hidden = !figureOf(button);
  }
})();
