// Keeps the regions of a page as the server has them.
//   <body data-page data-number>, #live-seen   what is open, and the numbers it was painted at
//   <html data-link="wait|on|lost|gone">       how things stand; #live-link-lost and #live-gone are the notices
//   [data-personal] with id and data-url       fetched again when something of this user's own changed
//   events: "clock:sync" {now} with every message, "live:painted" {id} after a region was replaced
"use strict";
(() => {
  const root = document.documentElement;
  const { page, number = "" } = document.body.dataset;
  if (!page) return;

  const SILENCE_MS = 10000; // the server beats every 5 s
  const LONGEST_WAIT_MS = 15000;
  const POLL_MS = [5000, 10000];
  const ROWS = "[data-row][id], li[id], tr[id], article[id]";
  const TYPED = "textarea, select, [contenteditable], input:not([type=button], [type=submit], [type=checkbox], [type=radio])";
  const query = `/live/?${new URLSearchParams(number ? { page, number } : { page })}`;
  const between = ([least, most]) => least + Math.random() * (most - least);

  let seen = JSON.parse(document.getElementById("live-seen")?.textContent || "{}");
  let socket = null;
  let asOf = (root.dataset.now || "").slice(11, 19);
  let failures = 0;
  let retry = 0;
  // The one clock stands still while the machine sleeps, the other may be set: the longer span counts.
  let heard = [performance.now(), Date.now()];
  const silence = () => Math.max(performance.now() - heard[0], Date.now() - heard[1]);
  const held = new Map(); // region id -> newest HTML, kept back while somebody is at work in the region

  // --- regions ---------------------------------------------------------------------------------------------------

  function isBusy(region) {
    const focused = document.activeElement;
    const typing = region.contains(focused) && focused.matches(TYPED) && document.hasFocus();
    return typing || region.matches(".htmx-request") || region.querySelector(".htmx-request, dialog[open]") !== null;
  }

  function put(id, html) {
    const old = document.getElementById(id);
    if (!old) return;
    if (isBusy(old)) {
      held.set(id, html);
      return;
    }
    held.delete(id);
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.querySelector(`#${CSS.escape(id)}`);
    if (!fresh) return; // a login page, say
    const restore = remember(old, fresh);
    old.replaceWith(fresh);
    restore();
    window.htmx?.process(fresh);
    document.dispatchEvent(new CustomEvent("live:painted", { detail: { id } }));
  }

  // What the visitor did to the old region and must find again in the new one.
  function remember(old, fresh) {
    const twin = (element) => {
      if (element === old) return fresh;
      if (element.id) return fresh.querySelector(`#${CSS.escape(element.id)}`);
      const key = ["name", "href", "data-url", "hx-post", "hx-get"].find((name) => element.hasAttribute(name));
      if (!key) return null;
      const same = `${element.localName}[${key}="${CSS.escape(element.getAttribute(key))}"]`;
      return fresh.querySelectorAll(same)[[...old.querySelectorAll(same)].indexOf(element)] || null;
    };
    for (const details of old.querySelectorAll("details")) {
      const other = twin(details) || twin(details.querySelector("[id]") || details)?.closest("details");
      if (other) other.open = details.open;
    }
    for (const field of old.querySelectorAll("input, textarea, select")) {
      const other = twin(field);
      if (!other || field.type === "hidden") continue;
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked !== field.defaultChecked) other.checked = field.checked;
      } else if (field.localName === "select" || field.value !== field.defaultValue) {
        other.value = field.value;
      }
    }
    for (const row of fresh.querySelectorAll(ROWS)) {
      if (!document.getElementById(row.id)) row.classList.add("is-new");
    }
    const scrolled = [old, ...old.querySelectorAll("[id]")].filter((one) => one.scrollTop || one.scrollLeft);
    const places = scrolled.map((one) => [twin(one), one.scrollTop, one.scrollLeft]);
    const focused = old.contains(document.activeElement) ? twin(document.activeElement) : null;
    return () => {
      for (const [one, top, left] of places) one?.scrollTo(left, top);
      focused?.focus({ preventScroll: true });
    };
  }

  function release() {
    for (const [id, html] of [...held]) put(id, html);
  }
  // After the event the focus is where it goes to.
  document.addEventListener("focusout", () => setTimeout(release));
  document.addEventListener("close", () => setTimeout(release), true); // of a dialog; does not bubble
  for (const name of ["htmx:afterRequest", "htmx:afterSettle"]) document.addEventListener(name, () => setTimeout(release));

  function paint(frame) {
    const topics = Object.keys(frame.to);
    const isWhole = Object.keys(frame.from).length === 0;
    if (!isWhole && Object.keys(frame.from).some((name) => frame.from[name] > (seen[name] || 0))) {
      resync();
      return;
    }
    if (!isWhole && topics.every((name) => frame.to[name] <= (seen[name] || 0))) return; // we have later ones
    for (const [id, html] of Object.entries(frame.html)) put(id, html);
    if (isWhole) seen = { ...frame.to };
    else for (const name of topics) seen[name] = Math.max(seen[name] || 0, frame.to[name]);
    vouch(frame.now);
    personal(5000);
  }

  // What is shown was right at this moment of the server's clock.
  function vouch(now) {
    document.dispatchEvent(new CustomEvent("clock:sync", { detail: { now } }));
    const ask = { now: 0, text: "" };
    document.dispatchEvent(new CustomEvent("clock:ask", { detail: ask }));
    asOf = ask.text || now.slice(11, 19);
    showAsOf();
  }

  function showAsOf() {
    for (const place of document.querySelectorAll("[data-frozen]")) if (place.textContent !== asOf) place.textContent = asOf;
  }

  // --- by plain HTTP -----------------------------------------------------------------------------------------------

  let fetching = false;
  let again = false;

  // Fetches all regions; resolves to whether this user may see them (null: no answer).
  async function resync() {
    if (fetching) {
      again = true;
      return null;
    }
    fetching = true;
    again = false;
    const before = { ...seen };
    try {
      const answer = await fetch(query, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10000) });
      if ([401, 403, 404].includes(answer.status)) return false;
      if (!answer.ok) throw new Error(answer.statusText);
      const frame = await answer.json();
      // A push overtook this answer: what is on the page is newer.
      const isOld = Object.keys(frame.to).some((name) => frame.to[name] >= (before[name] || 0) && frame.to[name] < (seen[name] || 0));
      if (isOld) again = true;
      else paint(frame);
      personal(200);
      return true;
    } catch {
      if (root.dataset.link === "on") setTimeout(resync, 2000);
      return null;
    } finally {
      fetching = false;
      if (again) setTimeout(resync, 100);
    }
  }

  // This page changed something itself: where no push says so in time, ask.
  document.addEventListener("room:changed", () => {
    const before = JSON.stringify(seen);
    const ms = root.dataset.link === "on" ? 800 : 0;
    setTimeout(() => JSON.stringify(seen) === before && resync(), ms);
  });

  let personalTimer = 0;
  let personalAt = Infinity;

  // Fetches the personal regions within `ms`; an earlier wish wins over a later one. Spread, as everybody is told at once.
  function personal(ms) {
    const at = performance.now() + ms * (0.5 + Math.random() / 2);
    if (at >= personalAt || !document.querySelector("[data-personal]")) return;
    personalAt = at;
    clearTimeout(personalTimer);
    personalTimer = setTimeout(fetchPersonal, at - performance.now());
  }

  async function fetchPersonal() {
    personalAt = Infinity;
    for (const place of document.querySelectorAll("[data-personal][id][data-url]")) {
      try {
        const answer = await fetch(place.dataset.url, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(10000) });
        if (answer.ok) put(place.id, await answer.text());
      } catch {
        personal(10000);
      }
    }
  }

  // --- the link ----------------------------------------------------------------------------------------------------

  function setLink(state) {
    if (root.dataset.link === state) return;
    root.dataset.link = state;
    for (const [id, shown] of [["live-link-lost", state === "lost"], ["live-gone", state === "gone"]]) {
      const notice = document.getElementById(id);
      if (notice) notice.hidden = !shown;
    }
    // What this user may no longer see leaves the screen; what was typed is still there after a new login.
    const main = document.getElementById("main");
    if (main) main.hidden = state === "gone";
    if (state === "lost") startPolling();
  }

  let polling = 0;

  function startPolling() {
    clearTimeout(polling);
    polling = setTimeout(async () => {
      if (root.dataset.link !== "lost") return;
      if ((await resync()) === false) setLink("gone");
      startPolling();
    }, between(POLL_MS));
  }

  function connect() {
    clearTimeout(retry);
    if (socket && socket.readyState <= WebSocket.OPEN) return;
    const own = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/`);
    socket = own;
    heard = [performance.now(), Date.now()];
    own.onopen = () => own.send(JSON.stringify({ page, number, seen }));
    own.onmessage = (event) => own === socket && take(JSON.parse(event.data));
    own.onclose = (event) => own === socket && closed(event.code);
  }

  const takers = {
    paint: (frame) => paint(frame),
    personal: () => personal(200),
    resync: () => resync(),
    denied: () => {}, // the close code follows
    blind: () => setLink("lost"), // the server lives, its database does not answer
    beat: (frame) => {
      if (Object.keys(frame.head).some((name) => frame.head[name] > (seen[name] || 0))) resync();
      else vouch(frame.now);
    },
  };

  function take(frame) {
    heard = [performance.now(), Date.now()];
    if (frame.type === "paint" || frame.type === "beat") {
      if (root.dataset.link !== "on" && root.dataset.link !== "wait") personal(200);
      failures = 0;
      setLink("on");
    }
    takers[frame.type]?.(frame);
  }

  async function closed(code) {
    socket = null;
    setLink("lost");
    // The session may have been renewed in another tab: only a plain request tells.
    if (code >= 4401 && code <= 4404 && (await resync()) === false) {
      setLink("gone");
      return;
    }
    wait(code === 4400 || code === 4429 ? LONGEST_WAIT_MS : 0);
  }

  function wait(least) {
    clearTimeout(retry);
    const ms = Math.max(least, Math.min(LONGEST_WAIT_MS, 1000 * 2 ** failures++));
    retry = setTimeout(connect, ms * (0.5 + Math.random() / 2));
  }

  function drop() {
    const old = socket;
    socket = null;
    if (old) {
      old.onclose = old.onmessage = null;
      old.close();
    }
  }

  // The page is looked at again, the network is back, or the button: do not wait.
  async function hurry() {
    if (root.dataset.link === "gone" && (await resync()) !== true) return;
    if (socket && socket.readyState === WebSocket.OPEN && silence() < SILENCE_MS / 2) return;
    drop();
    connect();
  }

  setInterval(() => {
    if (!socket || silence() < SILENCE_MS) return;
    drop(); // a dead link does not close by itself
    setLink("lost");
    wait(0);
  }, 1000);
  addEventListener("online", hurry);
  addEventListener("pageshow", (event) => event.persisted && hurry());
  document.addEventListener("visibilitychange", () => document.hidden || hurry());
  document.addEventListener("click", (event) => event.target.closest("[data-reconnect]") && (drop(), connect()));
  addEventListener("offline", () => {
    drop();
    setLink("lost");
    wait(0);
  });
  addEventListener("pagehide", drop);
  showAsOf();
  connect();
})();
