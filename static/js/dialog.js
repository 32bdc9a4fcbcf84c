// The dialog: opens when a fragment arrives in it, closes when its form was taken, gives the focus back.
"use strict";
(() => {
  const dialog = () => document.getElementById("dialog");
  let opener = ""; // id of what opened it: the element itself may have been repainted since

  function close() {
    if (dialog()?.open) dialog().close();
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    const element = event.detail.elt;
    if (event.detail.target === dialog() && !dialog().contains(element)) opener = element.id;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialog()) return;
    if (!dialog().open) dialog().showModal();
    let first = dialog().querySelector("[aria-invalid=true], [autofocus], .menu a");
    if (!first && !dialog().contains(document.activeElement)) first = dialog().querySelector("[data-close]");
    first?.focus();
    first?.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (!dialog()?.contains(elt)) return;
    if (xhr.getResponseHeader("HX-Retarget") === "#dialog") return; // asks again, with what was typed
    if (/^text\/plain/.test(xhr.getResponseHeader("Content-Type"))) return; // not saved for now: it can be sent again
    // Taken, or refused for a reason that no answer in the form changes: the sentence stands on the page.
    if (xhr.status === 204 || xhr.status === 403 || xhr.status === 404 || xhr.status === 409) close();
  });

  document.addEventListener("click", (event) => {
    const box = dialog();
    if (!box?.open) return;
    if (event.target === box) close(); // the backdrop
    if (event.target.closest("[data-close]") && box.contains(event.target)) {
      event.preventDefault();
      close();
    }
  });
  document.addEventListener("DOMContentLoaded", () => {
    dialog()?.addEventListener("close", () => {
      dialog().replaceChildren();
      const back = document.getElementById(opener);
      const folded = back?.closest("details:not([open])"); // a menu that has closed meanwhile
      (folded ? folded.querySelector("summary") : back)?.focus();
    });
  });
})();
