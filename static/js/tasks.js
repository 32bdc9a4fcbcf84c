// After a tick the list comes back without that task: the focus goes to the one that took its place.
"use strict";
(() => {
  const ticks = () => [...document.querySelectorAll("#live-my-tasks button.tick")];
  let at = -1;

  document.addEventListener("submit", (event) => {
    if (event.target.closest("#live-my-tasks")) at = ticks().indexOf(event.target.querySelector("button.tick"));
  }, true);

  function goOn() {
    if (at < 0 || document.activeElement !== document.body) return;
    const all = ticks();
    all[Math.min(at, all.length - 1)]?.focus({ preventScroll: true });
    at = -1;
  }
  document.addEventListener("live:painted", (event) => event.detail.id === "live-my-tasks" && goOn());
  document.addEventListener("htmx:afterSettle", goOn);
})();
