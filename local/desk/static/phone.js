// The customers' phones: a text as the customer sees it, its link leading to the real page.

import { desk } from "./desk.js";
import { empty, grouped, h, many, relativeDay, replyLink, time, when } from "./dom.js";

let chosenNumber = "";

/** One text's bubble. */
export function bubble(text, withName) {
  const body = text.parts.map((part) => (part.href ? replyLink(part.text, part.href) : part.text));
  return h(
    "article",
    { class: "bubble", "data-appt": text.appt_id },
    withName && h("header", {}, h("strong", {}, text.name || text.to), h("span", {}, text.to)),
    h("p", {}, body),
    h("footer", {}, `${time(text.at)} · ${many(text.segments, "segment")}`),
  );
}

/** A phone with these texts, oldest first, newest in sight. */
export function handset(title, subtitle, texts, now, withNames) {
  const days = grouped(texts, (text) => relativeDay(text.at, now));
  return h(
    "div",
    { class: "handset", role: "group", "aria-label": `Phone: ${title}` },
    h("div", { class: "screen" },
      h("div", { class: "status-bar", "aria-hidden": "true" }, h("span", {}, time(now)), h("span", { class: "island" }), h("span", {}, "SMS")),
      h("div", { class: "contact" }, h("strong", {}, title), h("span", {}, subtitle)),
      h("div", { class: "thread", "data-scroll": `thread-${title}`, "data-follow": "yes", tabindex: 0, "aria-label": "Texts" },
        texts.length ? days.map(([name, some]) => [h("p", { class: "day" }, name), some.map((t) => bubble(t, withNames))])
          : empty("No texts yet. Let some time pass."))),
  );
}

export const phone = {
  id: "phone",
  label: "Phone",
  badge: (state) => state.counts.text,
  draw(state) {
    const people = new Map();
    for (const text of state.texts) {
      if (!people.has(text.to)) people.set(text.to, []);
      people.get(text.to).push(text);
    }
    if (!people.size) return empty("No texts yet. Let some time pass: “Run to the next send” shows the first one.");
    const newest = [...people].sort(([, a], [, b]) => (a.at(-1).at < b.at(-1).at ? 1 : -1));
    if (!people.has(chosenNumber)) [[chosenNumber]] = newest;
    const texts = people.get(chosenNumber);
    const name = texts.at(-1).name || chosenNumber;
    return h("div", { class: "split phones" },
      h("div", { class: "people", "data-scroll": "people", role: "group", "aria-label": "Whose phone" },
        newest.map(([number, some]) => person(number, some, state.now))),
      handset(state.shop, `on ${name}’s phone, ${chosenNumber}`, texts, state.now, false));
  },
};

function person(number, texts, now) {
  const last = texts.at(-1);
  return h(
    "button",
    {
      class: "person",
      "data-key": `person-${number}`,
      "aria-pressed": String(number === chosenNumber),
      onclick() {
        chosenNumber = number;
        desk.redraw();
      },
    },
    h("span", { class: "initials", "aria-hidden": "true" }, initials(last.name || number)),
    h("span", { class: "who" }, h("strong", {}, last.name || number), h("span", {}, last.parts.map((part) => part.text).join(""))),
    h("span", { class: "at" }, when(last.at, now), texts.length > 1 && h("span", { class: "badge" }, String(texts.length))),
  );
}

function initials(name) {
  return name.split(/\s+/).filter((word) => /\p{L}/u.test(word)).map((word) => word[0]).slice(0, 2).join("") || "#";
}
