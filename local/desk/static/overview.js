// Everything at one glance: what is coming, what customers got, what the front desk was told.

import { desk } from "./desk.js";
import { empty, grouped, h, relativeDay, time } from "./dom.js";
import { handset } from "./phone.js";
import { channel } from "./slack.js";

const COMING = 14;
const RECENT = 30;

export const overview = {
  id: "overview",
  label: "Overview",
  draw(state) {
    const coming = state.plan
      .flatMap((visit) => visit.lines.filter((line) => line.fate === "planned" && line.at).map((line) => ({ ...line, visit })))
      .filter((line) => line.at >= state.now)
      .sort((a, b) => (a.at < b.at ? -1 : 1));
    return [
      h("div", { class: "figures" },
        figure(state.counts.text, "texts sent", "phone"),
        figure(state.counts["e-mail"], "e-mails sent", "inbox"),
        figure(state.counts["Slack line"], "lines to staff", "slack"),
        figure(state.plan.filter((visit) => visit.start >= state.now).length, "visits ahead", "plan"),
        figure(state.plan.filter((visit) => visit.start >= state.now && visit.closed.startsWith("confirmed")).length, "of them confirmed", "plan"),
        figure(coming.length, "messages planned", "plan")),
      h("div", { class: "columns" },
        h("section", { class: "card" }, heading("Coming up", "The whole plan", "plan"),
          h("div", { class: "coming", "data-scroll": "coming", tabindex: 0, "aria-label": "Coming up" },
            coming.length ? grouped(coming.slice(0, COMING), (line) => relativeDay(line.at, state.now)).map(([name, lines]) => [
              h("p", { class: "day" }, name),
              lines.map((line) => comingLine(line, state.now)),
            ]) : empty("Nothing is planned."))),
        h("section", { class: "center" }, handset(state.shop, "on everybody’s phones", state.texts.slice(-RECENT), state.now, true)),
        h("section", { class: "card" }, heading("Slack", "Open Slack", "slack"),
          h("div", { class: "messages", "data-scroll": "overview-slack", "data-follow": "yes", tabindex: 0, "aria-label": "Slack" },
            state.slack.length ? channel(state.slack.slice(-RECENT), state.now) : empty("Nothing was posted yet.")))),
    ];
  },
};

function figure(count, what, tab) {
  return h("button", { class: "figure", "data-key": `figure-${what}`, onclick: () => desk.show(tab) }, h("strong", {}, String(count)), h("span", {}, what));
}

function heading(title, link, tab) {
  return h("div", { class: "card-head" }, h("h2", {}, title), h("a", { href: `#${tab}` }, link));
}

function comingLine(line, now) {
  return h("div", { class: "coming-line" },
    h("time", {}, time(line.at)),
    h("div", {},
      h("strong", {}, line.visit.customer), ` ${line.what}`,
      h("span", { class: "why" }, `${line.visit.service}, ${relativeDay(line.visit.start, now)} ${time(line.visit.start)}; ${line.why}`)));
}
