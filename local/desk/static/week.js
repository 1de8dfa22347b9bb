// The weekly summary as it would be told now: Slack's message, and the owner's mail in a frame that runs nothing.

import { desk } from "./desk.js";
import { h } from "./dom.js";

let told = { version: -1, said: null };

export const week = {
  id: "week",
  label: "Week",
  draw(state) {
    if (told.version !== state.version) {
      told = { version: state.version, said: told.said };
      fetch("/api/week").then((answer) => answer.json()).then((said) => {
        told.said = said;
        desk.redraw();
      });
    }
    const { said } = told;
    return [
      h("div", { class: "tools" }, h("h1", {}, "The finished week, as it would be told now"),
        h("p", {}, said?.note ?? "It goes out on Monday at 8am by itself.")),
      h("div", { class: "split week" },
        h("section", { class: "card" }, h("h2", {}, "In Slack"), h("pre", { tabindex: 0, "data-scroll": "week" }, said?.problem ?? said?.slack ?? "...")),
        h("section", { class: "card letter" }, h("h2", {}, "To the owner, by mail"),
          said?.slack && h("iframe", { src: `/week?${state.version}`, title: "The weekly summary", sandbox: "allow-popups", class: "letter-body" }))),
    ];
  },
};
