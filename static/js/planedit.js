// The editor of plan texts: line numbers beside the text, findings that lead to their line, a word before leaving.
"use strict";
(() => {
  const text = () => document.getElementById("law-text");
  let saved = "";
  let counted = 0;

  function count() {
    const area = text();
    const gutter = document.getElementById("law-gutter");
    if (!area || !gutter) return;
    const lines = area.value.split("\n").length;
    if (lines !== counted || !gutter.textContent) {
      counted = lines;
      gutter.textContent = Array.from({ length: lines }, (_, place) => place + 1).join("\n");
    }
    gutter.scrollTop = area.scrollTop;
  }

  function goTo(line) {
    const area = text();
    if (!area) return;
    const lines = area.value.split("\n");
    const target = Math.min(Math.max(line, 1), lines.length);
    const start = lines.slice(0, target - 1).reduce((sum, one) => sum + one.length + 1, 0);
    area.focus({ preventScroll: true });
    area.setSelectionRange(start, start + lines[target - 1].length);
    const height = parseFloat(getComputedStyle(area).lineHeight);
    area.scrollTop = Math.max(0, (target - 1) * height - area.clientHeight / 3);
    area.scrollLeft = 0;
    area.scrollIntoView({ block: "nearest" });
    count();
  }

  function begin() {
    const area = text();
    if (!area || area.dataset.ready) return;
    area.dataset.ready = "yes";
    counted = 0;
    // Shown again with what was wrong: still not saved.
    saved = document.querySelector("#law-editor .refusal") ? null : area.value;
    area.addEventListener("scroll", () => {
      document.getElementById("law-gutter").scrollTop = area.scrollTop;
    }, { passive: true });
    count();
  }

  document.addEventListener("input", (event) => event.target === text() && count());
  document.addEventListener("click", (event) => {
    const line = event.target.closest("[data-line]");
    if (line) goTo(Number(line.dataset.line));
  });
  document.addEventListener("htmx:afterSettle", begin);
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.getResponseHeader("HX-Redirect")) saved = text()?.value;
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "law-editor" && !window.htmx) saved = text()?.value;
  });
  addEventListener("beforeunload", (event) => {
    if (text() && text().value !== saved) event.preventDefault();
  });
  document.addEventListener("DOMContentLoaded", begin);
  if (document.readyState !== "loading") begin();
})();
