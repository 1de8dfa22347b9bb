// The appointment sheet, edited in place: a cell is saved when it is left, and counts from the next sync on.

import { desk } from "./desk.js";
import { h, many } from "./dom.js";

const WIDEST = 30;
const NARROWEST = 7;
let sorted = { column: -1, reverse: false };

export const sheet = {
  id: "sheet",
  label: "Sheet",
  badge: (state) => state.sheet.problems.length,
  alarming: () => true,
  draw(state) {
    const { rows, problems } = state.sheet;
    const columns = Math.max(1, ...rows.map((row) => row.length));
    const header = rows[0] ?? [];
    return [
      h("div", { class: "tools" },
        h("h1", {}, "The appointment sheet"),
        h("span", { class: "quiet" }, "An edit counts from the next sync on, within five minutes."),
        h("button", { "data-key": "sync", onclick: () => desk.act("/api/sync") }, "Sync now")),
      problems.length > 0 && h("details", { class: "problems", open: true },
        h("summary", {}, `${many(problems.length, "cell")} to mend, as staff were told in Slack`),
        h("ul", {}, problems.map((fact) => h("li", {}, h("strong", {}, `Row ${fact.line}${header[fact.column] ? `, ${header[fact.column]}` : ""}: `), fact.problem)))),
      h("div", { class: "card table-wrap grid-wrap", "data-scroll": "sheet" },
        h("table", { class: "grid" },
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "hidden" }, "Row")), range(columns).map((at) => columnHead(at, header[at] ?? "")))),
          h("tbody", {}, [...rows.slice(1), []].map((row, index) => line(index + 2, row, columns, header, problems, rows.length))))),
    ].filter(Boolean);
  },
};

function range(count) {
  return [...Array(count).keys()];
}

function columnHead(at, name) {
  const mine = sorted.column === at;
  return h("th", { scope: "col", "aria-sort": mine ? (sorted.reverse ? "descending" : "ascending") : null },
    h("button", {
      "data-key": `sort-${at}`,
      title: `Sort by ${name || "this column"}`,
      onclick() {
        sorted = { column: at, reverse: mine && !sorted.reverse };
        desk.act("/api/sheet/sort", sorted);
      },
    }, name || "(no header)", h("span", { "aria-hidden": "true" }, mine ? (sorted.reverse ? " ▼" : " ▲") : "")));
}

function line(number, row, columns, header, problems, count) {
  const isNew = number > count;
  return h("tr", { class: isNew && "new", "data-line": number },
    h("th", { scope: "row" }, h("div", { class: "row-head" },
      h("span", {}, isNew ? "+" : String(number)),
      !isNew && h("span", { class: "row-buttons" },
        h("button", { title: `Insert a row above row ${number}`, "aria-label": `Insert a row above row ${number}`, "data-key": `insert-${number}`, onclick: () => desk.act("/api/sheet/insert", { line: number }) }, "+"),
        h("button", { title: `Delete row ${number}`, "aria-label": `Delete row ${number}`, "data-key": `delete-${number}`, onclick: () => desk.act("/api/sheet/delete", { line: number, was: row }) }, "×")))),
    range(columns).map((at) => h("td", {}, cell(number, at, row[at] ?? "", header[at] ?? "", problems))));
}

function cell(number, at, text, header, problems) {
  const problem = problems.find((fact) => fact.line === number && fact.column === at);
  const input = h("input", {
    value: text,
    size: Math.max(NARROWEST, Math.min(WIDEST, text.length + 1)),
    "data-key": `cell-${number}-${at}`,
    "data-was": text,
    "data-column": header,
    "aria-label": `${header || `column ${at + 1}`}, row ${number}`,
    "aria-invalid": problem ? "true" : null,
    title: problem?.problem,
    spellcheck: "false",
    autocomplete: "off",
    class: /status/i.test(header) ? `status ${text.toLowerCase().replace(/[^a-z]+/g, "-")}` : null,
    onblur(event) {
      if (!document.getElementById("panel").dataset.drawing) save(event.target, number, at);
    },
    onkeydown: (event) => keys(event, number, at),
  });
  return input;
}

function keys(event, number, at) {
  if (event.key === "Escape") {
    event.target.value = event.target.dataset.was;
    return;
  }
  const down = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!down) return;
  event.preventDefault();
  const next = document.querySelector(`[data-key="cell-${number + down}-${at}"]`);
  if (next) next.focus();
  else event.target.blur();
  next?.select();
}

function save(input, number, at) {
  const { was } = input.dataset;
  if (input.value === was) return;
  const text = input.value;
  input.dataset.was = text;
  desk.act("/api/sheet/cell", { line: number, column: at, text, was }).then((well) => {
    if (!well) desk.redraw();
  });
}
