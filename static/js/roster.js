// The roster: drag a shift to another day, post or person; arrows move between cells; what was open stays open.
//   [data-shift] a shift with data-seen and data-person; td[data-post][data-date] a cell
//   #roster-board is fetched again on "roster:changed" and every 30 s; not while somebody drags or a dialog is open
"use strict";
(() => {
  const board = () => document.getElementById("roster-board");
  const plans = () => board()?.dataset.plans !== undefined;
  let dragged = null;
  let kept = null; // what the visitor opened, to be found again after the board was fetched

  // --- dragging ----------------------------------------------------------------------------------------------------

  // A cell is full of shifts: only one beside it takes the shift over, anywhere else the cell is meant.
  const target = (event) => {
    const other = event.target.closest?.("li.shift");
    const beside = other && other !== dragged && other.closest("td") === dragged?.closest("td");
    if (beside && other.dataset.person !== dragged.dataset.person) return other;
    return event.target.closest?.("td[data-post][data-date]") ?? null;
  };
  const unmark = () => document.querySelectorAll(".roster-grid .is-target").forEach((one) => one.classList.remove("is-target"));

  document.addEventListener("dragstart", (event) => {
    const shift = event.target.closest?.("li.shift[draggable=true]");
    if (!shift || !plans()) return;
    dragged = shift;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", shift.textContent.trim());
    shift.classList.add("is-dragged");
  });
  document.addEventListener("dragover", (event) => {
    const place = dragged && target(event);
    unmark();
    if (!place || place === dragged.closest("td")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    place.classList.add("is-target");
  });
  document.addEventListener("drop", (event) => {
    const place = dragged && target(event);
    if (!place) return;
    event.preventDefault();
    const values = place.matches("li") ? { person: place.dataset.person } : { day: place.dataset.date, post: place.dataset.post };
    const from = dragged.closest("td");
    if (place !== from) send(dragged, values);
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = null;
    unmark();
  });

  // Refused or in want of a reason: the form comes back in the dialog, filled in.
  function send(shift, values) {
    const link = shift.querySelector("a");
    const path = `${link.getAttribute("href")}move/`;
    window.htmx.ajax("POST", path, { source: link, target: "#dialog", swap: "innerHTML", values: { ...values, seen: shift.dataset.seen } });
  }

  // --- keys ----------------------------------------------------------------------------------------------------------

  // Arrows go from cell to cell; Enter on a shift or a plus sign opens its form, which does all that dragging does.
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const stops = (cell) => [...cell.querySelectorAll("a, summary")].filter((one) => one.offsetParent !== null);

  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const cell = event.target.closest?.(".roster-grid td[data-post]");
    if (!step || !cell || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const [across, down] = step;
    const inside = stops(cell);
    const at = inside.indexOf(event.target.closest("a, summary"));
    let next = down ? inside[at + down] : null;
    if (!next && down) {
      const rows = [...document.querySelectorAll(".roster-grid tr[data-post]")];
      const row = rows[rows.indexOf(cell.parentElement) + down];
      const there = row ? stops(row.children[cell.cellIndex]) : [];
      next = down > 0 ? there[0] : there.at(-1);
    } else if (across) {
      let beside = across > 0 ? cell.nextElementSibling : cell.previousElementSibling;
      while (beside?.matches("td") && !stops(beside).length) beside = across > 0 ? beside.nextElementSibling : beside.previousElementSibling;
      const there = beside?.matches("td") ? stops(beside) : [];
      next = there[Math.min(at, there.length - 1)];
    }
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  // --- following -----------------------------------------------------------------------------------------------------

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt !== board()) return;
    const isAsked = event.detail.requestConfig?.triggeringEvent?.type === "roster:changed";
    if (dragged || (!isAsked && document.querySelector("dialog[open]"))) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== board()) return;
    const focused = board().contains(document.activeElement) ? document.activeElement : null;
    const cell = focused?.closest("td[data-post][data-date]");
    kept = {
      place: cell ? `td[data-post="${cell.dataset.post}"][data-date="${cell.dataset.date}"]` : focused?.closest("section[id]") ? `#${focused.closest("section[id]").id}` : "",
      open: [...board().querySelectorAll("details[open][id]")].map((one) => one.id),
      day: board().querySelector(".day-pick input:checked")?.id,
      left: board().querySelector(".table-wrap")?.scrollLeft ?? 0,
    };
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!kept || !board()) return;
    for (const id of kept.open) if (id !== "roster-more") document.getElementById(id)?.setAttribute("open", "");
    const day = kept.day && document.getElementById(kept.day);
    if (day) day.checked = true;
    const wrap = board().querySelector(".table-wrap");
    if (wrap) wrap.scrollLeft = kept.left;
    // What had the focus may be gone (a shift removed, a gap filled): the focus stays in its place.
    const place = kept.place && document.activeElement === document.body && board().querySelector(kept.place);
    if (place) [...place.querySelectorAll("a, button, summary")].find((one) => one.offsetParent !== null)?.focus();
    kept = null;
  });

  // What was done is said once, where it can be heard.
  document.addEventListener("roster:changed", (event) => {
    const said = document.getElementById("roster-said");
    document.getElementById("form-errors")?.replaceChildren();
    if (!said || !event.detail?.said) return;
    said.hidden = false;
    said.textContent = event.detail.said;
  });

  document.addEventListener("click", (event) => {
    const more = document.getElementById("roster-more");
    if (more?.open && (!more.contains(event.target) || event.target.closest("a"))) more.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const more = document.getElementById("roster-more");
    if (event.key !== "Escape" || !more?.open) return;
    more.open = false;
    more.querySelector("summary").focus();
  });
})();
