"""Free slots: the grid, opening hours, what is taken, closed days and clock changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.slots import LONGEST_HOLD, cells, free_slots

SINGAPORE = ZoneInfo("Asia/Singapore")
MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # 08:00 in Singapore


@dataclass
class Hours:
    """Opening hours as the rules doc gives them."""

    days: dict[int, tuple[tuple[time, time], ...]] = field(default_factory=dict)


def nine_to(hour: int, *weekdays: int) -> Hours:
    return Hours({day: ((time(9), time(hour)),) for day in weekdays})


def never(_: date) -> bool:
    return False


def local(slots: list[datetime], zone: ZoneInfo = SINGAPORE) -> list[str]:
    return [slot.astimezone(zone).strftime("%a %H:%M") for slot in slots]


def test_slots_stand_every_quarter_hour_and_the_visit_ends_by_closing_time() -> None:
    slots = local(free_slots(nine_to(11, 1), never, SINGAPORE, 45, [], MONDAY, days=7))
    assert slots == ["Tue 09:00", "Tue 09:15", "Tue 09:30", "Tue 09:45", "Tue 10:00", "Tue 10:15"]


def test_no_slot_is_nearer_than_two_hours_or_further_than_fourteen_days() -> None:
    slots = free_slots(nine_to(23, *range(7)), never, SINGAPORE, 30, [], MONDAY)
    assert slots[0] == MONDAY + timedelta(hours=2)
    assert slots[-1] <= MONDAY + timedelta(days=14) < slots[-1] + timedelta(days=1)


def test_a_slot_that_would_overlap_another_visit_is_not_free() -> None:
    ten = datetime(2026, 11, 24, 2, tzinfo=UTC)  # Tue 10:00
    taken = [(ten, ten + timedelta(minutes=30))]
    slots = local(free_slots(nine_to(12, 1), never, SINGAPORE, 30, taken, MONDAY, days=7))
    assert "Tue 09:30" in slots
    assert not {"Tue 09:45", "Tue 10:00", "Tue 10:15"} & set(slots)
    assert "Tue 10:30" in slots


def test_closed_days_have_no_slots() -> None:
    slots = local(free_slots(nine_to(10, 1, 2), lambda day: day.weekday() == 1, SINGAPORE, 30, [], MONDAY, days=7))
    assert slots and all(slot.startswith("Wed") for slot in slots)


def test_a_lunch_break_is_not_worked_through() -> None:
    hours = Hours({1: ((time(9), time(10)), (time(11), time(12)))})
    slots = local(free_slots(hours, never, SINGAPORE, 60, [], MONDAY, days=7))
    assert slots == ["Tue 09:00", "Tue 11:00"]


def test_opening_at_ten_past_offers_the_next_quarter_hour() -> None:
    hours = Hours({1: ((time(9, 10), time(10)),)})
    assert local(free_slots(hours, never, SINGAPORE, 30, [], MONDAY, days=7)) == ["Tue 09:15", "Tue 09:30"]


def test_hours_that_run_over_midnight_offer_the_small_hours_too() -> None:
    hours = Hours({1: ((time(23), time(1)),)})
    slots = local(free_slots(hours, never, SINGAPORE, 60, [], MONDAY, days=7))
    assert slots == ["Tue 23:00", "Tue 23:15", "Tue 23:30", "Tue 23:45", "Wed 00:00"]


def test_a_span_that_ends_at_midnight_ends_with_the_day() -> None:
    hours = Hours({1: ((time(23), time(0)),)})
    assert local(free_slots(hours, never, SINGAPORE, 60, [], MONDAY, days=7)) == ["Tue 23:00"]


@pytest.mark.parametrize(
    ("day", "gone"),
    [(datetime(2026, 11, 1, tzinfo=UTC), "01:30"), (datetime(2027, 3, 14, tzinfo=UTC), "02:30")],
)
def test_a_time_that_a_clock_change_repeats_or_skips_is_not_offered(day: datetime, gone: str) -> None:
    zone = ZoneInfo("America/New_York")
    hours = Hours({6: ((time(0), time(5)),)})
    slots = free_slots(hours, never, zone, 30, [], day - timedelta(hours=12), days=2)
    texts = [slot.astimezone(zone).strftime("%H:%M") for slot in slots]
    assert gone not in texts
    assert len(texts) == len(set(texts))
    assert "03:30" in texts


def test_a_visit_of_fifty_minutes_from_five_past_touches_four_cells() -> None:
    start = datetime(2026, 11, 26, 1, 5, tzinfo=UTC)
    assert [cell.strftime("%H:%M") for cell in cells(start, 45)] == ["01:00", "01:15", "01:30", "01:45"]


def test_a_visit_that_ends_on_the_quarter_does_not_touch_the_next_cell() -> None:
    start = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    assert [cell.strftime("%H:%M") for cell in cells(start, 30)] == ["01:00", "01:15"]


def test_a_visit_too_long_to_be_held_at_once_has_no_slots() -> None:
    hours = Hours({day: ((time(0), time(0)),) for day in range(7)})
    assert free_slots(hours, never, SINGAPORE, (LONGEST_HOLD + 1) * 15, [], MONDAY) == []


minutes = st.integers(1, 300)
starts = st.integers(0, 14 * 96).map(lambda quarter: MONDAY + quarter * timedelta(minutes=15))


@given(minutes, st.lists(st.tuples(starts, minutes), max_size=12), st.integers(0, 20_000))
def test_no_free_slot_overlaps_a_visit_or_its_held_cells(
    length: int, visits: list[tuple[datetime, int]], late: int
) -> None:
    now = MONDAY + timedelta(minutes=late)
    taken = [(start, start + timedelta(minutes=long)) for start, long in visits]
    for slot in free_slots(nine_to(18, *range(7)), never, SINGAPORE, length, taken, now):
        end = slot + timedelta(minutes=length)
        assert all(end <= begin or other <= slot for begin, other in taken)
        assert slot.minute % 15 == 0
        assert now + timedelta(hours=2) <= slot
        assert slot.astimezone(SINGAPORE).time() >= time(9)
        assert end.astimezone(SINGAPORE).time() <= time(18)
