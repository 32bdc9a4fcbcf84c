// The tests of contacts are fetched again every few seconds: what was opened, closed or scrolled stays so.
"use strict";
(() => {
  const isTests = (event) => event.detail.target?.id === "contact-tests";
  let seen = new Map();

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isTests(event)) return;
    seen = new Map();
    for (const run of event.detail.target.querySelectorAll("details[id]")) {
      seen.set(run.id, { open: run.open, top: run.querySelector("ul")?.scrollTop || 0 });
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isTests(event)) return;
    for (const [id, was] of seen) {
      const run = document.getElementById(id);
      if (!run) continue;
      run.open = was.open;
      run.querySelector("ul")?.scrollTo(0, was.top);
    }
  });
})();
