"""The scenes that are played, and the state between two runs: taken, put back, and compared with another's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.appointment import Channel, chain_id
from chalicelib.domain.events import MoveDue
from chalicelib.domain.mirror import MirrorRow, write_mirror
from chalicelib.domain.reply_token import ReplyAction, read_link
from chalicelib.domain.send import Send, SendState
from chalicelib.domain.standing import Standing
from chalicelib.domain.work import StaffLine
from chalicelib.ports import Document, EmailMessage
from chalicelib.usecases.reply_core import reply
from tests.builders import local
from tests.fakes.runtime import KEYS, FakeRuntime
from tests.simulation.enumeration import probe as ports
from tests.twin.ledger import TwinLedger
from tests.twin.store import TwinStore
from tests.twin.world import TwinWorld

START = local("2026-11-26 16:00")
PLANNED = START - timedelta(hours=3)
CHAIN = chain_id(START)
HOUR = timedelta(hours=1)
TICKS = tuple(PLANNED + hours * HOUR for hours in range(-1, 10))
"""Hourly. The reminder is of use until 30 minutes before the start; the last four ticks are left alone."""
QUIET_FROM = TICKS[-4]
REDELIVERED = (timedelta(minutes=1), timedelta(minutes=2))
"""What AWS does with an asynchronous event whose function failed: twice more, then the dead-letter queue."""
WORD_AFTER = timedelta(minutes=1)
NEW_START = local("2026-11-30 10:00")
RULES = """Dental cleaning: 3 hours.
Quiet hours: 9pm to 8am.
Opening hours: Mon-Fri 9am-6pm.
Gap alert: 1 hour before.
"""
MEI: Mapping[str, str] = {
    "appt_id": "A-17",
    "customer": "Mei",
    "phone": "+6591234567",
    "service": "Dental cleaning",
    "date": "2026-11-26",
    "time": "16:00",
}


@dataclass(frozen=True)
class Scene:
    """A visit with one reminder, how Mei can be reached, and what she answers at some point, if she does."""

    name: str
    contact: Mapping[str, str]
    answer: ReplyAction | None = None
    delivery_log: bool = False

    @property
    def documents(self) -> dict[Document, str]:
        """The mirror."""
        row = MirrorRow({**MEI, "phone": "", **self.contact}, START, START - timedelta(days=9), None, 2)
        return {Document.APPOINTMENTS: write_mirror([], [row]), Document.RULES: RULES}


PHONE, MAIL = {"phone": "+6591234567"}, {"email": "mei@example.com"}
SCENES = (
    Scene("a text", PHONE),
    Scene("a text, then e-mail", {**PHONE, **MAIL}),
    Scene("an e-mail", MAIL),
    Scene("a text, and its delivery", PHONE, delivery_log=True),
    Scene("a text, and she cancels", PHONE, ReplyAction.CANCEL),
    Scene("a text, and she moves it", PHONE, ReplyAction.RESCHEDULE),
)


@dataclass(frozen=True)
class Delivery:
    """An event that a function is to receive: a move's for dispatch, the delivery log's word on a text, or neither: a
    request for a tick."""

    at: datetime
    event: MoveDue | None
    tries: int = 0
    word: str = ""


@dataclass(frozen=True)
class Answered:
    """What was so when the answer was committed."""

    texts: int
    under_way: bool  # a send was armed and its request not yet answered


@dataclass
class State:
    """Everything that outlives a run."""

    tables: dict[str, Any]
    texts: tuple[tuple[str, str], ...]
    mails: tuple[EmailMessage, ...]
    lines: tuple[StaffLine, ...]
    waiting: tuple[Delivery, ...]
    booked: dict[str, tuple[datetime, MoveDue]]
    ticks: int
    now: datetime
    tails: int
    answered: Answered | None = None
    _key: Any = field(default=None, repr=False)

    @property
    def key(self) -> Any:
        """Two states with one key go on alike. Owners and tails of past runs may differ: nothing reads them."""
        if self._key is None:
            self._key = _key(self)
        return self._key


@dataclass
class WatchedWorld(TwinWorld):
    """The twin's tables, and when each send was withdrawn."""

    withdrawn: dict[str, datetime] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: TICKS[0]

    def put_send(self, send: Send) -> None:
        super().put_send(send)
        if send.state is SendState.CANCELLED:
            self.withdrawn[send.key.window_index] = self.clock()


_TABLES = tuple(f.name for f in fields(WatchedWorld) if f.name not in ("before", "after", "lock", "clock"))
_NESTED = ("replies", "audit", "sends")


class _Tails:
    """Randomness that counts up, and can be put back."""

    def __init__(self) -> None:
        self.next = 1

    def nonce(self) -> bytes:
        self.next += 1
        return self.next.to_bytes(16, "big")

    def tail(self) -> str:
        self.next += 1
        return f"{self.next:08d}"


class Stage:
    """A runtime whose every port is probed, on which states are set up and taken down."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.probe = ports.Probe()
        self.out = ports.Outside(self.probe)
        rt: Any = FakeRuntime(TICKS[0], delivery_log=scene.delivery_log)
        self.world = WatchedWorld(before=self.probe.before, after=self.probe.after, clock=rt.clock)
        rt.store, rt.ledger = TwinStore(self.world), TwinLedger(self.world)
        rt.documents = ports.ProbedDocuments(self.probe, scene.documents)
        rt.sms, rt.email, rt.staff = (
            ports.ProbedSms(self.out),
            ports.ProbedEmail(self.out),
            ports.ProbedStaff(self.out),
        )
        rt.bus, rt.schedules = ports.ProbedBus(self.out), ports.ProbedSchedules(self.out)
        rt.parameters, rt.secrets = ports.ProbedParameters(self.probe), ports.ProbedSecrets(self.probe)
        rt.sheet, rt.tokens = ports.SheetThatIsDown(), _Tails()
        self.rt = rt
        self.waiting: tuple[Delivery, ...] = ()
        self.ticks = 0
        self.answered: Answered | None = None

    def load(self, state: State) -> None:
        """Put everything as it was."""
        for name, table in state.tables.items():
            setattr(self.world, name, _copy(name, table))
        self.out.texts, self.out.mails, self.out.lines = list(state.texts), list(state.mails), list(state.lines)
        self.out.put, self.out.requested, self.out.words = [], [], []
        self.out.booked = dict(state.booked)
        self.waiting, self.ticks, self.answered = state.waiting, state.ticks, state.answered
        self.rt.clock.now, self.rt.tokens.next = state.now, state.tails

    def save(self) -> State:
        """Everything as it is. What was put on the bus in this run waits to be delivered."""
        now = self.rt.clock.now
        fresh = [Delivery(now, event) for event in self.out.put]
        fresh += [Delivery(now, None) for _ in self.out.requested]
        if self.scene.delivery_log:
            fresh += [Delivery(now + WORD_AFTER, None, word=text) for text in self.out.words]
        return State(
            {name: _copy(name, getattr(self.world, name)) for name in _TABLES},
            tuple(self.out.texts),
            tuple(self.out.mails),
            tuple(self.out.lines),
            (*self.waiting, *fresh),
            dict(self.out.booked),
            self.ticks,
            now,
            self.rt.tokens.next,
            self.answered,
        )

    def answer(self) -> None:
        """Mei's answer, as the page takes it; its run is killed once it is committed, so that ticks must do the rest.

        A second one isn't given.
        """
        assert self.scene.answer is not None
        if self.answered is not None:
            return
        sends = self.world.sends.get("A-17", {}).values()
        under_way = any(send.state is SendState.SENDING and send.channel is Channel.TEXT for send in sends)
        tails, self.rt.tokens.next = self.rt.tokens.next, 90_000_000  # so that its key is the same wherever it comes
        hooks = self.world.before, self.world.after
        self.probe.on, self.world.after = False, _end_at_commit
        slot = NEW_START if self.scene.answer is ReplyAction.RESCHEDULE else None
        try:
            reply(self.rt, "A-17", self.scene.answer, "customer", "page", self.rt.clock.now, slot=slot)
        except _Committed:
            self.answered = Answered(len(self.out.texts), under_way)
        self.world.before, self.world.after = hooks
        self.rt.tokens.next, self.probe.on = tails, True


class _Committed(BaseException):
    """The answer is stored, and the run that stored it is over."""


def _end_at_commit(call: str) -> None:
    if call == "store.commit":
        raise _Committed


def _copy(name: str, table: Any) -> Any:
    if name in _NESTED:
        return {key: dict(inner) for key, inner in table.items()}
    return table.copy()


def window_of(text: str) -> tuple[str, int]:
    """Which chain's window a text is about, by the link that it carries."""
    token = next(word for word in text.split() if word.startswith("https://r.bright.sg/r/")).rpartition("/")[2]
    link = read_link(token, KEYS, TICKS[0], allow_expired=True)
    return link.chain, link.window


def _send_key(send: Send) -> Any:
    return (
        send.key.window_index, send.state, send.channel, send.move, send.planned, send.lease_until, send.due,
        send.useful_until, send.attempt, send.alert_pending, send.reason, send.message_id, tuple(send.detail.items()),
    )  # fmt: skip


def _standing_key(standing: Standing) -> Any:
    return repr(replace(standing, rev=0))


def _event_key(event: MoveDue | None) -> Any:
    return event and (event.key.window_index, event.move, event.planned, event.hours, event.reason)


def _key(state: State) -> Any:
    tables = state.tables
    return (
        state.now,
        state.ticks,
        state.answered,
        tuple(sorted((_send_key(s) for sends in tables["sends"].values() for s in sends.values()), key=repr)),
        tuple(_standing_key(standing) for standing in tables["standings"].values()),
        frozenset((e.action, e.after, e.hours, e.reason) for rows in tables["audit"].values() for e in rows.values()),
        tuple((w.kind, w.state, w.made_at, repr(w.payload)) for _, w in sorted(tables["outbox"].items())),
        frozenset(tables["told"]),
        frozenset(tables["counters"].items()),
        frozenset(tables["beats"].items()),
        frozenset(tables["archive"]),
        frozenset(tables["withdrawn"].items()),
        tuple(sorted(state.texts)),
        frozenset(mail.subject for mail in state.mails),
        frozenset((line.move, line.text) for line in state.lines),
        tuple(sorted(((d.at, d.tries, d.word, _event_key(d.event)) for d in state.waiting), key=repr)),
        frozenset((at, _event_key(event)) for at, event in state.booked.values()),
    )
