// The plan: for every visit ahead what went, what will go and when, what won't, and why.

import { desk } from "./desk.js";
import { day, empty, grouped, h, relativeDay, time, when } from "./dom.js";

let wanted = "";
let onlyComing = false;

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
          some.map((visit) => row(visit, state.now)),
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

function row(visit, now) {
  const over = visit.start < now;
  return h("article", { class: over ? "visit over" : "visit", "data-appt": visit.appt_id },
    h("time", {}, time(visit.start)),
    h("div", { class: "whom" }, h("strong", {}, visit.customer), h("span", {}, `${visit.service}${visit.staff ? ` with ${visit.staff}` : ""}`), h("span", { class: "id" }, visit.appt_id)),
    h("ul", {}, visit.lines.map((line) => h("li", {},
      h("span", { class: `fate ${line.fate}` }, line.fate === "closed" ? "none" : line.fate),
      h("span", { class: "line-at" }, line.at ? when(line.at, now) : ""),
      h("span", { class: "line-what" }, line.what),
      h("span", { class: "why" }, line.why === "sent" ? "" : line.why)))));
}
