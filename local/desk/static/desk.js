// The desk's page: keeps the state, shows the chosen tab, sends what people do.

import { day, h, time } from "./dom.js";
import { bookings } from "./bookings.js";
import { documents } from "./documents.js";
import { inbox } from "./inbox.js";
import { log } from "./log.js";
import { overview } from "./overview.js";
import { phone } from "./phone.js";
import { plan } from "./plan.js";
import { sheet } from "./sheet.js";
import { slack } from "./slack.js";
import { week } from "./week.js";

const TABS = [overview, sheet, documents, phone, inbox, bookings, slack, plan, week, log];
const panel = document.getElementById("panel");
const toast = document.getElementById("toast");

let state = null;
let shownVersion = -1; // of what the panel shows
let waiting = Promise.resolve(); // what people do goes out one at a time
let toastTimer = 0;

export const desk = { act, say, show, redraw };

// ---------------------------------------------------------------- showing

function chosen() {
  return TABS.find((tab) => tab.id === location.hash.slice(1)) ?? TABS[0];
}

/** Go to a tab. */
function show(id) {
  location.hash = id;
}

function drawTop() {
  document.getElementById("shop").textContent = state.shop;
  document.getElementById("time").textContent = time(state.now);
  document.getElementById("day").textContent = `${day(state.now)} ${state.now.slice(0, 4)}, ${state.zone}`;
  document.title = `${state.shop}: the desk`;
  const progress = document.getElementById("progress");
  progress.hidden = !state.busy;
  progress.textContent = state.busy;
  document.body.toggleAttribute("data-busy", Boolean(state.busy));
  for (const button of document.querySelectorAll("[data-step]")) button.disabled = Boolean(state.busy);
}

function drawTabs() {
  const now = chosen();
  const tabs = document.getElementById("tabs");
  const walking = tabs.contains(document.activeElement);
  tabs.replaceChildren(
    ...TABS.map((tab) => {
      const badge = tab.badge?.(state);
      return h(
        "button",
        {
          role: "tab",
          id: `tab-${tab.id}`,
          "aria-selected": String(tab === now),
          "aria-controls": "panel",
          tabindex: tab === now ? 0 : -1,
          "data-key": `tab-${tab.id}`,
          onclick: () => show(tab.id),
          onkeydown: stepTabs,
        },
        tab.label,
        badge ? h("span", { class: tab.alarming?.(state) ? "badge bad" : "badge" }, String(badge)) : null,
      );
    }),
  );
  panel.setAttribute("aria-labelledby", `tab-${now.id}`);
  if (walking) document.getElementById(`tab-${now.id}`).focus();
}

function stepTabs(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  show(TABS[(TABS.indexOf(chosen()) + step + TABS.length) % TABS.length].id);
}

/** Draw the panel anew; who was typing, or had scrolled, goes on where they were. */
function redraw() {
  const tab = chosen();
  const same = panel.dataset.tab === tab.id;
  const scrolled = new Map();
  for (const element of panel.querySelectorAll("[data-scroll]")) {
    scrolled.set(element.dataset.scroll, [element.scrollTop, element.scrollLeft, atEnd(element)]);
  }
  const active = document.activeElement;
  const typing = same && active?.dataset?.key
    ? { key: active.dataset.key, value: active.value, was: active.dataset.was, at: active.selectionStart }
    : null;
  panel.dataset.drawing = "yes"; // what is taken away isn't left by a person
  panel.dataset.tab = tab.id;
  panel.replaceChildren(...[tab.draw(state)].flat());
  delete panel.dataset.drawing;
  drawTabs();
  for (const element of panel.querySelectorAll("[data-scroll]")) {
    const [top, left, end] = (same && scrolled.get(element.dataset.scroll)) || [0, 0, true];
    element.scrollTop = end && element.dataset.follow ? element.scrollHeight : top;
    element.scrollLeft = left;
  }
  if (typing) goOnTyping(typing);
}

function goOnTyping(typing) {
  const element = document.querySelector(`[data-key="${CSS.escape(typing.key)}"]`);
  if (!element) return;
  if (typing.was !== undefined && typing.value !== typing.was) {
    element.value = typing.value;
    element.dataset.was = typing.was;
  }
  element.focus({ preventScroll: true });
  if (typing.at !== null && element.setSelectionRange && element.type !== "checkbox") {
    element.setSelectionRange(typing.at, typing.at);
  }
}

function atEnd(element) {
  return element.scrollTop + element.clientHeight >= element.scrollHeight - 40;
}

/** Say something at the foot of the page. */
function say(text, bad = false) {
  clearTimeout(toastTimer);
  toast.textContent = text;
  toast.className = bad ? "bad shown" : "shown";
  toastTimer = setTimeout(() => { toast.className = ""; }, bad ? 9000 : 4000);
}

// ---------------------------------------------------------------- speaking to the desk

/** Do something; returns whether it went well. What went wrong is said. */
function act(path, body) {
  const run = async () => {
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body ?? {}),
      });
      const said = await answer.json();
      if (answer.ok && said.said) say(said.said);
      if (!answer.ok) say(sentence(said.problem ?? said.error?.message ?? `HTTP ${answer.status}`), true);
      return answer.ok;
    } catch {
      say("The desk doesn't answer: is it still running?", true);
      return false;
    }
  };
  waiting = waiting.then(run);
  return waiting;
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

async function listen() {
  for (;;) {
    try {
      const answer = await fetch(`/api/state?after=${state?.version ?? -1}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = await answer.json();
      const lost = document.body.hasAttribute("data-lost");
      document.body.removeAttribute("data-lost");
      if (lost) say("The desk is back.");
      if (fresh.version === state?.version) continue;
      state = fresh;
      drawTop();
      if (state.busy && shownVersion >= 0) drawTabs();
      else {
        shownVersion = state.version;
        redraw();
      }
    } catch {
      if (!document.body.hasAttribute("data-lost")) say("The desk doesn't answer. Waiting for it ...", true);
      document.body.setAttribute("data-lost", "");
      await new Promise((resolve) => { setTimeout(resolve, 1500); });
    }
  }
}

window.addEventListener("hashchange", () => {
  if (state) redraw();
});
for (const button of document.querySelectorAll("[data-step]")) {
  button.addEventListener("click", () => {
    for (const each of document.querySelectorAll("[data-step]")) each.disabled = true; // until the state says otherwise
    act("/api/clock", { step: button.dataset.step }).then(drawTop);
  });
}
listen();
