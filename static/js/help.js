// The dialog with the shortcuts.
"use strict";
(() => {
  const open = () => {
    const dialog = document.getElementById("help");
    if (dialog && !dialog.open) dialog.showModal();
  };
  document.addEventListener("help:open", open);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) open();
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.id === "help") event.target.close(); // the backdrop
  });
})();
