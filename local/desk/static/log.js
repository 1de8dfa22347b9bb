// What each function did, newest first.

import { desk } from "./desk.js";
import { empty, grouped, h, relativeDay, time } from "./dom.js";

let onlyFailed = false;
let onlyDid = false;

export const log = {
  id: "log",
  label: "Log",
  badge: (state) => state.counts.failed,
  alarming: (state) => state.counts.failed > 0,
  draw(state) {
    const runs = state.log.filter((run) => (!onlyFailed || run.failed) && (!onlyDid || run.did));
    const toggle = (label, key, value, set) => h("label", {}, h("input", {
      type: "checkbox", checked: value, "data-key": key, onchange: (event) => { set(event.target.checked); desk.redraw(); },
    }), ` ${label}`);
    return [
      h("div", { class: "tools" }, h("h1", {}, "What each function did"),
        toggle("only what sent or changed something", "log-did", onlyDid, (value) => { onlyDid = value; }),
        toggle("only failures", "log-failed", onlyFailed, (value) => { onlyFailed = value; })),
      runs.length ? h("div", { class: "card table-wrap", "data-scroll": "log", tabindex: 0, "aria-label": "Runs" },
        h("table", { class: "log" },
          h("thead", {}, h("tr", {}, ["Time", "Function", "Called by", "What it did"].map((name) => h("th", { scope: "col" }, name)))),
          grouped(runs, (run) => relativeDay(run.at, state.now)).map(([name, some]) => h("tbody", {},
            h("tr", { class: "day-row" }, h("th", { colspan: 4, scope: "rowgroup" }, name)),
            some.map((run) => h("tr", { class: run.failed && "failed" },
              h("td", {}, time(run.at)), h("td", {}, h("code", {}, run.function)), h("td", {}, run.about), h("td", {}, run.did || h("span", { class: "quiet" }, "–"))))))))
        : empty(onlyFailed ? "Nothing has failed." : "Nothing has run yet."),
    ];
  },
};
