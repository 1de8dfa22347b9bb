// Building elements and saying times. Whatever people wrote goes in as text, never as markup.

/** An element. Properties that begin with "on" are listeners, the rest attributes; false and null are left out. */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(3)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `8:00am` of `2026-12-14T08:00+08:00`: the wall clock that the text names, whatever this browser's zone. */
export function time(iso) {
  const hour = Number(iso.slice(11, 13));
  return `${hour % 12 || 12}:${iso.slice(14, 16)}${hour < 12 ? "am" : "pm"}`;
}

/** `Mon 14 Dec`. */
export function day(iso) {
  const [year, month, date] = iso.slice(0, 10).split("-").map(Number);
  return `${DAYS[new Date(Date.UTC(year, month - 1, date)).getUTCDay()]} ${date} ${MONTHS[month - 1]}`;
}

/** The day as people say it on another day: `today`, `tomorrow`, `yesterday`, or its date. */
export function relativeDay(iso, now) {
  const midnight = (text) => Date.UTC(...text.slice(0, 10).split("-").map((part, i) => Number(part) - (i === 1)));
  const names = { "-1": "yesterday", 0: "today", 1: "tomorrow" };
  return names[(midnight(iso) - midnight(now)) / 86400000] ?? day(iso);
}

/** `today, 8:00am`. */
export function when(iso, now) {
  return `${relativeDay(iso, now)}, ${time(iso)}`;
}

/** `1 text`, `2 texts`. */
export function many(count, one, more = `${one}s`) {
  return `${count} ${count === 1 ? one : more}`;
}

/** Entries with the same key beside each other, in order: [key, entries]. */
export function grouped(entries, key) {
  const groups = [];
  for (const entry of entries) {
    const name = key(entry);
    if (groups.at(-1)?.[0] === name) groups.at(-1)[1].push(entry);
    else groups.push([name, [entry]]);
  }
  return groups;
}

/** A customer's link: what the customer sees, leading to the page as this machine serves it, in a window like a phone. */
export function replyLink(text, href) {
  return h("a", {
    href,
    target: "_blank",
    rel: "noopener",
    class: "reply-link",
    title: "Opens the customer's page",
    onclick(event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      window.open(href, "_blank", "popup,noopener,width=390,height=844");
    },
  }, text);
}

/** Nothing to show, said kindly. */
export function empty(text) {
  return h("p", { class: "empty" }, text);
}
