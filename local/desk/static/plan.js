// The plan: for every visit ahead what went, what will go and when, what won't, and why.

import { desk } from "./desk.js";
import { day, empty, grouped, h, relativeDay, time, when } from "./dom.js";

let wanted = "";
let onlyComing = false;
let asked = { id: "", version: -1, story: null }; // whose story is open

export const plan = {
  id: "plan",
  label: "Plan",
  draw(state) {
    const visits = state.plan.filter(isWanted);
    return [
      h("div", { class: "tools" },
        h("h1", {}, "What will be sent, when and why"),
        h("label", { class: "search" }, "Find ", h("input", {
          type: "search", value: wanted, placeholder: "customer, service, id", "data-key": "plan-find",
          oninput: (event) => { wanted = event.target.value; desk.redraw(); },
        })),
        h("label", {}, h("input", {
          type: "checkbox", checked: onlyComing, "data-key": "plan-coming",
          onchange: (event) => { onlyComing = event.target.checked; desk.redraw(); },
        }), " only with something to come")),
      visits.length ? h("div", { class: "plan", "data-scroll": "plan", tabindex: 0, "aria-label": "Visits" },
        grouped(visits, (visit) => visit.start.slice(0, 10)).map(([, some]) => [
          h("h2", { class: "plan-day" }, dayTitle(some[0].start, state.now)),
          some.map((visit) => row(visit, state)),
        ])) : empty(state.plan.length ? "No visit fits." : "No visit is ahead, or the sheet and the rules weren’t taken yet."),
    ];
  },
};

function dayTitle(iso, now) {
  const name = relativeDay(iso, now);
  return name === day(iso) ? name : `${name.charAt(0).toUpperCase()}${name.slice(1)}, ${day(iso)}`;
}

function isWanted(visit) {
  if (onlyComing && !visit.lines.some((line) => line.fate === "planned")) return false;
  const text = `${visit.customer} ${visit.service} ${visit.staff} ${visit.appt_id}`.toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function row(visit, state) {
  const { now } = state;
  const open = asked.id === visit.appt_id;
  return h("article", { class: visit.start < now ? "visit over" : "visit", "data-appt": visit.appt_id },
    h("time", {}, time(visit.start)),
    h("div", { class: "whom" }, h("strong", {}, visit.customer), h("span", {}, `${visit.service}${visit.staff ? ` with ${visit.staff}` : ""}`), h("span", { class: "id" }, visit.appt_id),
      h("button", {
        class: "quiet", "aria-expanded": String(open), "data-key": `why-${visit.appt_id}`,
        onclick() {
          asked = { id: open ? "" : visit.appt_id, version: -1, story: null };
          desk.redraw();
        },
      }, open ? "Close the story" : "Why?")),
    h("ul", {}, visit.lines.map((line) => h("li", {},
      h("span", { class: `fate ${line.fate}` }, line.fate === "closed" ? "none" : line.fate),
      h("span", { class: "line-at" }, line.at ? when(line.at, now) : ""),
      h("span", { class: "line-what" }, line.what),
      h("span", { class: "why" }, line.why === "sent" ? "" : line.why)))),
    open && storyOf(visit.appt_id, state));
}

/** All that happened to a visit, and how it stands: asked for anew after every change. */
function storyOf(id, state) {
  if (asked.version !== state.version) {
    asked.version = state.version;
    fetch(`/api/why/${encodeURIComponent(id)}`).then((answer) => answer.json()).then((story) => {
      if (asked.id !== id) return;
      asked.story = story;
      desk.redraw();
    });
  }
  const { story } = asked;
  if (!story) return h("p", { class: "story" }, "...");
  if (story.problem) return h("p", { class: "story" }, story.problem);
  return h("div", { class: "story" },
    h("p", {}, story.now),
    h("ol", {}, story.past.map((one) => h("li", {},
      h("time", {}, one.at ? when(one.at, state.now) : ""),
      h("span", {}, one.text, one.reason && h("small", {}, one.reason))))));
}
