"""Count a week: figures from records, and nothing that the records don't say. What each figure means is written at
`week_facts.WeekCounts`.

The records are whole lists over several weeks; each function picks what falls into its week. A figure that rests on
something seen later (a cancel that was taken back, a no-show noted on Monday) is the one that is known now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from statistics import median
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import Channel, Status, chain_id, chain_start, to_minute
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.send import SEGMENTS, Move, Send, SendState
from chalicelib.domain.standing import Answer
from chalicelib.domain.week_due import week_begins
from chalicelib.domain.week_facts import WeekCounts

REMINDERS = (Move.FIRST_REMINDER, Move.SECOND_REMINDER)
_ARRIVED = (SendState.SENT, SendState.DELIVERED)
_NOT_SENT = (SendState.FAILED, SendState.EXPIRED)


@dataclass(frozen=True, slots=True)
class KnownVisit:
    """A visit at one start (UTC), as it is known now: from its row, or from the row as it left the sheet.

    `resource` is whose time it takes, as slots are held. `first_seen` is when it came to this start, `left_at` when its
    row left the sheet. `answer` is the standing's, if that is about this start.
    """

    appt_id: str
    customer: str
    service: str
    staff: str
    resource: str
    start: datetime
    minutes: int
    first_seen: datetime
    status: Status = Status.NONE
    answer: Answer = Answer.OPEN
    reachable: bool = True
    left_at: datetime | None = None

    @property
    def chain(self) -> str:
        """The id of its chain."""
        return chain_id(self.start)

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.minutes)

    @property
    def withdrawn(self) -> bool:
        """Whether its row was taken out of the sheet before the visit."""
        return self.left_at is not None and self.left_at < self.start

    @property
    def attendance_noted(self) -> bool:
        """Whether staff recorded if the customer came."""
        return self.status in (Status.NO_SHOW, Status.DONE)

    @property
    def stands(self) -> bool:
        """Whether it is on, or was at its start: a no-show's slot was kept, too."""
        if self.withdrawn:
            return False
        if self.attendance_noted:
            return True
        return self.status is not Status.CANCELLED and self.answer is not Answer.CANCELLED

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether it takes any of that time."""
        return self.start < end and start < self.end


@dataclass(frozen=True, slots=True)
class Answered:
    """One reply. `chain` is the start that was answered; a move has both starts."""

    appt_id: str
    at: datetime
    action: ReplyAction
    chain: str
    by_customer: bool
    old_start: datetime | None = None
    new_start: datetime | None = None


@dataclass(frozen=True, slots=True)
class StaffMove:
    """A start that staff changed."""

    appt_id: str
    at: datetime
    old_start: datetime


@dataclass(frozen=True)
class Records:
    """All that is counted from, oldest first; several weeks of it."""

    visits: Sequence[KnownVisit]
    sends: Sequence[Send]
    answers: Sequence[Answered]
    staff_moves: Sequence[StaffMove]

    @cached_property
    def of_visit(self) -> Mapping[str, Sequence[KnownVisit]]:
        """The visits of each id."""
        found: dict[str, list[KnownVisit]] = {}
        for visit in self.visits:
            found.setdefault(visit.appt_id, []).append(visit)
        return found

    @cached_property
    def on_chain(self) -> Mapping[tuple[str, str], Sequence[Send]]:
        """What went to the customer on each chain: texts and e-mails that a vendor took and that arrived, as far as
        is known."""
        found: dict[tuple[str, str], list[Send]] = {}
        for send in self.sends:
            if went_at(send) is not None and send.state in _ARRIVED:
                found.setdefault((send.key.appt_id, send.key.chain), []).append(send)
        return found

    @cached_property
    def confirmed(self) -> frozenset[tuple[str, str]]:
        """The chains that an answer confirmed."""
        return frozenset((a.appt_id, a.chain) for a in self.answers if a.action is ReplyAction.CONFIRM)

    @cached_property
    def answered(self) -> frozenset[tuple[str, str]]:
        """The chains that anybody answered at all, be it to take it back."""
        return frozenset((answer.appt_id, answer.chain) for answer in self.answers)

    @cached_property
    def moved_to(self) -> frozenset[tuple[str, str]]:
        """The chains that a customer began by moving there."""
        return frozenset((a.appt_id, chain_id(a.new_start)) for a in self.answers if a.new_start and a.by_customer)

    def cancels(self) -> list[Answered]:
        """Cancels that were not taken back, each chain's latest."""
        last: dict[tuple[str, str], Answered] = {}
        for answer in self.answers:
            if answer.action in (ReplyAction.CANCEL, ReplyAction.UNDO):
                last[answer.appt_id, answer.chain] = answer
        return [answer for answer in last.values() if answer.action is ReplyAction.CANCEL]

    def never_answered(self, visit: KnownVisit) -> bool:
        """Whether its customer was written to about this start, and neither answered nor chose it."""
        chain = (visit.appt_id, visit.chain)
        reminded = any(send.move in REMINDERS for send in self.on_chain.get(chain, ()))
        return reminded and not self.has_answer(visit)

    def has_answer(self, visit: KnownVisit) -> bool:
        """Whether anybody answered about this start, or its customer chose it."""
        chain = (visit.appt_id, visit.chain)
        return visit.answer is not Answer.OPEN or chain in self.answered or chain in self.moved_to


@dataclass(frozen=True, slots=True)
class Slot:
    """A staff member's time that a visit gave up. `freed_at` is None where nobody recorded when."""

    appt_id: str
    resource: str
    start: datetime
    end: datetime
    freed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """The instants of one shop-local week, the end not included."""

    begin: datetime
    end: datetime

    def has(self, instant: datetime | None) -> bool:
        return instant is not None and self.begin <= instant < self.end


def span_of(monday: date, zone: ZoneInfo) -> Span:
    """The week that begins on that Monday: 167, 168 or 169 hours."""
    return Span(week_begins(monday, zone), week_begins(monday + timedelta(days=7), zone))


def went_at(send: Send) -> datetime | None:
    """When a text or e-mail to a customer was taken by its vendor; None if it was not, or is for staff."""
    return send.sent_at if send.channel is not Channel.SLACK else None


def count_week(records: Records, monday: date, zone: ZoneInfo) -> WeekCounts:
    """The figures of the shop-local week that begins on `monday`."""
    week = span_of(monday, zone)
    stood = [visit for visit in records.visits if visit.stands and week.has(visit.start)]
    noted = [visit for visit in stood if visit.attendance_noted]
    sends = [send for send in records.sends if week.has(went_at(send))]
    confirmed = _first_confirms(records.answers, week)
    cancels = [cancel for cancel in records.cancels() if week.has(cancel.at)]
    slots = freed_slots(records, week)
    return WeekCounts(
        monday=monday,
        visits=len(stood),
        no_shows=sum(visit.status is Status.NO_SHOW for visit in noted) if noted else None,
        unreachable=sum(not visit.reachable for visit in stood),
        reminder_texts=sum(_is_reminder(send, Channel.TEXT) for send in sends),
        reminder_emails=sum(_is_reminder(send, Channel.EMAIL) for send in sends),
        sent_by_hour=_tally(((send.sent_at or week.begin).astimezone(zone).hour for send in sends), 24),
        confirmed=len(confirmed),
        confirmed_by_day=_tally((answer.at.astimezone(zone).weekday() for answer in confirmed), 7),
        minutes_to_confirm=_minutes_to_confirm(records, confirmed),
        moved=sum(a.action is ReplyAction.RESCHEDULE and a.by_customer and week.has(a.at) for a in records.answers),
        moved_by_staff=sum(week.has(move.at) for move in records.staff_moves),
        cancelled=len(cancels),
        notice_hours=_notice_hours(cancels),
        freed=len(slots),
        refilled=sum(is_refilled(slot, records.visits) for slot in slots),
        undelivered=sum(send.state is SendState.UNDELIVERED for send in sends),
        unknown=sum(_ended(send, (SendState.UNKNOWN,), week) for send in records.sends),
        failed=sum(_ended(send, _NOT_SENT, week) for send in records.sends),
        segments=sum(int(send.detail.get(SEGMENTS, 0)) for send in sends),
    )


def anything_recorded(records: Records, week: Span) -> bool:
    """Whether the system did anything in that week, or anybody answered: else it wasn't there yet."""
    return (
        any(week.has(send.sent_at or send.planned) for send in records.sends)
        or any(week.has(answer.at) for answer in records.answers)
        or any(week.has(move.at) for move in records.staff_moves)
    )


def freed_slots(records: Records, week: Span) -> list[Slot]:
    """The slots of the week that were given up, by start: one per visit and start."""
    found: dict[tuple[str, datetime], Slot] = {}
    cancelled = {(cancel.appt_id, cancel.chain): cancel.at for cancel in records.cancels()}
    for visit in records.visits:
        if week.has(visit.start) and not visit.stands:
            freed_at = cancelled.get((visit.appt_id, visit.chain), visit.left_at if visit.withdrawn else None)
            found[visit.appt_id, visit.start] = Slot(visit.appt_id, visit.resource, visit.start, visit.end, freed_at)
    left = [(a.appt_id, a.at, a.old_start) for a in records.answers if a.action is ReplyAction.RESCHEDULE]
    left += [(move.appt_id, move.at, move.old_start) for move in records.staff_moves]
    for appt_id, at, start in left:
        known = records.of_visit.get(appt_id)
        if known and start is not None and week.has(start) and at < start:
            latest = known[-1]
            end = start + timedelta(minutes=latest.minutes)
            found[appt_id, start] = Slot(appt_id, latest.resource, start, end, at)
    free = (slot for slot in found.values() if not _still_taken(slot, records))
    return sorted(free, key=lambda slot: (slot.start, slot.appt_id))


def is_refilled(slot: Slot, visits: Iterable[KnownVisit]) -> bool:
    """Whether another visit came to that time after it was free and before it began, and stood."""
    freed_at = to_minute(slot.freed_at) if slot.freed_at else None
    return any(
        visit.appt_id != slot.appt_id
        and visit.stands
        and visit.resource == slot.resource
        and visit.overlaps(slot.start, slot.end)
        and visit.first_seen < slot.start
        and (freed_at is None or visit.first_seen >= freed_at)
        for visit in visits
    )


def _still_taken(slot: Slot, records: Records) -> bool:
    """Whether the visit itself still takes some of that time: it came back, or moved by a few minutes. One whose row
    was taken out and pasted anew under another id is the same visit, too."""
    own = records.of_visit.get(slot.appt_id, ())
    if any(visit.stands and visit.overlaps(slot.start, slot.end) for visit in own):
        return True
    gone = {_looks(visit) for visit in own if visit.withdrawn and visit.start == slot.start}
    return any(visit.stands and _looks(visit) in gone for visit in records.visits)


def _looks(visit: KnownVisit) -> tuple[str, str, str, datetime]:
    return visit.customer.casefold(), visit.service.casefold(), visit.resource, visit.start


def _first_confirms(answers: Iterable[Answered], week: Span) -> list[Answered]:
    """The week's confirmations, one per visit and start."""
    first: dict[tuple[str, str], Answered] = {}
    for answer in answers:
        if answer.action is ReplyAction.CONFIRM and week.has(answer.at):
            first.setdefault((answer.appt_id, answer.chain), answer)
    return list(first.values())


def _minutes_to_confirm(records: Records, confirmed: Iterable[Answered]) -> int | None:
    waits = []
    for answer in confirmed:
        sends = records.on_chain.get((answer.appt_id, answer.chain), ())
        before = [send.sent_at for send in sends if send.sent_at is not None and send.sent_at <= answer.at]
        if answer.by_customer and before:
            waits.append((answer.at - max(before)) / timedelta(minutes=1))
    return int(median(waits) + 0.5) if waits else None


def _notice_hours(cancels: Iterable[Answered]) -> float | None:
    notice = [(chain_start(cancel.chain) - cancel.at) / timedelta(hours=1) for cancel in cancels]
    return round(median(notice), 1) if notice else None


def _is_reminder(send: Send, channel: Channel) -> bool:
    return send.move in REMINDERS and send.channel is channel


def _ended(send: Send, states: Sequence[SendState], week: Span) -> bool:
    """Whether a message to a customer ended so, in the week that it was for."""
    to_customer = send.channel is not Channel.SLACK and send.move is not Move.GAP_ALERT
    return to_customer and send.state in states and week.has(send.sent_at or send.planned)


def _tally(places: Iterable[int], size: int) -> tuple[int, ...]:
    counts = [0] * size
    for place in places:
        counts[place] += 1
    return tuple(counts)
