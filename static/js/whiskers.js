// Draws the intervals of a chart's figures, and a line where there would be nothing to see.
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  Chart.register({
    id: "whiskers",
    afterDatasetsDraw(chart) {
      const { ctx, scales, chartArea } = chart;
      const { rows, mark } = chart.config.options.whiskers;
      ctx.save();
      ctx.strokeStyle = colour("--ink");
      ctx.lineWidth = 1.5;
      rows.forEach((row, at) => {
        if (row.low === null) return;
        const y = scales.y.getPixelForValue(at);
        const [from, to] = [row.low, row.high].map((end) => scales.x.getPixelForValue(end));
        ctx.beginPath();
        for (const [x, top, bottom] of [[from, -4, 4], [to, -4, 4]]) {
          ctx.moveTo(x, y + top);
          ctx.lineTo(x, y + bottom);
        }
        ctx.moveTo(from, y);
        ctx.lineTo(to, y);
        ctx.stroke();
      });
      if (mark !== null) {
        const x = scales.x.getPixelForValue(mark);
        ctx.setLineDash([4, 4]);
        ctx.strokeStyle = colour("--line-strong");
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
      }
      ctx.restore();
    },
  });
})();
