"""A shop whose clock is moved: the tick runs hourly, the bus is carried to dispatch, one-offs fire at their minute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.appointment import chain_id
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import MoveDue
from chalicelib.domain.send import Move, Send, SendKey
from chalicelib.errors import BadRecipient, DefiniteNo, NoAnswer, ReminderError
from chalicelib.usecases.dispatch_move import dispatch_move
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.run_tick import TickReport, run_tick
from tests.fakes.runtime import FakeRuntime
from tests.functional.reply_world import MEI, RULES, START, ZONE, Door, local

PHONE = "+6591234567"
CHAIN = chain_id(START)
MAIL = "mei@example.com"
MEI_BY_MAIL: Mapping[str, str] = {**MEI, "phone": "", "email": MAIL}
MEI_WITH_BOTH: Mapping[str, str] = {**MEI, "email": MAIL}

SLOW_DOWN = DefiniteNo("SNS", "throttled")
OPTED_OUT = BadRecipient("SNS", "opted out with the carrier")
SILENCE = NoAnswer("SNS", "the connection was lost")


@dataclass
class Clinic:
    """The shop, its passage of time, and what left it. `hour` is the minute past the hour at which ticks run."""

    door: Door
    results: list[str] = field(default_factory=list)
    failures: list[ReminderError] = field(default_factory=list)

    @classmethod
    def open(cls, *rows: Mapping[str, str], now: str, rules: str = RULES, **config: Any) -> Clinic:
        """A shop with these rows (Mei's if none), first seen on 20 November, at a shop-local minute."""
        return cls(Door.open(*rows, now=local(now), rules=rules, **config))

    @property
    def rt(self) -> FakeRuntime:
        return self.door.rt

    def at(self, text: str) -> Clinic:
        """Move the clock to a shop-local moment; nothing runs on the way."""
        self.rt.clock.now = local(text)
        return self

    def tick(self) -> TickReport:
        """One tick and all that it brings about."""
        report = run_tick(self.rt)
        self.carry()
        return report

    def carry(self) -> None:
        """Hand every event on the bus to dispatch, and a one-off whose minute has come."""
        while True:
            due = [name for name, (at, _) in self.rt.schedules.booked.items() if at <= self.rt.clock.now]
            events = [self.rt.schedules.booked.pop(name)[1] for name in due] + self.rt.bus.moves
            self.rt.bus.moves = []
            if not events:
                return
            for event in events:
                self.dispatch(event)

    def dispatch(self, event: MoveDue) -> str:
        """One event; a failure is noted, as Lambda would note it."""
        try:
            self.results.append(dispatch_move(self.rt, event))
        except ReminderError as failure:
            self.failures.append(failure)
            self.results.append(f"failed: {failure}")
        return self.results[-1]

    def until(self, text: str) -> None:
        """Let time pass: a tick at every full hour, one-offs at their minutes, replies' work at once."""
        end = local(text)
        while self.rt.clock.now < end:
            hour = self.rt.clock.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            moments = [hour, end, *(at for at, _ in self.rt.schedules.booked.values())]
            self.rt.clock.now = max(min(moments), self.rt.clock.now + timedelta(seconds=1))
            if self.rt.clock.now == hour:
                self.tick()
            else:
                self.carry()

    def answered(self) -> None:
        """What a reply leaves behind is done: the outbox is drained and the tick that it asked for runs."""
        drain_outbox(self.rt)
        self.tick()

    # ------------------------------------------------ what became of it

    @property
    def texts(self) -> list[str]:
        """The texts that left, oldest first."""
        return [body for _, body in self.rt.sms.texts]

    @property
    def mails(self) -> list[str]:
        """The subjects of the mails that left."""
        return [mail.subject for mail in self.rt.email.mails]

    @property
    def lines(self) -> list[str]:
        """What staff read."""
        return self.rt.staff.texts

    def send(self, what: str = "h48", email: bool = False, appt_id: str = "A-17") -> Send | None:
        """A send of Mei's in the ledger."""
        found: Send | None = self.rt.ledger.get(SendKey(appt_id, chain_id(START), what, email))
        return found

    def state(self, what: str = "h48", email: bool = False) -> str:
        """Where a send of Mei's stands; "" if the ledger doesn't know it."""
        send = self.send(what, email)
        return send.state.value if send else ""

    def audit(self, action: str, appt_id: str = "A-17") -> list[AuditEntry]:
        """The audit's rows of one kind."""
        return [entry for entry in self.rt.store.audit(appt_id) if entry.action == action]

    def sent_at(self, appt_id: str = "A-17") -> list[tuple[str, str]]:
        """When (shop-local) which move went, from the audit."""
        return [
            (f"{datetime.fromisoformat(entry.ts[:20]).astimezone(ZONE):%a %H:%M}", entry.after)
            for entry in self.audit("sent", appt_id)
        ]


def first_reminder(planned: str = "2026-11-24 09:00", what: str = "h48", **changes: Any) -> MoveDue:
    """The event of a reminder of Mei's."""
    values: dict[str, Any] = {
        "key": SendKey("A-17", chain_id(START), what),
        "move": Move.FIRST_REMINDER,
        "planned": local(planned),
        "hours": float(what[1:]),
        "reason": "48 hours before",
    }
    return MoveDue(**{**values, **changes})


def cancelled_answer(reply: str) -> MoveDue:
    """The event that tells the customer of a cancel made late in the evening."""
    return MoveDue(SendKey("A-17", CHAIN, f"cancelled#{reply}"), Move.CANCELLED, local("2026-11-24 23:00"))


def refusing(error: Exception, times: int = 99) -> Callable[[str], None]:
    """A vendor's answer for a while."""
    left = iter(range(times))

    def refuse(_to: str) -> None:
        if next(left, None) is not None:
            raise error

    return refuse
