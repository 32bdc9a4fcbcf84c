// Single-key shortcuts: off while typing, while an input method composes, with modifiers, and by the user's setting.
"use strict";
(() => {
  const off = document.documentElement.dataset.keys === "off";
  const typing = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]";
  const places = { 1: "/desk/", 2: "/incidents/", 3: "/playbooks/", 4: "/dashboard/" };
  const leaderMs = 1500;
  let leaderAt = -Infinity;

  function focus(event, selector) {
    const element = document.querySelector(selector);
    if (!element) return false;
    event.preventDefault();
    element.focus();
    element.scrollIntoView({ block: "nearest" });
    return true;
  }

  function step(event, direction) {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const row = rows[Math.max(0, Math.min(rows.length - 1, at + direction))];
    const target = row.querySelector("a, input:not([type=hidden]), button") || row;
    event.preventDefault();
    target.focus();
    row.scrollIntoView({ block: "nearest" });
  }

  const keys = {
    j: (event) => step(event, 1),
    k: (event) => step(event, -1),
    n: (event) => focus(event, "#report-what") || (location.href = "/desk/#report-what"),
    "/": (event) => focus(event, "[type=search], #report-what"),
    l: (event) => focus(event, "#quick-entry"),
    d: (event) => focus(event, "#live-next-deadline :is(button, a, input):not([type=hidden])"),
    "?": () => document.dispatchEvent(new CustomEvent("help:open")),
  };

  document.addEventListener("keydown", (event) => {
    // 229: an input method has the key, also where isComposing is not set yet.
    if (off || event.isComposing || event.keyCode === 229 || event.repeat && !"jk".includes(event.key)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.(typing) || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const led = performance.now() - leaderAt < leaderMs;
    leaderAt = key === "g" ? performance.now() : -Infinity;
    if (led && places[key]) {
      location.href = places[key];
    } else if (key in keys) {
      keys[key](event);
    }
  });
})();
