// Draws a table of figures as dots with their intervals, beside the table: so many of its rows as
// [data-chart] says.
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const rowsOf = (table) =>
    [...table.querySelectorAll("tr[data-value]")].slice(0, table.dataset.chart).map((row) => ({
      label: row.querySelector("th").innerText.trim(),
      restsOn: row.querySelector(".shared")?.innerText.trim() ?? "",
      value: Number(row.dataset.value),
      low: "low" in row.dataset ? Number(row.dataset.low) : null,
      high: "high" in row.dataset ? Number(row.dataset.high) : null,
      isModel: "model" in row.dataset,
    }));

  const written = (isShare) => (at) =>
    isShare ? `${Math.round(at * 100)} %` : Number(at.toFixed(3));
  const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

  const draw = (table) => {
    const figure = table.closest(".drawn")?.querySelector("[data-drawing]");
    const rows = rowsOf(table);
    if (!figure || !rows.length) return;
    const mark = "mark" in table.dataset ? Number(table.dataset.mark) : null;
    const isShare = "share" in table.dataset;
    const ends = rows.flatMap((row) => [row.value, row.low ?? row.value, row.high ?? row.value]);
    if (mark !== null) ends.push(mark);
    figure.hidden = false;
    figure.firstElementChild.style.blockSize = `${rows.length * 30 + 60}px`;
    const most = window.innerWidth < 640 ? 18 : 34;
    const ink = colour("--ink");
    figure.scales = {
      x: {
        suggestedMin: isShare ? 0 : Math.min(...ends), suggestedMax: isShare ? 1 : Math.max(...ends),
        ticks: { color: ink, maxRotation: 0, autoSkipPadding: 16, callback: written(isShare) },
        grid: { color: colour("--line") },
      },
      y: { offset: true, ticks: { color: ink, autoSkip: false }, grid: { display: false } },
    };
    figure.chart = new Chart(figure.querySelector("canvas"), {
      type: "line",
      data: {
        labels: rows.map((row) => shortened(row.label, most)),
        datasets: [{
          data: rows.map((row) => row.value),
          showLine: false,
          pointRadius: 5,
          pointStyle: rows.map((row) => (row.isModel ? "rectRot" : "circle")),
          pointBackgroundColor: rows.map((row) => colour(row.isModel ? "--paper" : "--accent")),
          pointBorderColor: colour("--accent"),
          pointBorderWidth: 2,
        }],
      },
      options: {
        whiskers: { rows, mark }, indexAxis: "y", animation: false, maintainAspectRatio: false,
        plugins: { legend: { display: false }, tooltip: { enabled: false } },
        scales: figure.scales,
      },
    });
  };

  const drawAll = () => {
    for (const table of document.querySelectorAll("[data-chart]")) {
      table.closest(".drawn")?.querySelector("[data-drawing]")?.chart?.destroy();
      draw(table);
    }
  };
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
