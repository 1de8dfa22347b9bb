// The two Google Docs that the front desk edits: the rules and the voice.

import { desk } from "./desk.js";
import { h, many } from "./dom.js";

const TITLES = { rules: "Rules: who is reminded when", voice: "Voice: what the messages say" };
const typed = new Map(); // what was typed and not saved, by document

export const documents = {
  id: "documents",
  label: "Documents",
  badge: (state) => state.docs.rules.problems.length + state.docs.voice.problems.length,
  alarming: () => true,
  draw(state) {
    return h("div", { class: "docs" }, ["rules", "voice"].map((name) => paper(name, state.docs[name])));
  },
};

function paper(name, doc) {
  const text = typed.get(name) ?? doc.text;
  const numbers = h("pre", { class: "numbers", "aria-hidden": "true" });
  const save = h("button", { class: "primary", "data-key": `save-${name}`, onclick: () => keep(name, area.value) }, "Save");
  const revert = h("button", { "data-key": `revert-${name}`, onclick: () => { typed.delete(name); desk.redraw(); } }, "Take back");
  const bad = new Set(doc.problems.map((problem) => problem.line));
  const settle = () => {
    if (area.value === doc.text) typed.delete(name);
    else typed.set(name, area.value);
    save.disabled = revert.disabled = !typed.has(name);
    numbers.replaceChildren(...area.value.split("\n").map((_, at) => h("span", { class: bad.has(at + 1) && "bad" }, `${at + 1}\n`)));
  };
  const area = h("textarea", {
    "data-key": `doc-${name}`, "data-scroll": `doc-${name}`, "aria-label": TITLES[name], spellcheck: "false", wrap: "off",
    oninput: settle,
    onscroll: () => { numbers.scrollTop = area.scrollTop; },
    onkeydown(event) {
      if ((event.ctrlKey || event.metaKey) && event.key === "s") {
        event.preventDefault();
        if (!save.disabled) keep(name, area.value);
      }
    },
  });
  area.value = text;
  settle();
  return h("section", { class: "card paper" },
    h("div", { class: "card-head" }, h("h2", {}, TITLES[name]), standing(doc)),
    doc.problems.length > 0 && h("ul", { class: "problems" }, doc.problems.map((problem) => h("li", {}, h("strong", {}, `Line ${problem.line}: `), problem.problem))),
    h("div", { class: "lines" }, numbers, area),
    h("div", { class: "paper-foot" }, save, revert, h("span", {}, "Counts from the next sync on."),
      h("button", { "data-key": `sync-${name}`, onclick: () => desk.act("/api/sync") }, "Sync now")));
}

function standing(doc) {
  if (doc.in_force) return h("span", { class: "chip good" }, "in force");
  if (doc.problems.length) return h("span", { class: "chip bad" }, `${many(doc.problems.length, "line")} to mend: the former version stays in force`);
  return h("span", { class: "chip" }, "saved, waits for the next sync");
}

async function keep(name, text) {
  if (await desk.act("/api/doc", { name, text })) {
    typed.delete(name);
    desk.redraw();
  }
}
