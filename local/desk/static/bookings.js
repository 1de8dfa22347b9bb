// Bookings that come in: mails to the booking address, and the shop's calendar. What is read is proposed in Slack.

import { desk } from "./desk.js";
import { day, h, time } from "./dom.js";

const SAID = {
  proposed: ["proposed in Slack", "chip good"],
  none: ["no booking", "chip"],
  waiting: ["is being scanned", "chip"],
  unreadable: ["can't be read: staff are told", "chip bad"],
  refused: ["refused", "chip bad"],
};

export const bookings = {
  id: "bookings",
  label: "Bookings",
  badge: (state) => state.intake.mails.length || null,
  draw(state) {
    return h("div", { class: "docs" }, mailCard(state.intake), calendarCard(state));
  },
};

function mailCard(intake) {
  const chosen = h("input", { type: "file", accept: ".eml,message/rfc822", multiple: true, id: "eml", class: "hidden", "data-key": "eml",
    onchange(event) { [...event.target.files].forEach(drop); } });
  return h("section", { class: "card coming-in",
    ondragover(event) { event.preventDefault(); event.currentTarget.classList.add("over"); },
    ondragleave(event) { event.currentTarget.classList.remove("over"); },
    ondrop(event) {
      event.preventDefault();
      event.currentTarget.classList.remove("over");
      [...event.dataTransfer.files].forEach(drop);
    } },
    h("div", { class: "card-head" }, h("h2", {}, "Mails to the booking address")),
    h("div", { class: "coming" },
      h("p", { class: "drop" }, "Drop a saved mail (.eml) here, or ", h("label", { for: "eml", class: "link" }, "choose one"), chosen, ". Or forward a sample:"),
      h("ul", { class: "samples" }, intake.samples.map((sample) => h("li", {},
        h("button", { "data-key": `sample-${sample.name}`, onclick: () => desk.act("/api/mail/sample", { name: sample.name }) }, "Forward"),
        h("span", {}, sample.subject)))),
      h("p", { class: "day" }, intake.mails.length ? "Came in" : "Nothing has come in yet."),
      h("ul", { class: "received" }, intake.mails.map((mail) => {
        const [text, look] = SAID[mail.outcome] ?? ["on its way", "chip"];
        return h("li", {}, h("strong", {}, mail.subject || "(no subject)"), h("span", { class: look }, text),
          mail.reason && h("span", { class: "why" }, mail.reason));
      }))));
}

async function drop(file) {
  const content = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,?/, ""));
    reader.readAsDataURL(file);
  });
  desk.act("/api/mail/drop", { name: file.name, content });
}

function calendarCard(state) {
  const field = (name, label, props) => h("label", {}, h("span", {}, label), h("input", { name, "data-key": `event-${name}`, ...props }));
  return h("section", { class: "card coming-in" },
    h("div", { class: "card-head" }, h("h2", {}, "The shop's calendar")),
    h("div", { class: "coming" },
      h("form", { class: "event-form", onsubmit(event) {
        event.preventDefault();
        const values = Object.fromEntries(new FormData(event.target));
        desk.act("/api/calendar/add", { ...values, minutes: Number(values.minutes) });
      } },
        field("summary", "Title", { required: true, value: "Dental cleaning" }),
        field("description", "Description", { value: "#appt Phone: +65 9876 5432" }),
        field("guest", "Guest", { value: "Ken Ho" }),
        field("email", "Guest's e-mail", { type: "email", value: "ken.ho@example.com" }),
        field("start", "Start", { type: "datetime-local", required: true, value: `${state.now.slice(0, 8)}18T11:00` }),
        field("minutes", "Minutes", { type: "number", min: 5, max: 600, required: true, value: 45 }),
        h("button", { class: "primary", "data-key": "event-add" }, "Enter into the calendar")),
      h("p", { class: "day" }, state.intake.events.length ? "To come" : "The calendar is empty. An event with #appt in its description is proposed."),
      h("ul", { class: "received" }, state.intake.events.map((event) => {
        const start = h("input", { type: "datetime-local", value: event.start, "aria-label": `Start of ${event.summary}`, "data-key": `start-${event.id}`, "data-was": event.start });
        return h("li", {}, h("strong", {}, event.summary), h("span", {}, `${day(event.start)}${event.start.length > 10 ? `, ${time(event.start)}` : ""}${event.guests && `, ${event.guests}`}`),
          h("span", { class: "why" }, event.description),
          h("span", { class: "buttons" }, start,
            h("button", { "data-key": `move-${event.id}`, onclick: () => desk.act("/api/calendar/move", { id: event.id, start: start.value }) }, "Move"),
            h("button", { class: "danger", "data-key": `delete-${event.id}`, onclick: () => desk.act("/api/calendar/delete", { id: event.id }) }, "Delete")));
      }))));
}
