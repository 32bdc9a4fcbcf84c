// The incident room: bars and rail that move with the clock, filters of the action cards, the quick note.
"use strict";
(() => {
  const cards = () => document.getElementById("actions");

  function moment() {
    const detail = { now: 0 };
    document.dispatchEvent(new CustomEvent("clock:ask", { detail }));
    return detail.now;
  }

  function move() {
    const now = moment();
    if (!now) return;
    for (const bar of document.querySelectorAll("progress[data-from]")) {
      bar.value = Math.max(0, Math.min(bar.max, (now - Date.parse(bar.dataset.from)) / 1000));
    }
    for (const rail of document.querySelectorAll(".rail[data-moves]")) {
      const starts = Date.parse(rail.dataset.starts);
      const x = `${Math.max(0, Math.min(100, ((now - starts) / (Date.parse(rail.dataset.ends) - starts)) * 100)).toFixed(2)}%`;
      rail.querySelector(".elapsed").setAttribute("x2", x);
      rail.querySelector(".now").setAttribute("x1", x);
      rail.querySelector(".now").setAttribute("x2", x);
      rail.querySelector("[data-now-label]")?.setAttribute("x", x);
    }
  }

  // Personal, so done here: the cards themselves are the same for everybody.
  function filter() {
    const box = cards();
    if (!box) return;
    const wanted = box.dataset.filter || "";
    let shown = 0;
    for (const task of box.querySelectorAll(".task")) {
      const fits = !wanted || ("open" in task.dataset && (wanted === "open" || task.dataset.holder === box.dataset.me));
      task.hidden = !fits;
      shown += fits;
    }
    for (const card of box.querySelectorAll("[data-card]")) {
      card.hidden = ![...card.querySelectorAll(".task")].some((task) => !task.hidden);
    }
    document.getElementById("actions-none").hidden = !wanted || shown > 0;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-filter]");
    if (!button || button === cards()) return;
    cards().dataset.filter = button.dataset.filter;
    for (const one of button.parentElement.children) one.setAttribute("aria-pressed", String(one === button));
    filter();
  });

  // A note is sent once: a new key for the next one, only after this one was taken.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (xhr.status === 204) document.getElementById("form-errors").replaceChildren();
    if (!elt.matches?.("[data-quick]") || xhr.status !== 204) return;
    elt.reset();
    elt.elements.key.value = crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`;
    elt.elements.text.focus();
  });

  // A button that did its work is gone: the keyboard goes on from the next tick, else from the region's first button.
  let after = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const button = event.detail.elt;
    const region = button.closest?.("[id^=live-]");
    if (!region || document.activeElement !== button) return;
    const ticks = [...region.querySelectorAll(".tick-mark[id]")].map((one) => one.id);
    const at = ticks.indexOf(button.id);
    after = { region: region.id, ids: at < 0 ? [] : [...ticks.slice(at + 1), ...ticks.slice(0, at).reverse()] };
  });
  document.addEventListener("live:painted", (event) => {
    if (after?.region !== event.detail.id || document.activeElement !== document.body) return;
    const next = after.ids.map((id) => document.getElementById(id)).find(Boolean);
    (next || document.querySelector(`#${after.region} .button[id]`))?.focus({ preventScroll: true });
    after = null;
  });

  // An older entry that a link points at may be folded away in earlier pages.
  function open() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.matches("#quick-entry")) target.focus();
  }

  for (const name of ["live:painted", "htmx:afterSwap", "htmx:oobAfterSwap"]) {
    document.addEventListener(name, () => { move(); filter(); });
  }
  addEventListener("hashchange", open);
  document.addEventListener("DOMContentLoaded", () => { move(); filter(); open(); });
  setInterval(move, 1000);
})();
