"""What holds for every plan and every way of running it, whatever the shop, the zone and the outage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.appointment import MINUTE, window_key
from chalicelib.domain.plan import Passed, Planned, Skipped
from chalicelib.domain.rules import QuietHours
from tests.builders import Chain, a_chain, closed, sending_hours

HOUR = timedelta(hours=1)
PLACES = [
    ("America/New_York", date(2027, 3, 14)), ("America/New_York", date(2027, 11, 7)),
    ("Australia/Lord_Howe", date(2027, 4, 4)), ("Australia/Lord_Howe", date(2027, 10, 3)),
    ("Pacific/Pago_Pago", date(2027, 1, 1)), ("Pacific/Kiritimati", date(2027, 1, 1)),
    ("Asia/Singapore", date(2026, 11, 26)),
]  # fmt: skip
WALL = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
WINDOWS = st.lists(
    st.integers(30, 200) | st.sampled_from([60, 120, 180, 720, 1440, 2880, 4320]), min_size=1, max_size=4, unique=True
).map(tuple)


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    zone, around = draw(st.sampled_from(PLACES))
    midnight = datetime.combine(around, time(), ZoneInfo(zone)).astimezone(UTC)
    start = midnight + draw(st.integers(-24 * 60, 48 * 60)) * MINUTE
    first_seen = start - draw(st.integers(0, 6 * 24 * 60) | st.integers(0, 20 * 24 * 60)) * MINUTE
    quiet = draw(st.sampled_from([QuietHours(time(21), time(8)), None]) | st.builds(QuietHours, WALL, WALL))
    shut_from = around - timedelta(days=draw(st.integers(0, 14)))
    shut = (shut_from, shut_from + timedelta(days=draw(st.integers(0, 13))))
    days = closed(weekdays=draw(st.sets(st.integers(0, 6), max_size=2)), ranges=draw(st.sampled_from([(), (shut,)])))
    own_move = draw(st.booleans())
    windows = draw(WINDOWS)
    edited = draw(st.sets(st.sampled_from(windows)))
    edit = first_seen + draw(st.integers(0, 4 * 24 * 60)) * MINUTE
    return a_chain(
        windows,
        start=start,
        first_seen=first_seen,
        hours=sending_hours(zone, quiet=quiet, closed_days=days),
        gap_minutes=draw(st.sampled_from([60, 180, 600])),
        own_move=own_move,
        moved_at=first_seen + draw(st.integers(0, 600)) * MINUTE if own_move else None,
        since=dict.fromkeys(edited, edit),
        phone=draw(st.sampled_from(["+6591234567", "+6591234567", ""])),
    )


@settings(max_examples=200, deadline=None)
@given(chains())
def test_the_same_inputs_give_the_same_plan(chain: Chain):
    """Promise 19."""
    again = replace(chain, hours=replace(chain.hours))
    assert chain.planned() == chain.planned() == again.planned()


@settings(max_examples=300, deadline=None)
@given(chains())
def test_every_window_is_planned_passed_or_skipped_once_and_with_a_reason(chain: Chain):
    """Promise 31."""
    entries = chain.planned()
    assert [entry.window for entry in entries] == sorted(chain.schedule.windows, reverse=True)
    assert all(entry.reason for entry in entries)


@settings(max_examples=300, deadline=None)
@given(chains())
def test_a_planned_minute_is_allowed_and_useful_and_after_the_first_sight(chain: Chain):
    """Promise 39. Promise 40. Promise 41."""
    for entry in chain.planned():
        if isinstance(entry, Planned):
            assert chain.hours.allows(entry.at)
            assert chain.seen.first_seen <= entry.at <= entry.useful_until
            assert entry.useful_until <= chain.appointment.start - 30 * MINUTE
            assert entry.at.second == entry.at.microsecond == 0


@settings(max_examples=300, deadline=None)
@given(chains())
def test_two_planned_reminders_are_never_within_an_hour_and_the_larger_comes_first(chain: Chain):
    minutes = [entry.at for entry in chain.planned() if isinstance(entry, Planned)]
    assert all(later - earlier >= HOUR for earlier, later in pairwise(minutes))


@settings(max_examples=100, deadline=None)
@given(chains())
def test_a_plan_is_what_the_rules_say_when_every_minute_is_tried(chain: Chain):
    """Rules 2 to 5 once more, written for a reader with all the time in the world."""
    start, first_seen = chain.appointment.start, chain.seen.first_seen
    windows = sorted(chain.schedule.windows, reverse=True)
    largest = True
    left: dict[int, datetime] = {}
    fates: dict[int, str] = {}
    late = all(start - w * MINUTE < first_seen for w in windows)
    for position, window in enumerate(windows):
        nominal = start - window * MINUTE
        limit = start - 30 * MINUTE
        if position + 1 < len(windows):
            limit = min(limit, start - windows[position + 1] * MINUTE - MINUTE)
        if nominal < first_seen:
            if not (late and window == windows[-1] and start - first_seen >= 3 * HOUR and not chain.seen.own_move):
                fates[window] = "passed"
                continue
            nominal = first_seen
        at = nominal
        while at <= limit and not chain.hours.allows(at):
            at += MINUTE
        if at > limit:
            at = nominal
            floor = max(first_seen, nominal - 20 * 24 * HOUR if largest else nominal - 72 * HOUR)
            while at > floor and not chain.hours.allows(at - MINUTE):
                at -= MINUTE
            end, steps = at, 0
            while steps < 15 and chain.hours.allows(at - MINUTE):
                at -= MINUTE
                steps += 1
            if not steps or at < floor or end <= floor:
                fates[window] = "skipped"
                largest = False
                continue
        edit = chain.seen.since.get(window)
        moved = chain.seen.moved_at
        if (edit and at < edit) or (moved and moved <= at < moved + HOUR):
            fates[window] = "passed"
            continue
        largest = False
        left[window] = at
    for window in sorted(left):
        if any(w < window and fates.get(w) != "passed" and abs(left[w] - left[window]) < HOUR for w in left):
            fates[window] = "passed"
    for entry in chain.planned():
        match entry:
            case Planned():
                assert fates.get(entry.window) is None
                assert entry.at == left[entry.window]
            case Passed():
                assert fates[entry.window] == "passed"
            case Skipped():
                assert fates[entry.window] == "skipped"


@settings(max_examples=150, deadline=None)
@given(chains(), st.lists(st.integers(1, 30 * 60), max_size=30), st.integers(1, 60))
def test_however_it_is_run_nothing_goes_twice_at_night_or_too_late_and_nothing_vanishes(
    chain: Chain, steps: list[int], last_step: int
):
    """Ticks at any distance, an outage among them; each tick sends what is due at its minute. Promise 31."""
    now = chain.seen.first_seen
    reminded: list[datetime] = []
    alerted: list[datetime] = []
    told: set[int] = set()
    pace = iter(steps)
    while now < chain.appointment.start:
        decision = chain.at(now)
        assert sum(due.window is not None for due in decision.due) <= 1
        told |= {entry.window for entry in decision.skipped if entry.tell}
        for due in decision.due:
            assert due.at == now
            if due.window is None:
                alerted.append(now)
            else:
                assert window_key(due.window) not in chain.sent
                assert due.window not in told
                assert chain.hours.allows(now)
                assert now <= due.useful_until <= chain.appointment.start - 30 * MINUTE
                assert not reminded or now - reminded[-1] >= HOUR
                reminded.append(now)
            chain.send(due.window, now)
        now += next(pace, last_step) * MINUTE
    assert len(alerted) <= 1
    assert chain.appointment.phone or not reminded
    after = chain.at(max(now, chain.appointment.start))
    settled = {entry.window for entry in (*after.passed, *after.skipped)}
    unsent = {window for window in chain.schedule.windows if window_key(window) not in chain.sent}
    assert settled == unsent
    assert after.due == ()


@settings(max_examples=100, deadline=None)
@given(chains(), st.integers(0, 59))
def test_a_tick_within_every_hour_that_looks_ahead_meets_every_planned_minute(chain: Chain, offset: int):
    """Each planned reminder is handed over at or before its minute, whatever the minute that ticks fall on."""
    handed: dict[int, datetime] = {}
    tick = chain.seen.first_seen  # the sync that first sees a row runs the tick at once
    following = tick.replace(minute=offset)
    while tick < chain.appointment.start:
        sent_by_now = {w: at for w, at in handed.items() if at <= tick}
        chain.sent = {window_key(w): at for w, at in sent_by_now.items()}
        for due in chain.at(tick, timedelta(minutes=75)).due:
            if due.window is not None:
                handed.setdefault(due.window, due.at)
        following += HOUR if following <= tick else timedelta(0)
        tick = following
        following += HOUR
    planned = {e.window: e.at for e in chain.planned() if isinstance(e, Planned)} if chain.appointment.phone else {}
    assert handed == planned
