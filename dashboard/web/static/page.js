// Draws the figures that the server wrote into the page, and keeps its live parts up to date.
"use strict";
(() => {
  const words = document.body.dataset;
  const seen = new Map(); // id of a live part -> the HTML that the server last sent for it
  let readAt = performance.now(); // when the ages in the page were right
  let lost = false;

  // Every "var(--name)" in a figure becomes the colour scheme's value.
  const coloured = (value, style) => {
    if (typeof value === "string") {
      const name = /^var\((--[\w-]+)\)$/.exec(value);
      return name ? style.getPropertyValue(name[1]).trim() : value;
    }
    if (Array.isArray(value)) return value.map((item) => coloured(item, style));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item, style)]));
  };

  // On a narrow chart names only every second or third week, and stands the numbers upright.
  const fit = ({ xaxis, yaxis, annotations = [] }, width, size) => {
    if (xaxis.type !== "category") return;
    const room = (width / size - 3) / (xaxis.range[1] - xaxis.range[0]); // for one bar, in em
    const every = Math.ceil(3.2 / room);
    xaxis.tickvals = xaxis.tickvals.filter((_, i, all) => (all.length - 1 - i) % every === 0);
    const numbers = annotations.filter((mark) => mark.textangle === undefined);
    if (numbers.some((mark) => 0.62 * mark.text.length > room)) {
      const shown = Math.ceil(1.3 / room); // where bars are thin, one number of so many
      numbers.forEach((mark, i) => {
        mark.textangle = -90;
        mark.visible = (numbers.length - 1 - i) % shown === 0;
      });
      yaxis.range[1] = 124;
    }
  };

  const draw = (plot) => {
    const style = getComputedStyle(plot);
    const figure = coloured(JSON.parse(document.getElementById(plot.dataset.figure).textContent), style);
    const font = { family: style.fontFamily, size: parseFloat(style.fontSize), color: style.color };
    const { hoverlabel } = figure.layout;
    fit(figure.layout, plot.clientWidth, font.size);
    hoverlabel.font = { ...font, ...hoverlabel.font };
    Plotly.react(plot, figure.data, { ...figure.layout, font }, { displayModeBar: false, responsive: true });
  };

  const drawAll = () => document.querySelectorAll(".plot").forEach(draw);

  const search = () => {
    const box = document.getElementById("search");
    if (!box) return;
    const wanted = box.value.trim().toLowerCase();
    for (const row of document.querySelectorAll("#station-rows > tr")) {
      row.hidden = !row.dataset.search.includes(wanted);
    }
  };

  const age = (seconds) => {
    const units = [[86400, words.days], [3600, words.hours], [60, words.minutes], [1, words.seconds]];
    const [length, text] = units.find(([unit]) => seconds >= unit) ?? units[3];
    return text.replace("{n}", Math.floor(seconds / length));
  };

  const tick = () => {
    const passed = (performance.now() - readAt) / 1000;
    for (const part of document.querySelectorAll("[data-age]")) {
      part.textContent = age(Math.floor(Number(part.dataset.age) + passed));
    }
  };

  const tell = (isLost) => {
    if (isLost === lost) return;
    lost = isLost;
    const time = document.getElementById("freshness").dataset.now;
    document.getElementById("lost").textContent = lost ? words.lost.replace("{time}", time) : "";
    document.body.classList.toggle("is-lost", lost);
  };

  // Puts a new part in an old one's place; a link inside keeps the focus.
  const replace = (old, part) => {
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(document.adoptNode(part));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };

  const remember = (root) => {
    for (const part of root.querySelectorAll("[data-live]")) seen.set(part.id, part.outerHTML);
  };

  const update = (fresh) => {
    for (const panel of [...fresh.querySelectorAll("[data-shape]")]) {
      const old = document.getElementById(panel.id);
      if (old.dataset.shape !== panel.dataset.shape) {
        remember(panel);
        replace(old, panel);
        document.querySelectorAll(`#${panel.id} .plot`).forEach(draw);
      }
    }
    for (const part of [...fresh.querySelectorAll("[data-live]")]) {
      const html = part.outerHTML;
      if (seen.get(part.id) === html) continue;
      seen.set(part.id, html);
      replace(document.getElementById(part.id), part);
      const plot = document.querySelector(`[data-figure="${part.id}"]`);
      if (plot) draw(plot);
    }
  };

  const fetchFragment = async () => {
    try {
      const answer = await fetch(words.fragment, { signal: AbortSignal.timeout(15000) });
      return answer.ok ? await answer.text() : null;
    } catch {
      return null;
    }
  };

  const refresh = async () => {
    if (document.hidden) return;
    const html = await fetchFragment();
    tell(html === null);
    if (html === null) return;
    readAt = performance.now();
    update(new DOMParser().parseFromString(html, "text/html"));
    search();
    tick();
  };

  const keepUp = async () => {
    await refresh();
    setTimeout(keepUp, 1000 * Number(words.refreshSeconds));
  };

  const changed = (query, action) => matchMedia(query).addEventListener("change", action);

  remember(document);
  drawAll();
  search();
  document.addEventListener("input", (event) => event.target.id === "search" && search());
  document.addEventListener("visibilitychange", refresh);
  changed("(prefers-color-scheme: dark)", drawAll);
  let resized;
  addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(drawAll, 150); });
  setInterval(tick, 1000);
  setTimeout(keepUp, 1000 * Number(words.refreshSeconds));
})();
