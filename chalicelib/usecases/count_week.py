"""Read all that the weekly summary counts from, and count it: the told week and up to four before.

Past visits are the mirror's rows and those that left the sheet (`departed.csv`), each with its standing. What a row
that left did not show (a status typed later) nobody knows; it counts as it was when it left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from chalicelib.domain.appointment import Channel, chain_id
from chalicelib.domain.departed import read_departed
from chalicelib.domain.mirror import MirrorRow, candidates
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.send import SEGMENTS
from chalicelib.domain.standing import Standing
from chalicelib.domain.text_price import cost_of
from chalicelib.domain.week_count import (
    Answered,
    KnownVisit,
    Records,
    StaffMove,
    anything_recorded,
    count_week,
    span_of,
)
from chalicelib.domain.week_due import week_begins
from chalicelib.domain.week_facts import BadRow, Cost, WeekFacts
from chalicelib.domain.week_people import AHEAD, attendance, quiet_customers, unreachable_ahead
from chalicelib.ports import Document, PutReply
from chalicelib.runtime import Runtime
from chalicelib.usecases.open_slots import folded
from chalicelib.usecases.reply_promises import PAGE
from chalicelib.usecases.shop import Shop

WEEKS_BEFORE = 4
EARLIER = timedelta(days=28)
"""Sends and answers are read from this long before the oldest week: a slot may be given up long before its time."""
MOVED_BY_STAFF = "moved_by_staff"
_BATCH = 500
_ANSWERS = frozenset({ReplyAction.CONFIRM, ReplyAction.RESCHEDULE, ReplyAction.CANCEL, ReplyAction.UNDO})


@dataclass(frozen=True, slots=True)
class Counted:
    """The facts of a week, and whether anything was recorded in it at all: else the system wasn't there yet, or the
    shop was closed."""

    facts: WeekFacts
    recorded: bool


def count_last_week(rt: Runtime, shop: Shop, monday: date, now: datetime) -> Counted:
    """Count the shop-local week that begins on `monday`. `now` is when it is told, UTC. Raises UpstreamError."""
    zone = shop.config.zone
    mondays = [monday - timedelta(days=7 * back) for back in range(WEEKS_BEFORE, -1, -1)]
    records = read_records(rt, shop, week_begins(mondays[0], zone), now + AHEAD)
    week = span_of(monday, zone)
    first = next((one for one in mondays if anything_recorded(records, span_of(one, zone))), monday)
    counted = [count_week(records, one, zone) for one in mondays if one >= first]
    quiet = shop.rules.quiet
    facts = WeekFacts(
        shop_name=shop.config.shop_name,
        timezone=zone.key,
        week=counted[-1],
        before=tuple(counted[:-1]),
        quiet=quiet_customers(records, week, now, zone),
        unreachable=unreachable_ahead(records, now, zone),
        bad_rows=_bad_rows(rt),
        attendance=attendance(records, [one.monday for one in counted], zone),
        cost=_cost(shop, records, monday),
        quiet_hours=(quiet.begin, quiet.end) if quiet else None,
    )
    return Counted(facts, anything_recorded(records, week))


def read_records(rt: Runtime, shop: Shop, since: datetime, until: datetime) -> Records:
    """The visits that start from `since` to `until`, and everything recorded that may bear on them."""
    replies = rt.week_records.replies(since - EARLIER)
    moves = rt.week_records.audit(since - EARLIER, {MOVED_BY_STAFF})
    return Records(
        visits=sorted(_visits(rt, shop, since, until), key=lambda visit: (visit.start, visit.appt_id)),
        sends=rt.week_records.sends(since - EARLIER),
        answers=[_answered(reply) for reply in replies if reply.action in _ANSWERS],
        staff_moves=[StaffMove(e.appt_id, _instant(e.ts), _instant(e.before)) for e in moves if e.before],
    )


def _visits(rt: Runtime, shop: Shop, since: datetime, until: datetime) -> Iterator[KnownVisit]:
    here: set[tuple[str, datetime]] = set()
    rows = candidates(shop.mirror, since, until)
    while batch := list(islice(rows, _BATCH)):
        for visit in _known(rt, shop, [(row, None) for row in batch]):
            here.add((visit.appt_id, visit.start))
            yield visit
    stored = rt.documents.read(Document.DEPARTED)
    gone = [(row, left) for row, left in read_departed(stored.text if stored else "")]
    for visit in _known(rt, shop, [(row, left) for row, left in gone if row.start and since <= row.start <= until]):
        if (visit.appt_id, visit.start) not in here:
            yield visit


def _known(rt: Runtime, shop: Shop, rows: list[tuple[MirrorRow, datetime | None]]) -> Iterator[KnownVisit]:
    standings = rt.store.standings([row.appt_id for row, _ in rows])
    for row, left_at in rows:
        visit = _visit(shop, row, standings.get(row.appt_id), left_at)
        if visit is not None:
            yield visit


def _visit(shop: Shop, row: MirrorRow, standing: Standing | None, left_at: datetime | None) -> KnownVisit | None:
    """The visit of a row at the start that counts; None if the row can't be read."""
    if standing is not None and left_at is not None and row.start and standing.chain != chain_id(row.start):
        standing = None  # the visit went on at another time; this is the start that it left
    visit = shop.visit(row, standing)
    if visit is None:
        return None
    appointment, state = visit.appointment, visit.state
    return KnownVisit(
        appt_id=appointment.appt_id,
        customer=appointment.customer,
        service=appointment.service,
        staff=appointment.staff,
        resource=folded(appointment.staff),
        start=appointment.start,
        minutes=shop.minutes(appointment),
        first_seen=state.first_seen,
        status=appointment.status,
        answer=state.answer,
        reachable=appointment.reachable,
        left_at=left_at,
    )


def _answered(reply: PutReply) -> Answered:
    return Answered(
        appt_id=reply.appt_id,
        at=_instant(reply.replied_at),
        action=ReplyAction(reply.action),
        chain=reply.chain,
        by_customer=reply.channel == PAGE,
        old_start=_instant(reply.old_time) if reply.old_time else None,
        new_start=_instant(reply.new_time) if reply.new_time else None,
    )


def _instant(text: str) -> datetime:
    """The second of `2026-11-25T01:00:00Z`, whatever thousandths and tail make it a key."""
    return datetime.fromisoformat(text[: len("2026-11-25T01:00:00")]).replace(tzinfo=UTC)


def _bad_rows(rt: Runtime) -> tuple[BadRow, ...]:
    """What staff were told of rows and that is not mended (`tell_rows` forgets what is)."""
    facts = [json.loads(detail) for detail in rt.store.told("row#").values()]
    rows = [BadRow(f["line"], f["appt_id"], f["customer"], f["field"], f["problem"]) for f in facts]
    return tuple(sorted(rows, key=lambda row: (row.line, row.field)))


def _cost(shop: Shop, records: Records, monday: date) -> Cost | None:
    price, week = shop.config.text_price, span_of(monday, shop.config.zone)
    if price is None:
        return None
    texts = (s for s in records.sends if s.channel is Channel.TEXT and week.has(s.sent_at))
    return cost_of(((text.recipient, int(text.detail.get(SEGMENTS, 0))) for text in texts), price)
