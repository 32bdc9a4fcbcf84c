// The playbook picker: typing narrows (htmx asks the server), arrows move, Enter goes on to the first fact.
"use strict";
(() => {
  const PATIENCE_MS = 8000;
  const what = () => document.getElementById("report-what");
  const radios = () => [...document.querySelectorAll("#report-options input[type=radio]")];
  let shown = null; // the playbook whose facts are on the page

  function announceChoice() {
    const chosen = radios().find((radio) => radio.checked);
    const value = chosen ? chosen.value : "";
    if (value === shown) return;
    shown = value;
    if (chosen) chosen.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function move(direction) {
    const all = radios();
    if (!all.length) return;
    const at = all.findIndex((radio) => radio.checked);
    const next = all[at < 0 ? (direction > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + direction))];
    next.checked = true;
    next.closest(".option").scrollIntoView({ block: "nearest" });
    announceChoice();
  }

  // The list is the one for what was typed, and nothing is under way or not yet alive. A quick hand is ahead of all.
  function isSettled() {
    const asked = document.getElementById("report-options")?.dataset.asked;
    const underWay = "#report :is(.htmx-request, .htmx-swapping, .htmx-added, .htmx-settling)";
    return asked === what().value.trim() && !document.querySelector(underWay);
  }

  // Given up without the server's answer, or when the visitor has gone on elsewhere: better nothing than a wrong plan.
  function whenSettled(act, until = performance.now() + PATIENCE_MS) {
    if (document.activeElement !== what()) return;
    if (isSettled()) act();
    else if (performance.now() < until) setTimeout(() => whenSettled(act, until), 25);
  }

  function goOn() {
    const all = radios();
    if (all.length && !all.some((radio) => radio.checked)) all[0].checked = true;
    announceChoice();
    whenSettled(() => {
      const first = document.querySelector("#report-facts :is(input, select, textarea)");
      (first || document.querySelector("#report [type=submit]"))?.focus();
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.target !== what() || event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      whenSettled(() => move(event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      whenSettled(goOn);
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.name === "playbook") shown = event.target.value;
    if (event.target.matches("[data-exercise]")) {
      event.target.closest("form").classList.toggle("is-drill", event.target.checked);
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "report-options") announceChoice();
  });
  shown = radios().find((radio) => radio.checked)?.value ?? "";
  // The jump to the address's # comes last and takes the focus with it; the field itself is its target.
  addEventListener("load", () => location.hash === "#report-what" && what()?.focus());
})();
