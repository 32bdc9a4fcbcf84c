// Forms: one submit at a time, Ctrl+Enter submits, the first wrong field gets the focus, 改 opens its input.
"use strict";
(() => {
  const busyMs = 8000;

  const buttons = (form) => form.querySelectorAll("button:not([type=button]), input[type=submit]");

  function free(form) {
    delete form.dataset.busy;
    form.removeAttribute("aria-busy");
    for (const button of buttons(form)) button.removeAttribute("aria-disabled");
  }

  // Plain and htmx submits both pass here first (capture), so a second one is stopped before it leaves.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.method === "get" && !form.hasAttribute("hx-post")) return;
    if (form.dataset.busy) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.busy = "yes";
    form.setAttribute("aria-busy", "true");
    for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
    setTimeout(() => free(form), busyMs);
  }, true);

  // What was sent and got no answer, or a broken one: say so where the hand is. Reads ask again by themselves.
  function trouble(event, words) {
    if (event.detail.requestConfig?.verb === "get") return;
    const place = document.getElementById("form-errors");
    if (!place) return;
    const box = document.createElement("div");
    const text = document.createElement("p");
    const close = document.createElement("button");
    box.className = "refusal";
    text.textContent = words;
    close.type = "button";
    close.className = "button is-quiet is-small";
    close.dataset.dismiss = "";
    close.textContent = place.dataset.dismissWords;
    box.append(document.createElement("span"), text, close);
    const form = document.querySelector("dialog[open] form"); // covers the page
    if (!form) {
      place.replaceChildren(box);
      return;
    }
    form.querySelector(":scope > .refusal")?.remove();
    box.setAttribute("role", "alert");
    form.prepend(box);
  }

  const isSentence = (xhr) => (xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
  const place = () => document.getElementById("form-errors")?.dataset || {};
  document.addEventListener("htmx:sendError", (event) => trouble(event, place().network));
  document.addEventListener("htmx:timeout", (event) => trouble(event, place().network));
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    if (isSentence(xhr)) trouble(event, xhr.responseText);
    else if (xhr.status >= 500) trouble(event, place().server);
  });
  // A session that is over, say: the sentence must not take the place of the form.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status >= 400 && isSentence(event.detail.xhr)) event.detail.shouldSwap = false;
  });

  // A login in another tab changes the token; the cookie has the one that is valid.
  document.addEventListener("htmx:configRequest", (event) => {
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
    if (!token) return;
    event.detail.headers["X-CSRFToken"] = token;
    if (event.detail.parameters.csrfmiddlewaretoken) event.detail.parameters.csrfmiddlewaretoken = token;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form && form.dataset.busy) free(form);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(free));

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing || event.keyCode === 229) return;
    const form = event.target.closest?.("form");
    if (!form || form.method === "dialog") return;
    event.preventDefault();
    form.requestSubmit();
  });

  function toFirstError(root) {
    const field = root.querySelector?.("[aria-invalid=true]");
    if (!field) return;
    field.closest("[data-field]")?.classList.add("is-open");
    field.focus();
  }

  document.addEventListener("htmx:afterSettle", (event) => toFirstError(event.target));
  document.addEventListener("DOMContentLoaded", () => toFirstError(document));
  // Deferred scripts run before DOMContentLoaded, so the line above is heard.

  document.addEventListener("click", (event) => {
    const change = event.target.closest("[data-change]");
    if (change) {
      event.preventDefault();
      const field = change.closest("[data-field]");
      field.classList.add("is-open");
      const input = field.querySelector("input:not([type=hidden]), select, textarea");
      input?.focus();
      input?.select?.();
    }
    event.target.closest("[data-dismiss]")?.closest(".refusal")?.remove();
  });
})();
