// The front desk's Slack: messages as the channel shows them, with buttons that send the signed request Slack sends.

import { desk } from "./desk.js";
import { empty, grouped, h, relativeDay, time, when } from "./dom.js";

const STAFF = ["Dana", "Arun"];
let user = STAFF[0];

/** One message with the buttons that it has now. */
export function message(entry, now) {
  const [first, ...rest] = entry.text.split("\n");
  return h(
    "article",
    { class: "slack-message", "data-ts": entry.ts },
    h("span", { class: "bot", "aria-hidden": "true" }, "AR"),
    h("div", {},
      h("header", {}, h("strong", {}, "Reminders"), h("span", { class: "tag" }, "APP"), h("time", {}, time(entry.at))),
      entry.parts.length > 0
        ? h("div", { class: "proposal" }, entry.parts.map(part), entry.edited && edited(entry, now))
        : h("p", {}, h("span", { class: "lead" }, first), rest.length ? `\n${rest.join("\n")}` : null, entry.edited && edited(entry, now)),
      entry.links.length > 0 && entry.parts.length === 0 && h("p", { class: "context" }, entry.links.map((link, at) => [at > 0 && " · ",
        h("a", { href: link.url, target: "_blank", rel: "noopener noreferrer" }, link.label)])),
      entry.buttons.length > 0 && h("div", { class: "buttons" }, entry.buttons.map((button) => press(entry, button)))),
  );
}

function edited(entry, now) {
  return h("span", { class: "edited" }, ` (edited ${when(entry.edited, now)})`);
}

/** One part of a card: a heading, values with the words they were read from, a note, the small print. */
function part({ kind, texts }) {
  if (kind === "heading") return h("h3", {}, texts);
  if (kind !== "fields") return texts.map((text) => h("p", { class: kind }, text));
  return h("dl", {}, texts.map((text) => {
    const [label, value, ...quote] = text.split("\n");
    return h("div", {}, h("dt", {}, label), h("dd", { class: value?.startsWith("⚠") && "doubtful" }, value, quote.length > 0 && h("q", {}, quote.join(" ").replace(/^“|”$/g, ""))));
  }));
}

const TYPES = { datepicker: "date", timepicker: "time" };

/** The form that a press has opened, over the channel. */
function form(entry) {
  const inputs = entry.inputs.map((input) => h("input", {
    id: `form-${input.id}`, type: TYPES[input.type] ?? "text", value: input.value, "data-was": input.value,
    "data-key": `form-${entry.id}-${input.id}`, "aria-invalid": input.problem ? "true" : false,
    "aria-describedby": `about-${input.id}`,
  }));
  const values = () => Object.fromEntries(entry.inputs.map((input, at) => [input.id, inputs[at].value]));
  return h("form", { class: "modal", role: "dialog", "aria-label": entry.title, onsubmit(event) {
    event.preventDefault();
    desk.act("/api/slack/form", { form: entry.id, values: values() });
  } },
    h("h2", {}, entry.title),
    entry.inputs.map((input, at) => h("label", {}, h("span", {}, input.label), inputs[at],
      h("small", { id: `about-${input.id}`, class: input.problem && "bad" }, input.problem || input.hint))),
    h("div", { class: "buttons" },
      h("button", { type: "button", "data-key": `form-${entry.id}-cancel`, onclick: () => desk.act("/api/slack/close", { form: entry.id }) }, "Cancel"),
      h("button", { class: "primary", "data-key": `form-${entry.id}-save` }, "Save")));
}

function press(entry, button) {
  return h("button", {
    class: button.style,
    "data-key": `slack-${entry.ts}-${button.id}`,
    onclick(event) {
      for (const each of event.currentTarget.parentElement.children) each.disabled = true;
      desk.act("/api/slack", { ts: entry.ts, button: button.id, user: user.toLowerCase() }).then((well) => {
        if (!well) desk.redraw();
      });
    },
  }, button.label);
}

/** Messages by day, oldest first. */
export function channel(messages, now) {
  return grouped(messages, (entry) => relativeDay(entry.at, now)).map(([name, some]) => [
    h("p", { class: "day" }, name),
    some.map((entry) => message(entry, now)),
  ]);
}

export const slack = {
  id: "slack",
  label: "Slack",
  badge: (state) => state.counts["Slack line"],
  draw(state) {
    if (!state.slack.length) return empty("Nothing was posted yet.");
    const names = [...new Set(state.slack.map((entry) => entry.channel))];
    return h("div", { class: "slack-window" },
      h("aside", {},
        h("strong", {}, state.shop),
        names.map((name) => h("span", { class: "channel" }, name.startsWith("#") ? name : `# ${name}`)),
        h("label", {}, "You are ", h("select", { "data-key": "slack-user", onchange: (event) => { user = event.target.value; } },
          STAFF.map((name) => h("option", { selected: name === user }, name))))),
      h("div", { class: "messages", "data-scroll": "slack", "data-follow": "yes", tabindex: 0, "aria-label": "Messages" },
        channel(state.slack, state.now)),
      state.forms.map(form));
  },
};
