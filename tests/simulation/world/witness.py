"""Who saw it: the promises of a week, judged by what left the house, what staff read and what the sheet shows.

Nothing here asks the ledger whether it sent something. A violation is a sentence; the week stops at the first.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.domain.appointment import Status, chain_id, chain_start
from chalicelib.domain.mirror import MirrorRow, read_mirror
from chalicelib.domain.reply_token import Link, ReplyAction
from chalicelib.domain.send import UNSETTLED
from chalicelib.domain.standing import Answer
from chalicelib.domain.status import read_status
from chalicelib.domain.work import StaffLine
from chalicelib.ports import Document, EmailMessage, PutReply, ReplaceStanding
from tests.simulation.world.faults import Run
from tests.simulation.world.people import OWN, Rules

if TYPE_CHECKING:
    from tests.simulation.world.week import World

GRACE = timedelta(minutes=6)  # five, and the minute that instants are cut to
WINDOW = tuple[str, str, int]  # appt_id, chain, minutes before


class Witness:
    """Sees every call that happened and everything that left."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.violations: list[str] = []
        self.links: list[Link] = []
        self.mails = 0
        self.texts: Counter[WINDOW] = Counter()
        self.told: set[WINDOW] = set()  # windows of which a text, a mail or a line said something
        self.lines: list[tuple[int, StaffLine]] = []
        self.replies: list[tuple[int, PutReply]] = []
        self.opened: dict[tuple[str, str], int] = {}  # id and chain -> the step at which it was stored as open
        self.closed: dict[str, tuple[int, str]] = {}  # id -> step and chain of a reply that ends its reminders
        self.expected: dict[WINDOW, datetime] = {}  # window -> the tick that should have seen it
        self._mirror: tuple[str, dict[str, MirrorRow]] = ("", {})
        self._held: tuple[str, frozenset[str]] = ("", frozenset())

    def violation(self, text: str) -> None:
        """Note that a promise was broken."""
        self.violations.append(text)
        self.world._note(f"!! {text}")

    # ------------------------------------------------ calls

    def begins(self, run: Run) -> None:
        """A run starts: what was so then is what it may go by."""
        if run.name == "dispatch":
            run.facts["mirror"] = self.rows()
            run.facts["rules"] = self.rules()
        if run.name == "tick":
            run.facts["open"] = self._open()
            run.facts["beat"] = self.world.last_beat()

    def ends(self, run: Run, well: bool) -> None:
        """A tick that ended well has seen every window whose time is over: each must be accounted for in the end."""
        if run.name != "tick" or not well or run.began is None:
            return
        rules = self.rules()
        beat = min(run.facts["beat"] or run.began, run.began)
        for (appt_id, chain), row in self._open().items():
            start = chain_start(chain)
            if (appt_id, chain) not in run.facts["open"] or start < max(beat, run.began - timedelta(days=6)):
                continue
            windows = _windows(row, rules)
            for window, smaller in zip(windows, [*windows[1:], 30], strict=False):
                last = start - timedelta(minutes=max(smaller, 30))
                if last + timedelta(minutes=2) < run.began:
                    self.expected.setdefault((appt_id, chain, window), run.began)

    def saw(self, call: str, args: tuple[Any, ...]) -> None:
        """A call that happened, whether or not its caller was told."""
        if call != "store.commit":
            return
        step = self.world.faults.steps
        for write in args:
            if isinstance(write, ReplaceStanding) and write.standing.answer is Answer.OPEN:
                self.opened[write.standing.appt_id, write.standing.chain] = step
        for write in args:
            if isinstance(write, PutReply):
                self.replies.append((step, write))
                if write.action in ("confirm", "cancel", "reschedule"):
                    self.closed[write.appt_id] = (step, write.chain)

    # ------------------------------------------------ what left

    def text(self, phone: str, text: str, link: Link) -> None:
        """A text that a vendor took."""
        world, run = self.world, self.world.faults.run
        self.links.append(link)
        start = chain_start(link.chain)
        slack = GRACE + (world.now - run.began if run and run.began else timedelta())
        if world.now >= start + (slack - GRACE):
            self.violation(f"a text about {link.appt_id} left after its start")
        self._in_hours(run, slack, link)
        if not text.startswith("R "):
            return
        window = (link.appt_id, link.chain, link.window)
        self.texts[window] += 1
        self.told.add(window)
        if self.texts[window] > 1:
            self.violation(f"{link.appt_id} was texted twice for its window of {link.window} minutes")
        if world.now > start - timedelta(minutes=30) + slack:
            self.violation(f"a reminder of {link.appt_id} left in the last half hour")
        self._still_open(run, link)

    def _in_hours(self, run: Run | None, slack: timedelta, link: Link) -> None:
        then = run.facts.get("rules") if run else None
        for rules in {id(r): r for r in (then, self.rules()) if r is not None}.values():
            for ago in range(int(slack / timedelta(minutes=1)) + 1):
                if rules.allows((self.world.now - timedelta(minutes=ago)).astimezone(self.world.zone)):
                    return
        self.violation(f"a text about {link.appt_id} left outside the sending hours")

    def _still_open(self, run: Run | None, link: Link) -> None:
        if run is None or run.name != "dispatch":
            self.violation("a text left outside dispatch")
            return
        step, chain = self.closed.get(link.appt_id, (0, ""))
        if chain == link.chain and step < run.armed_at and self.opened.get((link.appt_id, chain), 0) <= step:
            self.violation(f"{link.appt_id} was reminded after its answer had been stored")
        row = run.facts["mirror"].get(link.appt_id)
        standing = self.world.store.world.standings.get(link.appt_id)
        if row is None or row.start is None:
            self.violation(f"{link.appt_id} was reminded though its row was gone")
        elif standing is None or not standing.wins:
            status = read_status(row.values["status"])[0]
            if (status is Status.CONFIRMED or status.ends_the_visit) and run.facts["mirror"] is self.rows():
                self.violation(f"{link.appt_id} was reminded though its row says {status.value}")

    def mail(self, message: EmailMessage) -> None:
        """A mail that a vendor took."""
        self.mails += 1
        appt_id, _, index = message.message_key.partition("#")
        chain, _, what = index.partition("#")
        if what.startswith("h"):
            self.told.add((appt_id, chain, round(float(what.removesuffix("#email")[1:]) * 60)))
        if self.world.now >= chain_start(chain) + timedelta(minutes=10):
            self.violation(f"a mail about {appt_id} left after its start")

    def line(self, line: StaffLine) -> None:
        """A line that staff read."""
        self.lines.append((self.world.faults.steps, line))
        if line.appt_id and line.hours is not None:
            self.told.add((line.appt_id, line.chain, round(line.hours * 60)))

    def page(self, appt_id: str, action: ReplyAction, outcome: str) -> None:
        """What a customer was shown after a press."""
        if outcome == "done" and action is not ReplyAction.NO_TEXTS:
            known = [r for _, r in self.replies if r.appt_id == appt_id and r.action == action.value]
            if not known:
                self.violation(f"{appt_id}'s page said done, and no {action.value} is stored")

    # ------------------------------------------------ the state, as anybody may read it

    def rules(self) -> Rules | None:
        """What the mirrored rules doc means."""
        stored = self.world.docs.texts.get(Document.RULES)
        return self.world.shop.books.get(stored.text) if stored else None

    def rows(self) -> dict[str, MirrorRow]:
        """The mirror, by id."""
        stored = self.world.docs.texts.get(Document.APPOINTMENTS)
        if stored is None:
            return {}
        if self._mirror[0] != stored.etag:
            self._mirror = (stored.etag, {row.appt_id: row for row in read_mirror(stored.text) if row.start})
        return self._mirror[1]

    def held(self) -> frozenset[str]:
        """The visits that the brake holds."""
        stored = self.world.docs.texts.get(Document.SYNC_STATE)
        if stored is not None and self._held[0] != stored.etag:
            self._held = (stored.etag, frozenset(json.loads(stored.text).get("held", ())))
        return self._held[1]

    def _open(self) -> dict[tuple[str, str], MirrorRow]:
        """The visits that wait for reminders: (id, chain) -> row."""
        held = self.held()
        found: dict[tuple[str, str], MirrorRow] = {}
        for appt_id, row in self.rows().items():
            standing = self.world.store.world.standings.get(appt_id)
            status = read_status(row.values["status"])[0]
            if appt_id in held or row.start is None:
                continue
            chain = chain_id(row.start)
            if standing is not None:
                if standing.answer is not Answer.OPEN or standing.hold_reason or standing.contested or standing.pending:
                    continue
                if standing.chain != chain:
                    continue
            if status is Status.CONFIRMED or status.ends_the_visit:
                continue
            found[appt_id, chain] = row
        return found

    # ------------------------------------------------ the end

    def judge(self) -> None:
        """Everything has come to its end: what is missing?"""
        self._accounted()
        self._nothing_waits()
        self._replies_show()
        self._staff_heard()
        self._cells()

    def _accounted(self) -> None:
        audit = self.world.store.world.audit
        for window, tick in self.expected.items():
            appt_id, chain, minutes = window
            if window in self.told:
                continue
            entries = [e for e in audit.get(appt_id, {}).values() if e.chain == chain and e.hours is not None]
            if any(round((e.hours or 0) * 60) == minutes and e.action.startswith("window_") for e in entries):
                continue
            self.violation(
                f"{appt_id}, {chain}: its window of {minutes} minutes ended in silence (tick of {tick:%a %H:%M}Z)"
            )

    def _nothing_waits(self) -> None:
        twin = self.world.store.world
        for work in twin.outbox.values():
            may_wait = work.kind == "customer_message" or work.payload.get("not_before")
            if may_wait and work.made_at > self.world.now - timedelta(hours=16):
                continue
            self.violation(
                f"the outbox still has {work.kind.value} of {work.appt_id or 'nobody'} from {work.made_at:%a %H:%M}Z"
            )
        for sends in twin.sends.values():
            for send in sends.values():
                late = send.due is not None and send.due < self.world.now - timedelta(hours=2)
                if send.alert_pending or (send.state in UNSETTLED and late):
                    self.violation(
                        f"{send.key.appt_id} {send.key.window_index} is left {send.state.value}: {send.reason}"
                    )

    def _replies_show(self) -> None:
        shown = {row["appt_id"]: (tag, row) for tag, row in self.world.shop.shown().items() if row["appt_id"]}
        latest: dict[str, tuple[int, PutReply]] = {}
        for step, reply in self.replies:
            if reply.action in ("confirm", "cancel", "reschedule", "undo"):
                latest[reply.appt_id] = (step, reply)
        for appt_id, (step, reply) in latest.items():
            if appt_id not in shown or self._asked(appt_id, step):
                continue
            tag, row = shown[appt_id]
            if tag in self.world.shop.shuffled:
                continue
            if self.world.shop.excused.get(tag, 0) >= step - 200 and self.world.shop.excused.get(tag, 0) > 0:
                continue
            status = read_status(row["status"])[0]
            want = {"confirm": Status.CONFIRMED, "cancel": Status.CANCELLED}.get(reply.action)
            wrong = status is not want if want else status is Status.CANCELLED
            if wrong and appt_id in self.rows():
                self.violation(
                    f"{appt_id}: the answer {reply.action} is not in the sheet, which says {row['status']!r}"
                )
            mirrored = self.rows().get(appt_id)
            if reply.action == "reschedule" and mirrored and mirrored.start != datetime.fromisoformat(reply.new_time):
                self.violation(f"{appt_id}: the sheet does not show the time that the customer moved to")

    def _asked(self, appt_id: str, step: int) -> bool:
        return any(line.appt_id == appt_id and at > step and _asks(line) for at, line in self.lines)

    def _staff_heard(self) -> None:
        for step, reply in self.replies:
            if reply.action != "cancel" or reply.by != "customer":
                continue
            told = (line for at, line in self.lines if at > step and line.appt_id == reply.appt_id)
            if not any(line.move == "cancelled" for line in told):
                self.violation(f"{reply.appt_id} cancelled, and staff never heard of it")

    def _cells(self) -> None:
        shop = self.world.shop
        shown = shop.shown()
        replied = {reply.appt_id for _, reply in self.replies}
        for tag in shown:
            if tag not in shop.typed:
                self.violation(f"row {tag} is there twice, or nobody typed it")
        for tag, typed in shop.typed.items():
            row = shown.get(tag)
            if row is None:
                self.violation(f"row {tag} is gone, and nobody deleted it")
                continue
            for column in OWN:
                if row[column] != typed.get(column, ""):
                    self.violation(f"row {tag}: {column} shows {row[column]!r}, people typed {typed.get(column, '')!r}")
            if typed.get("appt_id") and row["appt_id"] != typed["appt_id"]:
                self.violation(f"row {tag}: its id was {typed['appt_id']!r} and is {row['appt_id']!r}")
            answered = replied & {row["appt_id"], *shop.had.get(tag, ())}  # what we wrote for an id that it had stays
            if not answered and tag not in shop.shuffled:
                for column in ("date", "time", "status"):
                    if row[column] not in (typed.get(column, ""), "" if column == "status" else None):
                        self.violation(
                            f"row {tag}: {column} shows {row[column]!r}, people typed {typed.get(column, '')!r}"
                        )
        ids = Counter(row["appt_id"] for row in shown.values() if row["appt_id"])
        doubled = [appt_id for appt_id, n in ids.items() if n > 1]
        if doubled:
            self.violation(f"{doubled} is on two rows in the end")


def _asks(line: StaffLine) -> bool:
    return (
        bool(line.buttons and line.move != "gap_alert") or "row is gone" in line.text or "something else" in line.text
    )


def _windows(row: MirrorRow, rules: Rules | None) -> list[int]:
    """The windows of a row, largest first, as the people of the shop mean them."""
    own = row.values.get("reminders", "").strip()
    if own in ("24", "24, 2", "3"):
        return sorted((int(hours) * 60 for hours in own.split(",")), reverse=True)
    if own == "none" or rules is None:
        return []
    return sorted(rules.windows.get(row.values["service"], rules.windows["*"]), reverse=True)
