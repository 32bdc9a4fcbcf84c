// The what-if panel: a slider beside a number, and a wrong field marked as wrong.
"use strict";
(() => {
  const number = (slide) => document.getElementById(slide.dataset.drives);

  function follow(slide) {
    const value = Number.parseFloat(number(slide)?.value);
    slide.hidden = false;
    slide.value = Number.isFinite(value) ? value : 0;
    slide.classList.toggle("is-unset", !Number.isFinite(value));
  }

  function followAll() {
    document.querySelectorAll("[data-drives]").forEach(follow);
  }

  document.addEventListener("input", (event) => {
    const slide = event.target.closest?.("[data-drives]");
    if (slide) {
      number(slide).value = slide.value;
      slide.classList.remove("is-unset");
      return;
    }
    const driven = event.target.id && document.querySelector(`[data-drives="${CSS.escape(event.target.id)}"]`);
    if (driven) follow(driven);
  });

  // The sentence comes from the server; the field keeps its focus, so only its mark changes.
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const hint = event.detail.target;
    if (!hint?.id?.endsWith("-error")) return;
    for (const field of document.querySelectorAll(`[aria-describedby="${CSS.escape(hint.id)}"]`)) {
      const text = document.getElementById(hint.id)?.textContent.trim();
      if (text) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  });

  followAll();
})();
