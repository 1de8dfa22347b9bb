"""One week of one shop, on a moved clock, in one process: the shipped use cases between people and vendors that err.

A week is wild for its days, then calm: nothing fails any more, nobody edits, and what was begun comes to its end.
Everything follows from one seed.
"""

from __future__ import annotations

import heapq
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib import names
from chalicelib.domain.events import MoveDue
from chalicelib.domain.reply_token import Link, ReplyAction, issue_action, issue_link, read_link
from chalicelib.domain.work import StaffLine, WorkState
from chalicelib.errors import ReminderError
from chalicelib.ports import EmailMessage, SendingSwitch
from chalicelib.usecases.answer_reply import answer_reply
from chalicelib.usecases.dispatch_move import dispatch_move
from chalicelib.usecases.open_slots import open_slots
from chalicelib.usecases.run_tick import run_tick
from chalicelib.usecases.settle_delivery import settle_delivery
from chalicelib.usecases.settle_staff_action import settle_staff_action
from chalicelib.usecases.shop import Shop as MirroredShop
from chalicelib.usecases.sync_drive import sync_drive
from tests.fakes.runtime import (
    KEYS,
    FakeClock,
    FakeDocuments,
    FakeMetrics,
    FakeParameters,
    FakeSecrets,
    FakeTokens,
    a_config,
)
from tests.simulation.world.faults import Faults, Killed, Run, Trouble, Wire
from tests.simulation.world.people import PLACES, Place, Shop
from tests.simulation.world.vendors import WorldBus, WorldEmail, WorldSchedules, WorldSms, WorldStaff
from tests.simulation.world.witness import Witness
from tests.twin import TwinLedger, TwinStore

DAYS = 6
CALM_HOURS = 30
KINDS = (
    *((Trouble.KILLED_BEFORE, 3), (Trouble.KILLED_AFTER, 3), (Trouble.REFUSED, 2), (Trouble.UNHEARD, 2)),
    *((Trouble.LOST, 3), (Trouble.CONFLICT, 2), (Trouble.SLOW, 2), (Trouble.MEANWHILE, 6)),
)
REACH = {"sync": 40, "tick": 40, "dispatch": 16, "press": 14, "staff": 14, "delivery": 8}
RETRIES = 2
NEVER = datetime.max.replace(tzinfo=UTC)


class World:
    """A shop and what surrounds it. `play` runs the whole week; the other methods are its steps."""

    def __init__(self, rng: Random, place: Place | None = None, days: int = DAYS, wild: bool = True) -> None:
        self.rng, self.days, self.wild = rng, days, wild
        place = place or rng.choice(PLACES)
        self.zone = ZoneInfo(place.zone)
        self.begin = datetime.combine(rng.choice(place.mondays), time(6), self.zone).astimezone(UTC)
        self.clock = FakeClock(self.begin)
        self.trace: list[str] = []
        self.queue: list[tuple[datetime, int, str, Callable[[], object], int]] = []
        self._order = count()
        self.faults = Faults(self._slow, self._meanwhile)
        self.faults.ambient = self._ambient
        self.faults.note = self._note
        self.shop = Shop(rng, self.zone, self.begin, days)
        self.shop.steps = lambda: self.faults.steps
        self.shop.now_hour = lambda: (self.clock.now - self.begin) / timedelta(hours=1)
        self.outages: list[tuple[str, datetime, datetime, float]] = []
        self.down: list[tuple[datetime, datetime]] = []  # when neither syncs nor ticks run
        self.recent: list[MoveDue] = []
        self.docs, self.store = FakeDocuments(), TwinStore()
        self.ledger = TwinLedger(self.store)
        self.parameters = FakeParameters()
        self.config = a_config(
            zone=self.zone,
            country=place.country,
            delivery_log=rng.random() < 0.5,
            texts_per_number=rng.choice((12, 12, 2)),
            texts_per_day=rng.choice((300, 300, 6)),
        )
        self.next_troubles: dict[int, Trouble] | None = None  # of the next run, in place of chance's
        self.witness = Witness(self)
        self.faults.seen = self.witness.saw
        self.rt: Any = self._runtime()
        self.presses = 0
        self._outbox_synced: dict[str, WorkState] = {}  # as the latest sync found it

    def _runtime(self) -> Any:
        bus = WorldBus(self.rng, self.hand_move, self.hand_tick, self.rough)
        schedules = WorldSchedules(self.rng, self.clock, self.hand_move, self.rough)
        parts = {
            "documents": self.docs,
            "store": self.store,
            "ledger": self.ledger,
            "sheet": self.shop.sheet,
            "docs": self.shop.docs,
            "bus": bus,
            "schedules": schedules,
            "sms": WorldSms(self._text_left),
            "email": WorldEmail(self._mail_left),
            "staff": WorldStaff(self._line_left),
            "parameters": self.parameters,
            "secrets": FakeSecrets(),
        }
        wired = {name: Wire(port, name, self.faults) for name, port in parts.items()}
        return SimpleNamespace(
            **wired, clock=self.clock, config=self.config, metrics=FakeMetrics(), tokens=FakeTokens(), presses=None
        )

    @property
    def now(self) -> datetime:
        return self.clock.now

    def rough(self) -> bool:
        """Whether things still go wrong."""
        return self.wild

    # ------------------------------------------------ passing time

    def at(self, when: datetime, name: str, act: Callable[[], object], tries: int = 0) -> None:
        """Have something happen at a moment."""
        heapq.heappush(self.queue, (when, next(self._order), name, act, tries))

    def after(self, seconds: float, name: str, act: Callable[[], object], tries: int = 0) -> None:
        """The same, so many seconds from now."""
        self.at(self.now + timedelta(seconds=seconds), name, act, tries)

    def step(self, until: datetime = NEVER) -> bool:
        """The next thing that happens, if it does before `until`."""
        if not self.queue or self.queue[0][0] > until:
            return False
        when, _, name, act, tries = heapq.heappop(self.queue)
        self.clock.now = max(self.clock.now, when)
        if name:
            self.run(name, act, tries)
        else:
            act()
        return True

    def run(self, name: str, act: Callable[[], object], tries: int = 0) -> bool:
        """One run of a function; AWS tries a failed asynchronous one again. True if it ended well."""
        run = Run(name, self._troubles(name), began=self.now)
        self.witness.begins(run)
        self.faults.runs.append(run)
        outcome: object = ""
        try:
            outcome = act()
            well = True
        except Killed as where:
            well, outcome = False, f"killed at {where}"
        except ReminderError as failure:
            well, outcome = False, f"failed: {type(failure).__name__}: {failure}"
        except Exception:
            well, outcome = False, "crashed"
            self.witness.violation(f"{name} ended with an exception that nobody meant:\n{traceback.format_exc()}")
        finally:
            self.faults.runs.pop()
        self._note(f"{name}: {_short(outcome)}")
        self.witness.ends(run, well)
        if not well and name != "press" and tries < RETRIES:
            self.after(self.rng.uniform(50, 130), name, act, tries + 1)
        return well

    def _note(self, text: str) -> None:
        self.trace.append(f"{self.now.astimezone(self.zone):%a %d %H:%M:%S} {text}")

    # ------------------------------------------------ what goes wrong

    def _troubles(self, name: str) -> dict[int, Trouble]:
        if self.next_troubles is not None:
            troubles, self.next_troubles = self.next_troubles, {}
            return troubles
        if not self.wild or self.rng.random() > 0.22:
            return {}
        kinds, weights = zip(*KINDS, strict=True)
        reach = REACH[name]
        many = self.rng.choice((1, 1, 1, 2, 3))
        return {self.rng.randint(1, reach): self.rng.choices(kinds, weights)[0] for _ in range(many)}

    def _ambient(self, call: str) -> Trouble | None:
        if not self.outages or not self.wild:
            return None
        for port, begin, end, share in self.outages:
            if call.startswith(port) and begin <= self.now < end and self.rng.random() < share:
                return self.rng.choice((Trouble.REFUSED, Trouble.REFUSED, Trouble.UNHEARD, Trouble.LOST))
        return None

    def _slow(self) -> None:
        self.clock.forward(seconds=self.rng.choice((1, 5, 20, 44, 46, 70)))

    def _meanwhile(self) -> None:
        """Something else happens between two calls of a run."""
        if len(self.faults.runs) > 2:
            return
        soon = self.now + timedelta(seconds=30)
        choice = self.rng.random()
        if choice < 0.35 and self.queue and self.queue[0][0] <= soon:
            self.step()
        elif choice < 0.5 and self.recent:
            event = self.rng.choice(self.recent[-3:])
            self.run("dispatch", lambda: dispatch_move(self.rt, event), RETRIES)
        elif choice < 0.6:
            self.run("tick", self.tick, RETRIES)
        elif choice < 0.7:
            self.run("sync", self.sync, RETRIES)
        elif choice < 0.85:
            self.edit()
        else:
            self.press_some_link()

    # ------------------------------------------------ the functions

    def tick(self) -> object:
        report = run_tick(self.rt)
        return f"{report.emitted} emitted, {report.recorded} recorded" if report.emitted or report.recorded else ""

    def sync(self) -> object:
        self.shop.changed = False
        self._outbox_synced, troubles = self._outbox(), self.faults.troubles
        try:
            report = sync_drive(self.rt)
        except BaseException:
            self.shop.changed = True
            raise
        self.shop.changed |= self.faults.troubles > troubles
        return (
            f"{report.rows} rows"
            + (", written" if report.mirror_written else "")
            + (", refused" if report.refused else "")
        )

    def hand_move(self, event: MoveDue, wait: float) -> None:
        self.after(wait, "dispatch", lambda: self._dispatch(event))

    def _dispatch(self, event: MoveDue) -> str:
        self.recent.append(event)
        return f"{event.key.appt_id} {event.key.window_index}: " + dispatch_move(self.rt, event)

    def hand_tick(self, wait: float) -> None:
        self.after(wait, "tick", self.tick)

    def edit(self) -> None:
        """People do something to the sheet."""
        if not self.wild:
            return
        self._note(f"people {self.shop.edit()}")

    # ------------------------------------------------ what left, and what people do with it

    def _text_left(self, phone: str, text: str, message_id: str) -> None:
        token = text.rsplit("/r/", 1)[1].split()[0]
        link = read_link(token, KEYS, self.now, allow_expired=True)
        self._note(f"TEXT to {phone[-4:]} about {link.appt_id} {link.chain} {link.window}: {text[:60]}")
        self.witness.text(phone, text, link)
        if self.config.delivery_log and (not self.wild or self.rng.random() < 0.95):
            bad = self.wild and self.rng.random() < 0.08
            entry = {"notification": {"messageId": message_id}, "status": "FAILURE" if bad else "SUCCESS"}
            wait = self.rng.choice((2, 20, 300)) if self.wild else 2
            self.after(wait, "delivery", lambda: settle_delivery(self.rt, [entry]))
        self._may_press(link)

    def _mail_left(self, message: EmailMessage) -> None:
        self._note(f"MAIL {message.message_key}: {message.subject}")
        self.witness.mail(message)
        if message.actions:
            token = message.actions[0][1].split("/r/")[1].split("?")[0]
            self._may_press(read_link(token, KEYS, self.now, allow_expired=True))

    def _may_press(self, link: Link) -> None:
        if self.wild and self.rng.random() < 0.45:
            wait = self.rng.choice((30, 600, 7200, 40000)) * self.rng.random()
            self.after(wait, "", lambda: self.press_link(link))

    def press_some_link(self) -> None:
        """A customer presses the newest link of some visit, or an old one."""
        if self.witness.links and self.wild:
            self.press_link(self.rng.choice(self.witness.links[-6:]))

    def press_link(self, link: Link, action: ReplyAction | None = None) -> None:
        """A press on the page of a link; perhaps twice, perhaps undone."""
        rng = self.rng
        weights = {
            ReplyAction.CONFIRM: 4,
            ReplyAction.RESCHEDULE: 4,
            ReplyAction.CANCEL: 4,
            ReplyAction.NO_TEXTS: 0.5,
            ReplyAction.UNDO: 0.5,
        }
        action = action or rng.choices(list(weights), list(weights.values()))[0]
        self.presses += 1
        nonce = self.presses.to_bytes(16, "big")
        visit_link = link
        if rng.random() < 0.9:  # the page's buttons are about the time that it shows
            standing = self.store.world.standings.get(link.appt_id)
            if standing is not None:
                visit_link = Link(link.appt_id, standing.chain, link.window)
        t = issue_action(visit_link, action, nonce, self.now + timedelta(hours=1), KEYS)
        form = {"t": t}
        if action is ReplyAction.RESCHEDULE:
            slot = self._slot(link.appt_id)
            if slot is None:
                return
            form["slot"] = f"{slot:%Y-%m-%dT%H:%M:%SZ}"
        token = issue_link(link, KEYS)

        def press() -> str:
            page = answer_reply(self.rt, token, form)
            self.witness.page(link.appt_id, action, page.outcome)
            return f"{link.appt_id} {action.value} {form.get('slot', '')}: {page.outcome}"

        self.run("press", press)
        if rng.random() < 0.15:
            self.after(rng.choice((0, 3, 60)), "press", press)
        if action is ReplyAction.CANCEL and rng.random() < 0.4:
            self.after(rng.choice((5, 100, 700)), "", lambda: self.press_link(link, ReplyAction.UNDO))

    def _slot(self, appt_id: str) -> datetime | None:
        rt = SimpleNamespace(store=self.store, documents=self.docs, config=self.config, clock=self.clock)
        shop = MirroredShop(rt)  # type: ignore[arg-type]
        if not shop.ready:
            return None
        visit = shop.visit_of(rt, appt_id)  # type: ignore[arg-type]
        slots = open_slots(rt, shop, visit.appointment, self.now) if visit else []  # type: ignore[arg-type]
        return self.rng.choice(slots) if slots else None

    def _line_left(self, line: StaffLine, channel: str, message: str) -> None:
        self._note(f"SLACK {line.move} {line.appt_id} {line.hours}: {line.text[:110]!r}")
        self.witness.line(line)
        if line.buttons and self.wild and self.rng.random() < 0.6:
            self.after(self.rng.choice((20, 900, 9000)), "", lambda: self.press_button(line, channel, message))

    def press_button(self, line: StaffLine, channel: str, message: str) -> None:
        """The front desk presses one of a line's buttons."""
        button = self.rng.choice(list(line.buttons))
        user = self.rng.choice(("Dana", "Arun"))
        pressed = self.now

        def act() -> str:
            return settle_staff_action(
                self.rt, button.action, button.value, user, channel, message, max(pressed, self.now)
            )

        self.after(self.rng.uniform(0, 5), "staff", act)
        if self.rng.random() < 0.1:
            self.after(self.rng.uniform(0, 90), "staff", act)

    # ------------------------------------------------ the week

    def play(self) -> list[str]:
        """The whole week. Returns what was violated."""
        self.start()
        self.mischief()
        wild_end = self.begin + timedelta(days=self.days)
        while self.step(wild_end) and not self.witness.violations:
            pass
        if not self.witness.violations:
            self.calm()
        return self.witness.violations

    def start(self) -> None:
        """Syncs and ticks begin to run."""
        self._every(timedelta(minutes=5), self._sync_if_due)
        self._every(timedelta(hours=1), self._tick_if_up)
        self._note(f"{self.zone.key}; rules: {' | '.join(self.shop.rules.text.splitlines())}")
        for tag, row in self.shop.shown().items():
            self._note(f"row {tag}: " + " | ".join(text for column, text in row.items() if column != "tag"))

    def mischief(self) -> None:
        """Put what people and vendors will do in this week into the queue: edits, outages, the switch."""
        rng = self.rng
        wild_end = self.begin + timedelta(days=self.days)
        for _ in range(rng.randint(4, 22) if self.wild else 0):
            self.at(self.begin + timedelta(hours=rng.uniform(0.3, self.days * 24 - 1)), "", self.edit)
        for _ in range(rng.choice((0, 1, 2, 4)) if self.wild else 0):
            port = rng.choice(
                ("sheet", "docs", "sms", "email", "staff", "store", "ledger", "bus", "schedules", "secrets")
            )
            begin = self.begin + timedelta(hours=rng.uniform(0, self.days * 24))
            self.outages.append((port, begin, begin + timedelta(hours=rng.choice((0.5, 2, 9))), rng.choice((0.3, 1.0))))
        for _ in range(rng.choice((0, 0, 1)) if self.wild else 0):
            begin = self.begin + timedelta(hours=rng.uniform(0, self.days * 24 - 6))
            switch = rng.choice((SendingSwitch.OFF, SendingSwitch.STAFF_ONLY))
            self.at(begin, "", partial(self._switch, switch))
            self.at(
                min(begin + timedelta(hours=rng.choice((1, 5, 20))), wild_end),
                "",
                lambda: self._switch(SendingSwitch.ON),
            )
        if self.wild and rng.random() < 0.2:
            begin = self.begin + timedelta(hours=rng.uniform(0, self.days * 24))
            self.down.append((begin, begin + timedelta(hours=rng.choice((3, 10, 30)))))

    def calm(self) -> None:
        """Nothing fails any more; staff mend what is doubled, and everything comes to its end. Then it is judged."""
        self.wild = False
        self.outages, self.down = [], []
        self.parameters.switch = SendingSwitch.ON
        self._note("-- calm from here")
        self.clock.now = max(self.now, self.begin + timedelta(days=self.days))
        end = self.now + timedelta(hours=CALM_HOURS)
        self._note(f"people {self.shop.mend()}")
        half = self.now + (end - self.now) / 2
        while self.step(half) and not self.witness.violations:
            pass
        self._note(f"people {self.shop.mend()}")  # what only came to light now
        while self.step(end) and not self.witness.violations:
            pass
        self.witness.judge()

    def _every(self, interval: timedelta, act: Callable[[], None]) -> None:
        first = self.begin + interval * self.rng.random() if interval > timedelta(minutes=5) else self.begin

        def again(when: datetime) -> None:
            act()
            self.at(when + interval, "", lambda: again(when + interval))

        self.at(first, "", lambda: again(first))

    def _switch(self, switch: SendingSwitch) -> None:
        self.parameters.switch = switch
        self._note(f"sending is {switch.value}")

    def _sync_if_due(self) -> None:
        """Syncs that would find nothing new are stepped over, but for one an hour while the outbox holds something,
        and one in four hours while it doesn't. After a run with any trouble in it the next one isn't stepped over."""
        if self._is_down():
            return
        waits = bool(self.store.world.outbox)
        full_hour = self.now.minute < 5 and (waits or self.now.hour % 4 == 0)
        new = self.shop.changed or self._outbox() != self._outbox_synced
        if (new or full_hour) and not (self.wild and self.rng.random() < 0.06):
            self.run("sync", self.sync)
            if self.wild and self.rng.random() < 0.02:
                self.run("sync", self.sync)

    def _outbox(self) -> dict[str, WorkState]:
        return {work_id: work.state for work_id, work in self.store.world.outbox.items()}

    def _tick_if_up(self) -> None:
        if self._is_down() or (self.wild and self.rng.random() < 0.06):
            return
        self.run("tick", self.tick)
        if self.wild and self.rng.random() < 0.05:
            self.after(self.rng.choice((0, 10)), "tick", self.tick)

    def _is_down(self) -> bool:
        return any(begin <= self.now < end for begin, end in self.down)

    def counts(self) -> Counter[str]:
        """What there was of everything, for the report."""
        witness = self.witness
        return Counter(
            texts=sum(witness.texts.values()),
            mails=witness.mails,
            lines=len(witness.lines),
            replies=len(witness.replies),
            windows=len(witness.expected),
            calls=self.faults.steps // 2,
            troubles=self.faults.troubles,
        )

    def last_beat(self) -> datetime | None:
        """When the tick last beat, as it is stored."""
        return self.store.world.beats.get(names.REMINDER)


def _short(outcome: object) -> str:
    return str(outcome).replace("\n", " ")[:160]
