"""A shop whose weeks are played on the fakes: what people did and received is noted here as it happens.

`test_month.py` counts the weeks again from these notes. Nothing here asks the counting code, nor what it counts from.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.events import MoveDue
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.errors import BadRecipient, NoAnswer
from chalicelib.ports import EmailMessage
from chalicelib.usecases.dispatch_move import dispatch_move
from chalicelib.usecases.open_slots import open_slots
from chalicelib.usecases.reply_core import Outcome, reply
from chalicelib.usecases.run_tick import run_tick
from chalicelib.usecases.settle_delivery import settle_delivery
from chalicelib.usecases.shop import Shop
from chalicelib.usecases.sync_drive import sync_drive
from tests.fakes.runtime import FakeRuntime

ZONE = ZoneInfo("Asia/Singapore")
BEGIN = datetime(2026, 11, 28, 8, 0, tzinfo=ZONE).astimezone(UTC)
END = datetime(2027, 1, 4, 12, 0, tzinfo=ZONE).astimezone(UTC)
"""Told a little late, so that Monday's first reminders are out."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MINUTES = {"Dental cleaning": 45, "New-patient consult": 60, "Quick follow-up": 15, "Check-up": 30}
HEADER = ["Appt ID", "Customer", "Phone", "Email", "Service", "Staff", "Date", "Time", "Status"]
UNNOTED = datetime(2026, 12, 7, tzinfo=ZONE), datetime(2026, 12, 14, tzinfo=ZONE)
"""The week in which staff note nobody's attendance."""


@dataclass
class Held:
    """A customer's hold on a staff member's time, from `since` until it was given up (None: it never was)."""

    customer: str
    service: str
    staff: str
    start: datetime
    since: datetime
    reachable: bool = True
    until: datetime | None = None

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=MINUTES[self.service])


@dataclass(frozen=True)
class Message:
    """What a vendor was handed: `mark` R for a reminder; `became` is what came of it."""

    at: datetime
    kind: str
    mark: str
    customer: str
    body: str
    start: datetime
    became: str = "taken"  # taken | undelivered | refused | lost


@dataclass(frozen=True)
class Pressed:
    """An answer that was taken, about the visit at `start`."""

    at: datetime
    customer: str
    action: str
    by_customer: bool
    start: datetime


@dataclass
class Month:
    """The playing, and its notes."""

    rt: FakeRuntime
    holds: list[Held] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    presses: list[Pressed] = field(default_factory=list)
    staff_moves: list[datetime] = field(default_factory=list)
    status: dict[str, str] = field(default_factory=dict)
    number: dict[str, int] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    unreported: list[dict[str, Any]] = field(default_factory=list)
    _coming: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _places: Iterator[int] = field(default_factory=count)
    _heard: set[str] = field(default_factory=set)

    # ------------------------------------------------ the sheet

    def rows(self) -> list[dict[str, str]]:
        cells = self.rt.sheet.rows
        return [dict(zip(HEADER, row + [""] * 9, strict=False)) for row in cells[1:]]

    def paste(self, rows: list[dict[str, str]]) -> None:
        self.rt.sheet.paste([HEADER, *([row[name] for name in HEADER] for row in rows)])

    def type(self, customer: str, **cells: str) -> None:
        """Staff type into a customer's row."""
        rows = self.rows()
        [row] = [row for row in rows if row["Customer"] == customer]
        row.update({name.capitalize(): text for name, text in cells.items()})
        self.paste(rows)

    def hold(self, customer: str) -> Held | None:
        """The customer's present hold, if it is still to come."""
        mine = [held for held in self.holds if held.customer == customer and held.until is None]
        return mine[-1] if mine and mine[-1].start > self.rt.clock.now else None

    def give_up(self, held: Held, to: datetime | None = None) -> None:
        """The customer's time is free from now on; with `to`, they have that one instead."""
        held.until = self.rt.clock.now
        if to is not None:
            self.holds.append(replace(held, start=to, since=self.rt.clock.now, until=None))

    # ------------------------------------------------ time

    def at(self, when: datetime, do: Callable[[], None]) -> None:
        heapq.heappush(self._coming, (when, next(self._places), do))

    def play(self) -> None:
        """From the first sync to the last minute before the end."""
        clock = self.rt.clock
        while clock.now < END:
            hourly = clock.now.minute == 0
            due = []
            while self._coming and self._coming[0][0] <= clock.now:
                due.append(heapq.heappop(self._coming)[2])
            for do in due:
                do()
            if due or (hourly and clock.now.hour % 6 == 0):
                sync_drive(self.rt)
            self._carry(tick=hourly)
            hour = clock.now.replace(minute=0) + HOUR
            others = [*(at for at, _ in self.rt.schedules.booked.values()), *(when for when, *_ in self._coming[:1])]
            clock.now = max(min([hour, *others]), clock.now + MINUTE)

    def _carry(self, tick: bool) -> None:
        rt = self.rt
        while True:
            if tick or any(name == "ar.tick_requested" for name, _ in rt.bus.requests):
                rt.bus.requests.clear()
                run_tick(rt)
            tick = False
            ready = [name for name, (at, _) in rt.schedules.booked.items() if at <= rt.clock.now]
            events: list[MoveDue] = [rt.schedules.booked.pop(name)[1] for name in ready] + rt.bus.moves
            rt.bus.moves = []
            for event in events:
                dispatch_move(rt, event)
            reports, self.unreported = self.unreported, []
            settle_delivery(rt, reports)
            if not (events or reports or rt.bus.moves or rt.bus.requests):
                return

    # ------------------------------------------------ the vendors

    def text(self, phone: str, body: str) -> str:
        """SNS's part: some numbers are no good, some answers get lost, some texts never arrive."""
        mark, customer = heading(body)
        number = self.number[customer]
        became = "refused" if number % 13 == 7 else "lost" if number % 17 == 5 else "taken"
        became = "undelivered" if became == "taken" and number % 19 == 4 else became
        self._note("text", mark, customer, body, became)
        if became == "refused":
            raise BadRecipient("SNS", "invalid number")
        if became == "lost":
            raise NoAnswer("SNS", "timed out")
        message_id = f"m-{len(self.messages)}"
        said = {"providerResponse": "unreachable" if became == "undelivered" else "accepted"}
        status = "FAILURE" if became == "undelivered" else "SUCCESS"
        self.unreported.append({"notification": {"messageId": message_id}, "status": status, "delivery": said})
        return message_id

    def mail(self, message: EmailMessage) -> str:
        mark, customer = heading(message.subject)
        self._note("email", mark, customer, message.body, "taken")
        return f"e-{len(self.messages)}"

    def _note(self, kind: str, mark: str, customer: str, body: str, became: str) -> None:
        now = self.rt.clock.now
        start = [held for held in self.holds if held.customer == customer][-1].start
        self.messages.append(Message(now, kind, mark, customer, body, start, became))
        if mark == "R" and became == "taken" and customer not in self._heard:
            self._heard.add(customer)
            self._customer_decides(customer)

    # ------------------------------------------------ the people

    def _customer_decides(self, customer: str) -> None:
        number = self.number[customer]
        soon = self.rt.clock.now + (number * 37 % 300 + 3) * MINUTE
        what = number % 10
        if what <= 3 or what == 7:
            self.at(soon, lambda: self.press(customer, ReplyAction.CONFIRM))
        if what == 4:
            self.at(soon, lambda: self.press(customer, ReplyAction.RESCHEDULE))
        if what in (5, 6):
            self.at(soon, lambda: self.press(customer, ReplyAction.CANCEL))
        if what == 6:
            self.at(soon + 4 * MINUTE, lambda: self.press(customer, ReplyAction.UNDO))
        if what == 7:
            self.at(soon + 30 * MINUTE, lambda: self.press(customer, ReplyAction.CANCEL))
        if number % 20 == 8:
            self.at(soon, lambda: self.press(customer, ReplyAction.CONFIRM, by="Dana"))

    def press(self, customer: str, action: ReplyAction, by: str = "customer") -> None:
        """A press on the page, or on a button in Slack; a visit that is over or gone is left alone."""
        rt = self.rt
        held = [held for held in self.holds if held.customer == customer][-1]
        if held.start <= rt.clock.now + 2 * HOUR:
            return
        appt_id = self.appt_id(customer)
        slot = self._free_slot(appt_id) if action is ReplyAction.RESCHEDULE else None
        channel = "page" if by == "customer" else "slack"
        done = reply(rt, appt_id, action, by, channel, rt.clock.now, nonce=rt.tokens.nonce(), slot=slot)
        assert done.outcome is Outcome.DONE, (customer, action, done.outcome)
        self.presses.append(Pressed(rt.clock.now, customer, action.value, by == "customer", held.start))
        if action is ReplyAction.UNDO:
            held.until = None
        elif action is not ReplyAction.CONFIRM:
            self.give_up(held, slot)
        if action is ReplyAction.CANCEL and self.number[customer] % 2:
            self.at(rt.clock.now + 20 * MINUTE, lambda: self.refill(held))

    def _free_slot(self, appt_id: str) -> datetime:
        shop = Shop(self.rt)
        visit = shop.visit_of(self.rt, appt_id)
        assert visit is not None
        slots = open_slots(self.rt, shop, visit.appointment, self.rt.clock.now)
        return slots[self.number[visit.appointment.customer] % len(slots)]

    def appt_id(self, customer: str) -> str:
        [row] = [row for row in self.rows() if row["Customer"] == customer]
        return row["Appt ID"]

    def refill(self, freed: Held) -> None:
        """The front desk sells the slot to somebody who comes in person, if there is still time."""
        now = self.rt.clock.now
        if freed.start <= now:
            return
        walk_in = f"Walk-in {len(self.number)}"
        self.number[walk_in] = 1009
        start = freed.start.astimezone(ZONE)
        row = dict.fromkeys(HEADER, "") | {
            "Customer": walk_in,
            "Email": "walk-in@example.com",
            "Service": "Quick follow-up",
            "Staff": freed.staff,
            "Date": f"{start:%a} {start.day} {start:%b %Y}",
            "Time": f"{start:%I:%M%p}".lower(),
        }
        self.paste([*self.rows(), row])
        self.holds.append(Held(walk_in, "Quick follow-up", freed.staff, freed.start, now))

    def note_attendance(self) -> None:
        """At half past six staff write who came today, but in one week."""
        now = self.rt.clock.now
        if UNNOTED[0] <= now < UNNOTED[1]:
            return
        for held in self.holds:
            came_today = held.until is None and now - 12 * HOUR < held.start <= now
            if came_today and (number := self.number[held.customer]) % 3:
                self.status[held.customer] = "no-show" if number % 5 == 4 or number % 11 == 2 else "done"
                self.type(held.customer, status=self.status[held.customer])

    def drop_past_rows(self) -> None:
        """On Sunday evening the booking tool's export has nothing of last week any more."""
        over = {held.customer for held in self.holds if held.start < self.rt.clock.now - 3 * DAY and not held.until}
        self.paste([row for row in self.rows() if row["Customer"] not in over])

    def move_in_sheet(self, customer: str, by: timedelta) -> None:
        """Staff type another start."""
        held = self.hold(customer)
        assert held is not None
        start = (held.start + by).astimezone(ZONE)
        self.type(customer, date=f"{start:%a} {start.day} {start:%b %Y}", time=f"{start:%I:%M%p}".lower())
        self.give_up(held, held.start + by)
        self.staff_moves.append(self.rt.clock.now)

    def cancel_in_sheet(self, customer: str) -> None:
        held = self.hold(customer)
        assert held is not None
        self.type(customer, status="cancelled")
        self.give_up(held)

    def take_row_out(self, customer: str) -> None:
        held = self.hold(customer)
        assert held is not None
        self.paste([row for row in self.rows() if row["Customer"] != customer])
        self.give_up(held)


def heading(text: str) -> tuple[str, str]:
    """`R Mei Tan A: ...`: the mark and the customer."""
    found = re.match(r"([RMX]) (.+?): ", text)
    assert found, text
    return found[1], found[2]
