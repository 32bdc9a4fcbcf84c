// Search fields over a list of links: arrows go through what was found, Enter opens the first of it.
"use strict";
(() => {
  const links = (field) => [...document.querySelectorAll(`${field.dataset.finds} :is(.book-what > a, details > a)`)]
    .filter((one) => one.checkVisibility());
  const isQuiet = (event) => !event.isComposing && event.keyCode !== 229 && !event.ctrlKey && !event.metaKey && !event.altKey;

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.("[data-finds]");
    if (!field || !isQuiet(event)) return;
    if (event.key === "ArrowDown") {
      event.preventDefault();
      links(field)[0]?.focus();
    } else if (event.key === "Enter" && field.value.trim()) {
      event.preventDefault();
      open(field);
    }
  });

  // The list is that of what was typed; a quick hand is ahead of the answer.
  function open(field, until = performance.now() + 8000) {
    if (document.activeElement !== field) return;
    const busy = field.classList.contains("htmx-request") || field.dataset.sent !== field.value.trim();
    if (!busy) links(field)[0]?.click();
    else if (performance.now() < until) setTimeout(() => open(field, until), 25);
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !["ArrowDown", "ArrowUp"].includes(event.key) || !isQuiet(event)) return;
    const field = [...document.querySelectorAll("[data-finds]")].find((one) => links(one).includes(document.activeElement));
    if (!field) return;
    const all = links(field);
    const next = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    (next < 0 ? field : all[Math.min(next, all.length - 1)]).focus();
  });

  document.addEventListener("htmx:afterSettle", () => {
    for (const field of document.querySelectorAll("[data-finds]")) {
      const list = document.querySelector(field.dataset.finds);
      if (list?.dataset.asked !== undefined) field.dataset.sent = list.dataset.asked;
    }
  });
  for (const field of document.querySelectorAll("[data-finds]")) field.dataset.sent = field.value.trim();
})();
