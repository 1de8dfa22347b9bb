"""A customer with a phone: opens the newest message's link and presses a button of the real page, over HTTP.

What the page says is read from its HTML as a browser would see it; nothing of the shipped code is called.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit

from local.report import read_token
from local.world import World

_LINK = re.compile(r"https?://[^\s\"'<>]+/r/([A-Za-z0-9_-]{31,})")
_NOTHING_CHANGED = {
    "confirmed already": "already confirmed",
    "cancelled already": "already cancelled",
    "time has come": "expired",
}
"""What a pressed message says where nothing was changed, and the outcome of that."""


@dataclass
class Form:
    """One form of a page: where it posts, its hidden fields, its buttons' values, the choices that it offers."""

    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    kind: str = ""


@dataclass
class Page:
    """A page that came back. `outcome` is what its main part is marked with, `stand` how it
    says that the visit stands."""

    status: int
    url: str
    outcome: str = ""
    stand: str = ""
    forms: list[Form] = field(default_factory=list)

    def form(self, kind: str) -> Form | None:
        """The form of an action (`confirm`, `cancel`, ...)."""
        return next((form for form in self.forms if form.kind == kind), None)


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "main":
            self.page.outcome, self.page.stand = given.get("data-outcome", ""), given.get("data-stand", "")
        elif tag == "form":
            self.form = Form(
                given.get("action", ""), given.get("method", "get").lower(), kind=given.get("data-action", "")
            )
            self.page.forms.append(self.form)
        elif tag in ("input", "button") and self.form is not None and given.get("name"):
            self._control(tag, given)

    def _control(self, tag: str, given: Mapping[str, str]) -> None:
        assert self.form is not None
        name, value = given["name"], given.get("value", "")
        if tag == "button" or given.get("type") in ("radio", "submit"):
            self.form.choices.setdefault(name, []).append(value)
        else:
            self.form.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None


def fetch(url: str, form: Mapping[str, str] | None = None) -> Page:
    """Open a page, or post a form to it."""
    body = urlencode(form).encode() if form is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=30) as answer:
            status, text = int(answer.status), answer.read().decode()
    except HTTPError as refused:
        status, text = refused.code, refused.read().decode(errors="replace")
    page = Page(status, url)
    _Reader(page).feed(text)
    return page


class Customers:
    """Presses buttons for customers and staff, by the newest message that each visit has had."""

    def __init__(self, world: World) -> None:
        self._world = world

    def newest_link(self, appt_id: str) -> str | None:
        """The address of the newest text's or e-mail's link about a visit, on this machine; None if there is none."""
        messages: Iterable[tuple[str, str]] = [
            *((text.at, text.body) for text in self._world.sms.texts),
            *((mail.at, mail.part("text/plain")) for mail in self._world.mail.mails),
        ]
        for _, body in sorted(messages, key=lambda message: message[0], reverse=True):
            for token in _LINK.findall(body):
                named = read_token(token)
                if named and named[0] == appt_id:
                    return f"{self._world.pages.url}/r/{token}"
        return None

    def press(self, appt_id: str, action: str, slot: datetime | None = None) -> str:
        """Press an action of a visit's page. Returns the outcome in the words of DESIGN §9."""
        link = self.newest_link(appt_id)
        if link is None:
            return "no link"
        page = fetch(f"{link}?move=1" if action == "move" else link)
        kind = "reschedule" if action == "move" else action
        form = page.form(kind)
        if form is None:
            return self._not_there(page, link) if kind != "undo" else "not offered"
        fields = dict(form.fields)
        if slot is not None:
            wanted = slot.astimezone(UTC)
            offered = {value: datetime.fromisoformat(value).astimezone(UTC) for value in form.choices.get("slot", [])}
            fields["slot"] = next((value for value, at in offered.items() if at == wanted), "")
            if not fields["slot"]:
                return "not offered"
        return fetch(link, fields).outcome or "not offered"

    def _not_there(self, page: Page, link: str) -> str:
        """Why there is no such button: the visit is over, or stands so that it has none."""
        if page.stand in ("confirmed", "cancelled"):
            return f"already {page.stand}"
        named = read_token(urlsplit(link).path.rpartition("/")[2])
        started = named and self._world.clock() >= datetime.strptime(named[1], "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
        return "expired" if started else "not offered"

    def staff_press(self, appt_id: str, action: str, settle: Callable[[], None]) -> str:
        """Press a button of the newest gap alert about a visit. Returns `done`, `no alert`, or why it did nothing.

        Slack is answered before anything is done: `settle` has it done, and the message then says what it came to.
        """
        for message in reversed(self._world.slack.messages):
            about: dict[str, Any] = message.metadata.get("event_payload") or {}
            if about.get("appt_id") != appt_id or about.get("move") != "gap_alert":
                continue
            button = next((b for b in message.buttons if b["action_id"].startswith(action + "#")), None)
            if button is None:
                return "already answered"
            status = self._world.slack.press(message.ts, button["action_id"])
            settle()
            return _what_it_says(message.text) if status == 200 else f"HTTP {status}"
        return "no alert"


def _what_it_says(text: str) -> str:
    """The outcome of a press, from the text that its message has by now."""
    if "pressed.)" not in text:
        return "done"
    return next((outcome for words, outcome in _NOTHING_CHANGED.items() if words in text), "not offered")
