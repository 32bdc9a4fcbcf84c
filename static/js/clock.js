// Clocks from the server's time: the visitor's own wall clock is never asked.
//   <html data-now>            the server's time when the page was made, with its offset
//   event "clock:sync" {now}   a newer server time (live.js sends one with every message)
//   [data-clock]               the time of day      <time data-since>  time elapsed
//   <time data-due>            time left; the nearest [data-state] follows: armed, soon (data-soon seconds), breached
//   both also on a <tspan datetime> inside a drawing
"use strict";
(() => {
  const root = document.documentElement;
  const stamp = root.dataset.now || "";
  if (!stamp) return;

  const zone = /([+-])(\d\d):(\d\d)$/.exec(stamp);
  const offsetMs = zone ? (zone[1] === "-" ? -1 : 1) * (zone[2] * 60 + Number(zone[3])) * 60000 : 0;
  const loaded = performance.getEntriesByType("navigation")[0];
  // Server time minus performance.now(). A late message gives too small a value, never too large a one.
  let base = Date.parse(stamp) - (loaded && loaded.responseStart ? loaded.responseStart : performance.now());
  let behind = 0;

  const now = () => base + performance.now();

  function sync(iso) {
    const told = Date.parse(iso);
    if (!Number.isFinite(told)) return;
    const candidate = told - performance.now();
    if (candidate >= base) {
      base = candidate; // a quicker message, or this machine slept and its counter stood still
      behind = 0;
    } else if (base - candidate > 1500 && ++behind >= 3) {
      base = candidate; // three in a row: the server's clock was set back
      behind = 0;
    } else if (base - candidate <= 1500) {
      behind = 0;
      base -= Math.min(20, base - candidate); // follow a slow drift, not one slow message
    }
    tick();
  }

  const two = (n) => String(n).padStart(2, "0");

  function span(ms) {
    const seconds = Math.floor(Math.abs(ms) / 1000);
    const hours = Math.floor(seconds / 3600);
    const tail = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    return hours ? `${hours}:${tail}` : tail;
  }

  const ofDay = (ms) => new Date(ms + offsetMs).toISOString().slice(11, 19);

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function follow(element, left) {
    const holder = element.closest("[data-state]");
    if (!holder || holder.dataset.state === "met" || holder.dataset.state === "late") return;
    const soon = Number(element.dataset.soon || 600) * 1000;
    const state = left < 0 ? "breached" : left <= soon ? "soon" : "armed";
    if (holder.dataset.state !== state) holder.dataset.state = state;
  }

  const stated = (element) => element.dateTime ?? element.getAttribute("datetime"); // of a drawing's text only the latter

  const said = new Map(); // deadline -> the last mark spoken

  function announce(element, left) {
    const place = document.getElementById("announcer");
    const mark = left < 0 ? 0 : [1, 5, 10].find((minutes) => left <= minutes * 60000);
    if (!place || mark === undefined || said.get(element.dateTime) === mark) return;
    const first = !said.has(element.dateTime);
    said.set(element.dateTime, mark);
    // On arrival at a page only what is under a minute or past is worth an interruption.
    if (first && mark > 1) return;
    place.textContent = mark ? place.dataset.minutes.replace("{n}", mark) : place.dataset.breached;
  }

  function tick() {
    const moment = now();
    for (const element of document.querySelectorAll("[data-clock]")) write(element, ofDay(moment));
    for (const element of document.querySelectorAll("[data-since]")) write(element, span(moment - Date.parse(stated(element))));
    for (const element of document.querySelectorAll("[data-due]")) {
      const left = Date.parse(stated(element)) - moment;
      write(element, left < 0 ? `+${span(left)}` : span(left + 999));
      follow(element, left);
      if (element.hasAttribute("data-announce")) announce(element, left);
    }
  }

  // Ticks on the second of the server's clock; a background tab is throttled, so a return ticks at once.
  function beat() {
    tick();
    setTimeout(beat, 1000 - (((now() % 1000) + 1000) % 1000) + 5);
  }

  document.addEventListener("clock:sync", (event) => sync(event.detail.now));
  document.addEventListener("visibilitychange", () => document.hidden || tick());
  addEventListener("pageshow", tick);
  for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap", "live:painted"]) document.addEventListener(name, tick);
  // For live.js: the moment to write into "data as of".
  document.addEventListener("clock:ask", (event) => { event.detail.now = now(); event.detail.text = ofDay(now()); });
  beat();
})();
