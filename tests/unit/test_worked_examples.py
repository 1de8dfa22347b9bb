"""The sixteen worked examples of planning, as the table that they are, and the rules that want a clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.appointment import Window, window_key
from chalicelib.domain.decision import Due
from chalicelib.domain.plan import Passed, Planned, Skipped
from chalicelib.domain.rules import Closed
from chalicelib.domain.send import Move
from tests.builders import Chain, a_chain, closed, hours_of, local, sending_hours

NEVER_CLOSED = closed()


@dataclass(frozen=True)
class Example:
    """One line of the table. `want` has, for each window in hours, its local minute or (kind, words)."""

    number: int
    zone: str
    windows: tuple[float, ...]
    gap_hours: float
    first_seen: str
    start: str
    want: dict[float, str | tuple[str, str]]
    gap: str | None = "not about it"
    closed: Closed = NEVER_CLOSED
    own_move: bool = False
    reachable: bool = True

    def chain(self) -> Chain:
        return a_chain(
            hours_of(*self.windows),
            start=local(self.start, self.zone),
            first_seen=local(self.first_seen, self.zone),
            hours=sending_hours(self.zone, closed_days=self.closed),
            gap_minutes=round(self.gap_hours * 60),
            own_move=self.own_move,
            moved_at=local(self.first_seen, self.zone) if self.own_move else None,
            phone="+6591234567" if self.reachable else "",
        )


SUNDAYS = 6
AUGUST = (date(2027, 8, 9), date(2027, 8, 22))
EARLY = ("passed", "before first_seen")
EXAMPLES = [
    Example(
        1, "Europe/Lisbon", (48, 2), 1, "2027-05-03 09:00", "2027-05-06 14:00",
        {48: "2027-05-04 14:00", 2: "2027-05-06 12:00"}, "2027-05-06 13:00",
    ),
    Example(
        2, "America/Denver", (72, 24, 3), 2, "2027-06-07 08:00", "2027-06-11 16:00",
        {72: "2027-06-08 16:00", 24: "2027-06-10 16:00", 3: "2027-06-11 13:00"}, "2027-06-11 14:00",
    ),
    Example(
        3, "Asia/Manila", (24, 2), 1, "2027-07-05 10:00", "2027-07-08 09:15",
        {24: "2027-07-07 09:15", 2: "2027-07-08 08:00"}, "2027-07-08 08:45",
    ),
    Example(
        4, "Africa/Lagos", (24, 2), 3, "2027-07-05 10:00", "2027-07-08 07:15",
        {24: "2027-07-07 08:00", 2: "2027-07-07 20:45"},
    ),
    Example(
        5, "Asia/Dubai", (5, 2), 3, "2027-09-06 10:00", "2027-09-08 07:40",
        {5: ("passed", "merged"), 2: "2027-09-07 20:45"},
    ),
    Example(
        6, "Europe/Rome", (12, 2), 1, "2027-09-06 10:00", "2027-09-08 10:00",
        {12: "2027-09-07 20:45", 2: "2027-09-08 08:00"}, "2027-09-08 09:00",
    ),
    Example(
        7, "Europe/Rome", (12, 2), 1, "2027-09-06 10:00", "2027-09-08 10:45",
        {12: ("passed", "merged"), 2: "2027-09-08 08:45"}, "2027-09-08 09:45",
    ),
    Example(
        8, "America/Sao_Paulo", (24,), 3, "2027-08-11 13:25", "2027-08-12 11:00",
        {24: "2027-08-11 13:25"}, "2027-08-12 08:00",
    ),
    Example(
        9, "America/Sao_Paulo", (48, 24, 4), 2, "2027-08-11 13:25", "2027-08-12 13:00",
        {48: EARLY, 24: EARLY, 4: "2027-08-12 09:00"}, "2027-08-12 11:00",
    ),
    Example(
        10, "Asia/Bangkok", (24,), 1, "2027-03-02 22:40", "2027-03-03 10:00",
        {24: "2027-03-03 08:00"}, "2027-03-03 09:00",
    ),
    Example(
        11, "Asia/Bangkok", (24, 2), 3, "2027-03-02 20:50", "2027-03-03 07:20",
        {24: EARLY, 2: ("skipped", "no allowed minute")}, None,
    ),
    Example(
        12, "Australia/Adelaide", (48, 24), 2, "2027-02-10 10:00", "2027-02-10 16:30",
        {48: EARLY, 24: "2027-02-10 10:00"}, "2027-02-10 14:30",
    ),
    Example(
        13, "Europe/Warsaw", (24,), 3, "2027-04-13 11:00", "2027-04-14 09:30", {24: EARLY}, None, own_move=True
    ),
    Example(
        14, "Europe/Rome", (48, 2), 1, "2027-08-05 09:00", "2027-08-23 10:00",
        {48: "2027-08-07 20:45", 2: "2027-08-23 08:00"}, "2027-08-23 09:00",
        closed=closed(weekdays=[SUNDAYS], ranges=[AUGUST]),
    ),
    Example(
        15, "America/Denver", (24,), 2, "2027-11-03 09:00", "2027-11-07 10:00",
        {24: "2027-11-06 11:00"}, "2027-11-07 08:00",
    ),
    Example(
        16, "Africa/Accra", (48, 2), 1, "2027-10-07 09:00", "2027-10-12 14:00",
        {48: "2027-10-11 08:00", 2: "2027-10-12 12:00"}, "2027-10-11 08:00",
        closed=closed(weekdays=[SUNDAYS]), reachable=False,
    ),
]  # fmt: skip
BY_NUMBER = {example.number: example for example in EXAMPLES}


def gap_of(chain: Chain, now: datetime) -> Due | None:
    return next((due for due in chain.at(now, timedelta(days=60)).due if due.window is None), None)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example.number))
def test_each_window_gets_the_minute_or_the_reason_that_was_worked_out_by_hand(example: Example):
    """Promise 28. Promise 30."""
    entries = example.chain().planned()
    assert [entry.window for entry in entries] == list(hours_of(*example.windows))
    for entry, (hours, want) in zip(entries, example.want.items(), strict=True):
        assert entry.window == hours * 60
        if isinstance(want, str):
            assert isinstance(entry, Planned)
            assert entry.at == local(want, example.zone)
        else:
            kind, words = want
            assert isinstance(entry, Passed if kind == "passed" else Skipped)
            assert words in entry.reason


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.gap != "not about it"], ids=lambda e: str(e.number))
def test_the_gap_alert_comes_at_the_minute_that_was_worked_out_by_hand(example: Example):
    """Promise 32."""
    chain = example.chain()
    gap = gap_of(chain, chain.seen.first_seen)
    want = local(example.gap, example.zone) if example.gap else None
    assert (gap.at if gap else None) == want


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example.number))
def test_minute_after_minute_the_plan_is_what_is_sent(example: Example):
    """Played with a tick every five minutes, each planned window goes at its minute, once, and nothing else does."""
    chain = example.chain()
    went: list[tuple[Window | None, datetime, Move]] = []
    now = chain.seen.first_seen
    while now <= chain.appointment.start:
        for due in chain.at(now).due:
            went.append((due.window, now, due.move))
            chain.send(due.window, now)
        now += timedelta(minutes=5)
    reminders = [(window, at) for window, at, _ in went if window is not None]
    planned = [(e.window, e.at) for e in chain.planned() if isinstance(e, Planned)] if example.reachable else []
    assert reminders == planned
    moves = [move for window, _, move in went if window is not None]
    assert moves == [Move.FIRST_REMINDER, *[Move.SECOND_REMINDER] * len(moves)][: len(moves)]
    if example.gap != "not about it":
        alerts = [at for window, at, _ in went if window is None]
        assert alerts == ([local(example.gap, example.zone)] if example.gap else [])


# ---------------------------------------------------------------- the notes below the table


def variant(number: int, **changes: object) -> Chain:
    return Example(**{**{f: getattr(BY_NUMBER[number], f) for f in Example.__dataclass_fields__}, **changes}).chain()


def test_a_start_at_half_past_eight_still_gets_its_reminder_at_eight():
    """Example 3: eight o'clock is still useful, since thirty minutes before the start is included."""
    chain = variant(3, start="2027-07-08 08:30")
    entry = chain.planned()[1]
    assert isinstance(entry, Planned)
    assert entry.at == entry.useful_until == local("2027-07-08 08:00", "Asia/Manila")
    earlier = variant(3, start="2027-07-08 08:29").planned()[1]
    assert isinstance(earlier, Planned)
    assert earlier.at == local("2027-07-07 20:45", "Asia/Manila")


def test_two_reminders_exactly_an_hour_apart_both_go():
    """Example 7: a start at 11:00 gives 8:00 and 9:00."""
    chain = variant(7, start="2027-09-08 11:00")
    assert [e.at for e in chain.planned() if isinstance(e, Planned)] == [
        local("2027-09-08 08:00", "Europe/Rome"),
        local("2027-09-08 09:00", "Europe/Rome"),
    ]


def test_a_booking_exactly_three_hours_before_is_reminded_and_a_minute_later_is_not():
    """Example 8."""
    at_eight = variant(8, first_seen="2027-08-12 08:00")
    (entry,) = at_eight.planned()
    assert isinstance(entry, Planned)
    assert entry.at == local("2027-08-12 08:00", "America/Sao_Paulo")
    too_late = variant(8, first_seen="2027-08-12 08:01")
    (entry,) = too_late.planned()
    assert isinstance(entry, Passed)
    assert "before first_seen" in entry.reason
    assert too_late.at(local("2027-08-12 08:05", "America/Sao_Paulo"), timedelta(days=1)).due == ()


def test_a_late_booking_at_night_for_twenty_past_eight_is_skipped_and_told():
    """Example 10: eight o'clock is later than 7:50."""
    chain = variant(10, start="2027-03-03 08:20")
    (entry,) = chain.planned()
    assert isinstance(entry, Skipped)
    assert entry.tell
    assert re.search("no allowed minute: Tue 2 Mar 10:40pm falls in quiet hours", entry.reason)


def test_a_booking_at_the_very_minute_that_its_early_reminder_goes_still_gets_it():
    """Example 11: first seen at 20:45."""
    entry = variant(11, first_seen="2027-03-02 20:45").planned()[1]
    assert isinstance(entry, Planned)
    assert entry.at == local("2027-03-02 20:45", "Asia/Bangkok")


def test_a_returning_start_sends_nothing_again():
    """Example 12: back at its earlier start the row resumes that chain. Promise 31."""
    chain = variant(12)
    chain.send(1440, local("2027-02-08 12:00", "Australia/Adelaide"))
    due = chain.at(local("2027-02-10 10:00", "Australia/Adelaide")).due
    assert [d for d in due if d.window is not None] == []


def test_an_unreachable_visit_whose_largest_window_is_past_is_told_at_first_sight():
    """Example 16."""
    chain = variant(16, first_seen="2027-10-11 17:10")
    gap = gap_of(chain, chain.seen.first_seen)
    assert gap is not None
    assert gap.at == local("2027-10-11 17:10", "Africa/Accra")


def test_nobody_is_reminded_of_an_unreachable_visit_but_every_window_has_its_reason():
    """Example 16: nobody to send to."""
    chain = variant(16)
    decision = chain.at(local("2027-10-12 12:00", "Africa/Accra"))
    assert {window_key(e.window): e.reason.partition(":")[0] for e in decision.skipped} == {
        "h48": "nobody to send to",
        "h2": "nobody to send to",
    }
    assert not any(e.tell for e in decision.skipped)


# ---------------------------------------------------------------- rules that want a clock

DENVER = ZoneInfo("America/Denver")


def after_two_days_of_example_2() -> Chain:
    chain = variant(2)
    chain.send(4320, local("2027-06-08 16:00", DENVER))
    return chain


def test_rule_1_a_confirmation_ends_everything():
    """Promise 22. Promise 54."""
    chain = after_two_days_of_example_2()
    chain.closed = "confirmed by customer"
    for hour in range(72):
        decision = chain.at(local("2027-06-08 16:05", DENVER) + timedelta(hours=hour), timedelta(minutes=75))
        assert decision.due == ()
        assert decision.skipped == ()


def test_rule_6_a_reminder_that_nothing_ran_for_goes_when_all_is_back():
    chain = after_two_days_of_example_2()
    (due,) = chain.at(local("2027-06-11 09:00", DENVER)).due
    assert (due.window, due.at, due.move) == (1440, local("2027-06-11 09:00", DENVER), Move.SECOND_REMINDER)
    assert due.planned == local("2027-06-10 16:00", DENVER)
    assert due.useful_until == local("2027-06-11 12:59", DENVER)


def test_rule_6_of_two_that_are_due_the_smaller_goes():
    chain = after_two_days_of_example_2()
    decision = chain.at(local("2027-06-11 13:30", DENVER))
    assert [due.window for due in decision.due] == [180]
    assert [entry.window for entry in decision.passed] == [1440]


def test_rule_6_a_late_one_gives_way_to_one_that_is_less_than_an_hour_off():
    chain = after_two_days_of_example_2()
    decision = chain.at(local("2027-06-11 12:01", DENVER), timedelta(minutes=75))
    assert [(due.window, due.at) for due in decision.due] == [(180, local("2027-06-11 13:00", DENVER))]
    assert [entry.window for entry in decision.passed] == [1440]


def test_rule_6_a_minute_missed_into_the_night_is_skipped_and_told():
    chain = variant(4)
    chain.send(1440, local("2027-07-07 08:00", "Africa/Lagos"))
    decision = chain.at(local("2027-07-07 21:10", "Africa/Lagos"), timedelta(minutes=75))
    assert [due for due in decision.due if due.window is not None] == []
    (skipped,) = decision.skipped
    assert skipped.window == 120
    assert skipped.tell
    assert "missed: it was due Wed 7 Jul 8:45pm" in skipped.reason


@pytest.mark.parametrize(("first_seen", "goes"), [("13:55", True), ("14:00", True), ("14:05", False)])
def test_rule_9_a_row_typed_in_just_before_its_window_is_reminded_at_the_minute(first_seen: str, goes: bool):
    chain = variant(1, first_seen=f"2027-05-04 {first_seen}")
    entry = chain.planned()[0]
    assert isinstance(entry, Planned if goes else Passed)
    due = chain.at(local(f"2027-05-04 {first_seen}", "Europe/Lisbon"), timedelta(minutes=75)).due
    assert [(d.window, d.at) for d in due] == ([(2880, local("2027-05-04 14:00", "Europe/Lisbon"))] if goes else [])


def test_a_window_put_in_front_after_the_first_reminder_went_sends_nothing():
    """DESIGN §4.2: 72 isn't sent after 48. Promise 26. Promise 31."""
    edit = local("2027-05-04 15:00", "Europe/Lisbon")
    chain = a_chain(
        hours_of(72, 48, 2),
        start=local("2027-05-06 14:00", "Europe/Lisbon"),
        first_seen=local("2027-05-01 09:00", "Europe/Lisbon"),
        hours=sending_hours("Europe/Lisbon"),
        since={4320: edit},
        sent={"h48": local("2027-05-04 14:00", "Europe/Lisbon")},
    )
    decision = chain.at(edit, timedelta(minutes=75))
    assert decision.due == ()
    assert [entry.window for entry in decision.passed] == [4320]
