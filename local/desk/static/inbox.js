// The customers' e-mails as a mail program shows them: the HTML in a frame that runs nothing, or the plain text.

import { desk } from "./desk.js";
import { empty, h, when } from "./dom.js";

let chosen = -1;
let plain = false;
let plainText = { id: -1, text: "" };

export const inbox = {
  id: "inbox",
  label: "Inbox",
  badge: (state) => state.counts["e-mail"],
  draw(state) {
    if (!state.mails.length) return empty("No e-mails yet. They go to customers without a phone, or who asked for no texts.");
    if (!state.mails.some((mail) => mail.id === chosen)) chosen = state.mails.at(-1).id;
    const mail = state.mails.find((each) => each.id === chosen);
    return h("div", { class: "split inbox" },
      h("div", { class: "people", "data-scroll": "mails", role: "group", "aria-label": "E-mails" },
        state.mails.toReversed().map((each) => entry(each, state.now))),
      h("section", { class: "card letter" },
        h("div", { class: "letter-head" },
          h("div", {}, h("h1", {}, mail.subject),
            h("p", {}, `${mail.from} to ${mail.to}`, h("br"), when(mail.at, state.now), mail.calendar && h("span", { class: "tag" }, "with .ics"))),
          h("label", {}, h("input", {
            type: "checkbox", checked: plain, "data-key": "mail-plain",
            onchange: (event) => { plain = event.target.checked; desk.redraw(); },
          }), " plain text")),
        plain ? h("pre", { class: "letter-body", tabindex: 0 }, textOf(mail.id))
          : h("iframe", { src: `/mail/${mail.id}`, title: `E-mail: ${mail.subject}`, sandbox: "allow-popups allow-popups-to-escape-sandbox", class: "letter-body" })));
  },
};

function entry(mail, now) {
  return h("button", {
    class: "person",
    "data-key": `mail-${mail.id}`,
    "aria-pressed": String(mail.id === chosen),
    onclick() {
      chosen = mail.id;
      desk.redraw();
    },
  },
  h("span", { class: "who" }, h("strong", {}, mail.name || mail.to), h("span", {}, mail.subject)),
  h("span", { class: "at" }, when(mail.at, now)));
}

function textOf(id) {
  if (plainText.id === id) return plainText.text;
  plainText = { id, text: "..." };
  fetch(`/api/mail/${id}/text`).then((answer) => answer.json()).then((said) => {
    plainText = { id, text: said.text };
    desk.redraw();
  });
  return plainText.text;
}
