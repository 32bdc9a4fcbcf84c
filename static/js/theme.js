// Light or dark, before the first paint: the choice made on this machine, else the user's setting, else the system.
"use strict";
(() => {
  const root = document.documentElement;
  const setting = root.dataset.themeSetting || "system";
  const system = matchMedia("(prefers-color-scheme: dark)");

  // The stored choice is worth something only while the setting is the one it was made under.
  function stored() {
    try {
      const [under, theme] = (localStorage.getItem("theme") || "").split(":");
      return under === setting && (theme === "light" || theme === "dark") ? theme : null;
    } catch {
      return null;
    }
  }

  function apply() {
    root.dataset.theme = stored() || (setting === "system" ? (system.matches ? "dark" : "light") : setting);
  }

  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", `${setting}:${theme}`);
    } catch { /* private mode: the choice holds for this page */ }
    root.dataset.theme = theme;
  });
})();
