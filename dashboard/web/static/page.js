// Draws the figures that the server wrote into the page, keeps its live parts up to date, and puts
// another view in place of this one without starting anew: Plotly is slow to read.
"use strict";
(() => {
  const words = () => document.body.dataset;
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

  const numbersAbove = (data) => data.find(({ mode }) => mode === "text");

  // On a narrow chart only every second or third week has its name, and its number above the bar.
  const fit = ({ data, layout: { xaxis } }, width, size) => {
    if (xaxis.type !== "category") return;
    const numbers = numbersAbove(data);
    const longest = Math.max(2.6, ...(numbers?.text ?? []).map((text) => 0.62 * text.length)); // in em
    const room = (width / size - 3) / (xaxis.range[1] - xaxis.range[0]); // for one bar, in em
    const every = Math.ceil((longest + 0.6) / room);
    const isNamed = (_, i, all) => (all.length - 1 - i) % every === 0;
    xaxis.tickvals = xaxis.tickvals.filter(isNamed);
    if (!numbers) return;
    const mark = (text) => text.replace(/[\d,]+/, ""); // that of low precision is never left out
    const hasRoom = (i) => (i + 0.5) * room > longest / 2; // or it would lie over the words at the axis
    numbers.text = numbers.text.map((text, i, all) =>
      isNamed(text, i, all) && hasRoom(i) ? text : mark(text));
    numbers.y = numbers.y.map((y, i) => (numbers.text[i] ? y : null));
  };

  // Room for the words at the axes, measured here: Plotly's own way (automargin) draws three times.
  const pen = document.createElement("canvas").getContext("2d");
  const EDGE = 8; // pixels around a chart
  const wordsAt = ({ type, ticktext, tickvals, range, ticksuffix = "" }, values) => {
    if (type === "date") return [["12/28"]];
    if (ticktext ?? tickvals) return (ticktext ?? tickvals).map((text) => String(text).split("<br>"));
    const largest = range?.[1] ?? 1.1 * Math.max(1, ...values.filter(Number.isFinite));
    return [[`${Math.ceil(largest).toLocaleString("en")}${ticksuffix}`]];
  };
  const margins = ({ data, layout: { xaxis, yaxis } }, width, { size, family }) => {
    pen.font = `${size}px ${family}`;
    const long = (lines) => Math.max(0, ...lines.map((line) => pen.measureText(line).width));
    const left = long(wordsAt(yaxis, data.flatMap(({ y }) => y)).flat());
    const below = wordsAt(xaxis, data.flatMap(({ x }) => x));
    const number = numbersAbove(data)?.text.at(-1) ?? "";
    const inside = xaxis.type === "category" ? width / (xaxis.range[1] - xaxis.range[0]) : 0;
    return {
      l: Math.ceil(Math.min(left + 1.5 * EDGE, width / 2)),
      r: Math.ceil(Math.max(EDGE, 2 + (long([...(below.at(-1) ?? []), number]) - inside) / 2)), // half a word
      t: EDGE,
      b: Math.ceil(1.3 * size * Math.max(1, ...below.map((lines) => lines.length)) + EDGE),
    };
  };

  // What has no number draws nothing, and takes Plotly's time nevertheless.
  const telling = (data) => {
    const isThere = (value) => value !== null;
    for (const trace of data) {
      if (trace.error_y && !trace.error_y.array.some(isThere)) delete trace.error_y;
    }
    return data.filter(({ y }) => y.some(isThere));
  };

  const draw = (plot) => {
    const style = getComputedStyle(plot);
    const figure = coloured(JSON.parse(document.getElementById(plot.dataset.figure).textContent), style);
    const font = { family: style.fontFamily, size: parseFloat(style.fontSize), color: style.color };
    const { hoverlabel } = figure.layout;
    const [width, height] = [plot.clientWidth, plot.clientHeight];
    fit(figure, width, font.size);
    hoverlabel.font = { ...font, ...hoverlabel.font };
    const room = { width, height, margin: margins(figure, width, font) };
    Plotly.react(plot, telling(figure.data), { ...figure.layout, ...room, font }, { displayModeBar: false });
  };

  // Plotly comes after the words are on the screen, and at leisure where no chart waits for it.
  let plotly = null;
  const withPlotly = () => (plotly ??= new Promise((loaded) => {
    const script = document.createElement("script");
    script.src = words().plotly;
    script.onload = loaded;
    script.onerror = () => { plotly = null; };
    document.head.append(script);
  }));

  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

  const leisure = () =>
    window.requestIdleCallback
      ? new Promise((done) => requestIdleCallback(done, { timeout: 500 }))
      : painted();

  const isOnScreen = (plot) => {
    const { top, bottom } = plot.getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  };

  // Charts on the screen come first; each of the others waits until nothing else is to be done.
  let drawing = 0;
  const drawAll = async () => {
    const [page, mine] = [document.body, ++drawing];
    const isOver = () => document.body !== page || drawing !== mine; // another view, or other colours
    const plots = [...document.querySelectorAll(".plot")];
    if (plots.length && !window.Plotly) await withPlotly();
    if (isOver()) return;
    const [first, later] = [plots.filter(isOnScreen), plots.filter((plot) => !isOnScreen(plot))];
    first.forEach(draw);
    for (const plot of later) {
      await leisure();
      if (isOver()) return;
      if (plot.isConnected) draw(plot);
    }
  };

  const search = () => {
    const box = document.getElementById("search");
    if (!box) return;
    const wanted = box.value.trim().toLowerCase();
    for (const row of document.querySelectorAll("#station-rows > tr")) {
      row.hidden = !row.dataset.search.includes(wanted);
    }
  };

  const age = (seconds) => {
    const { days, hours, minutes, seconds: few } = words();
    const units = [[86400, days], [3600, hours], [60, minutes], [1, few]];
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
    document.getElementById("lost").textContent = lost ? words().lost.replace("{time}", time) : "";
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
      const answer = await fetch(words().fragment, { signal: AbortSignal.timeout(15000) });
      return answer.ok ? await answer.text() : null;
    } catch {
      return null;
    }
  };

  const refresh = async () => {
    if (document.hidden) return;
    const page = document.body;
    const html = await fetchFragment();
    if (document.body !== page) return; // another view came meanwhile
    tell(html === null);
    if (html === null) return;
    readAt = performance.now();
    await withPlotly();
    if (document.body !== page) return;
    update(new DOMParser().parseFromString(html, "text/html"));
    search();
    tick();
  };

  let next;
  const keepUp = () => {
    clearTimeout(next);
    next = setTimeout(async () => { await refresh(); keepUp(); }, 1000 * Number(words().refreshSeconds));
  };

  const begin = async () => {
    readAt = performance.now();
    seen.clear();
    remember(document);
    search();
    keepUp();
    if (!window.Plotly) await painted(); // else words and charts come together
    await drawAll();
    await leisure();
    await withPlotly();
  };

  // Another view of this site in place of this one. What is not such a view is left to the browser.
  let going = null;
  let shown = location.href.split("#")[0];
  const go = async (address, isNew) => {
    going?.abort();
    const mine = (going = new AbortController());
    document.body.classList.add("is-going");
    let fresh = null, answer;
    try {
      answer = await fetch(address, { signal: mine.signal });
      if (answer.ok) fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      if (mine.signal.aborted) return;
    }
    if (!fresh?.getElementById("content")) return location.assign(address);
    const before = location.pathname;
    if (isNew) history.pushState(null, "", answer.url);
    shown = location.href.split("#")[0];
    const focused = document.activeElement?.id;
    document.querySelectorAll(".plot.js-plotly-plot").forEach((plot) => Plotly.purge(plot));
    lost = false;
    document.title = fresh.title;
    document.documentElement.lang = fresh.documentElement.lang;
    document.body.replaceWith(document.adoptNode(fresh.body));
    (document.getElementById(focused) ?? document.getElementById("content")).focus({ preventScroll: true });
    if (isNew && location.pathname !== before) scrollTo(0, 0);
    begin();
  };

  const isOurs = (address) => address.origin === location.origin && !address.pathname.includes("/download/");

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.getAttribute("href").startsWith("#") || !isOurs(new URL(link.href))) return;
    event.preventDefault();
    go(link.href, true);
  });
  document.addEventListener("submit", (event) => {
    const asked = new URLSearchParams(new FormData(event.target));
    event.preventDefault();
    go(new URL(`?${asked}`, location.href).href, true);
  });
  addEventListener("popstate", () => {
    if (location.href.split("#")[0] !== shown) go(location.href, false); // else within the page
  });

  const changed = (query, action) => matchMedia(query).addEventListener("change", action);

  document.addEventListener("input", (event) => event.target.id === "search" && search());
  document.addEventListener("visibilitychange", refresh);
  changed("(prefers-color-scheme: dark)", drawAll);
  let resized;
  addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(drawAll, 150); });
  setInterval(tick, 1000);
  begin();
})();
