// Light or dark, before the first paint: the account's setting where somebody is signed in, else this machine's choice.
//   <html data-theme-setting="system|light|dark" data-theme-url>   the url: where a signed-in user's choice is kept
"use strict";
(() => {
  const root = document.documentElement;
  const { themeUrl } = root.dataset;
  let setting = root.dataset.themeSetting || "system";
  const system = matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // private mode
    }
  }

  function apply() {
    const chosen = themeUrl ? setting : stored();
    root.dataset.theme = chosen === "light" || chosen === "dark" ? chosen : system.matches ? "dark" : "light";
  }

  // The pages before the login follow too, so it is kept on this machine as well.
  function keep(theme) {
    setting = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch { /* private mode: without an account the choice holds for this page */ }
    if (!themeUrl) return;
    const headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
    const body = new URLSearchParams({ theme });
    fetch(themeUrl, { method: "POST", headers, body, keepalive: true }).catch(() => {}); // offline: this page only
  }

  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    root.dataset.theme = theme;
    keep(theme);
  });
})();
