"""Mei's booking at Bright Dental, with its mirror, its sheet and its links: where the tests of replies begin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import chain_id
from chalicelib.domain.mirror import MirrorRow, write_mirror
from chalicelib.domain.reply_token import Link, issue_link
from chalicelib.domain.standing import Standing
from chalicelib.domain.work import WorkKind
from chalicelib.pages.render import PageAnswer
from chalicelib.ports import Document
from chalicelib.usecases.answer_reply import answer_reply
from chalicelib.usecases.show_reply_page import show_reply_page
from tests.fakes.runtime import FakeRuntime
from tests.fakes.sheet import FakeSheet

ZONE = ZoneInfo("Asia/Singapore")
HEADER = ("appt_id", "customer", "phone", "email", "service", "staff", "date", "time", "status", "link")
RULES = """Dental cleaning: remind at 48 and 2 hours. Takes 45 minutes.
Quiet hours: 9pm to 8am.
Closed: Sundays.
Opening hours: Mon-Fri 9am-6pm, Sat 9am-1pm.
Gap alert: 3 hours before.
"""


def local(text: str) -> datetime:
    """`2026-11-26 09:00` in Singapore, as a UTC instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


START = local("2026-11-26 09:00")
NOW = local("2026-11-24 10:00")

MEI: Mapping[str, str] = {
    "appt_id": "A-17",
    "customer": "Mei Tan",
    "phone": "+6591234567",
    "email": "",
    "service": "Dental cleaning",
    "staff": "Dr Lee",
    "date": "Thu 26 Nov",
    "time": "9:00am",
    "status": "booked",
    "link": "https://bright.example/b/17",
}


@dataclass
class Door:
    """A shop with rows, and the customer's way in: links, pages and presses."""

    rt: FakeRuntime

    @classmethod
    def open(cls, *rows: Mapping[str, str], now: datetime = NOW, rules: str = RULES, **config: Any) -> Door:
        """A shop whose mirror and sheet have these rows (Mei's if none). A row may carry its `start`."""
        rt = FakeRuntime(now, **config)
        door = cls(rt)
        door.mirror(*(rows or (MEI,)))
        rt.documents.put(Document.RULES, rules)
        rt.sheet = FakeSheet([HEADER, *([row.get(name, "") for name in HEADER] for row in (rows or (MEI,)))])
        return door

    def mirror(self, *rows: Mapping[str, str]) -> None:
        """Mirror these rows as a sync would have."""
        lines = []
        for line, row in enumerate(rows, start=2):
            start = local(row["start"]) if "start" in row else START
            values = {name: row.get(name, "") for name in (*HEADER, "reminders", "language", "channel", "minutes")}
            lines.append(MirrorRow(values, start, local("2026-11-20 09:00"), None, line))
        self.rt.documents.put(Document.APPOINTMENTS, write_mirror([], lines))

    def link(self, appt_id: str = "A-17", start: datetime = START) -> str:
        """The token in a reminder's link."""
        return issue_link(Link(appt_id, chain_id(start), 2880), self.rt.secrets.reply_keys())

    def look(self, token: str = "", **query: Any) -> PageAnswer:
        """Open the link."""
        return show_reply_page(self.rt, token or self.link(), **query)

    def press(self, page: PageAnswer, action: str, token: str = "", **form: str) -> PageAnswer:
        """Press a button that is on the page."""
        return answer_reply(self.rt, token or self.link(), {"t": button(page, action), **form})

    def answer(self, action: str) -> PageAnswer:
        """Open the link and press."""
        return self.press(self.look(), action)

    def move(self, to: str, token: str = "") -> PageAnswer:
        """Open the free times and press one (shop-local)."""
        page = self.look(token, move=True)
        return self.press(page, "reschedule", token, slot=f"{local(to):%Y-%m-%dT%H:%M:%SZ}")

    def standing(self, appt_id: str = "A-17") -> Standing:
        """What is held of a visit."""
        return self.rt.store.standings([appt_id])[appt_id]

    def cell(self, column: str, line: int = 2) -> str:
        """A cell of the sheet as people see it."""
        row = self.rt.sheet.rows[line - 1]
        at = HEADER.index(column)
        return row[at] if at < len(row) else ""

    def actions(self, appt_id: str = "A-17") -> list[str]:
        """Every stored reply's action."""
        return [reply.action for reply in self.rt.store.replies(appt_id)]

    def waiting(self, kind: WorkKind) -> list[Mapping[str, Any]]:
        """Payloads of outbox work of a kind."""
        return [work.payload for work in self.rt.store.work() if work.kind is kind]


def button(page: PageAnswer, action: str) -> str:
    """The token behind a button of the page; AssertionError if it isn't there."""
    found = re.search(rf'data-action="{action}">\s*<input type="hidden" name="t" value="([^"]+)"', page.html)
    assert found, f"no {action} button on the page: {text(page)}"
    return unescape(found[1])


def offers(page: PageAnswer) -> list[str]:
    """The actions that a page offers, in their order."""
    return re.findall(r'data-action="([^"]+)"', page.html)


def slots(page: PageAnswer) -> list[str]:
    """The offered times, shop-local."""
    found = re.findall(r'name="slot" value="([^"]+)"', page.html)
    return [f"{datetime.fromisoformat(value).astimezone(ZONE):%a %d %H:%M}" for value in found]


def text(page: PageAnswer) -> str:
    """What the page says."""
    body = re.sub(r"<style>.*?</style>|<title>.*?</title>", " ", page.html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
