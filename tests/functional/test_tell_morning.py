"""The morning line: off unless configured, once a day, whom to expect and who hasn't confirmed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.config import parse_config
from chalicelib.domain.morning import morning_due
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.errors import ConfigError
from chalicelib.usecases.sync_drive import sync_drive
from chalicelib.usecases.tell_morning import tell_morning
from local.world import ShopSetup
from tests.fakes.runtime import FakeRuntime
from tests.functional.sync_world import a_row, a_shop, answer

MORNING = datetime(2026, 12, 2, 0, 0, tzinfo=UTC)  # Wednesday 8am in Singapore
SINGAPORE = ZoneInfo("Asia/Singapore")


def a_day(*rows: list[str], at: time | None = time(8)) -> FakeRuntime:
    rt = a_shop(*rows, morning_line=at)
    sync_drive(rt)
    rt.clock.now = MORNING
    return rt


def lines(rt: FakeRuntime) -> list[str]:
    return [text for text in rt.staff.texts if text.startswith("Today")]


def test_the_morning_line_is_off_by_default() -> None:
    rt = a_day(a_row(), at=None)
    assert tell_morning(rt) == "off"
    assert lines(rt) == []


def test_staff_hear_who_comes_and_who_has_not_confirmed() -> None:
    rt = a_day(
        a_row("A-1", time="3:00pm"),
        a_row("A-2", customer="Arun", time="9:00am", status="confirmed"),
        a_row("A-3", customer="Dana", time="11:00am", phone="", staff="Ong"),
        a_row("A-4", customer="Rex", date="3 Dec 2026"),
    )
    tell_morning(rt)
    assert lines(rt) == [
        "Today, Wed 2 Dec: 3 visits, 2 not confirmed:\n"
        "• 11:00am Dana, Dental cleaning with Ong (can't be reached)\n"
        "• 3:00pm Mei, Dental cleaning with Lim (not reminded yet)"
    ]


def test_an_answer_counts_before_the_sheet_shows_it() -> None:
    rt = a_day(a_row("A-1"), a_row("A-2", customer="Arun", time="9:00am"))
    answer(rt, ReplyAction.CONFIRM)
    tell_morning(rt)
    [line] = lines(rt)
    assert "Mei" not in line
    assert "2 visits, 1 not confirmed" in line


def test_a_cancelled_visit_is_not_expected() -> None:
    rt = a_day(a_row("A-1"), a_row("A-2", status="cancelled"), a_row("A-3", status="confirmed"))
    answer(rt, ReplyAction.CANCEL)
    tell_morning(rt)
    assert lines(rt) == ["Today, Wed 2 Dec: 1 visit, all confirmed."]


def test_a_day_without_visits_is_quiet() -> None:
    rt = a_day(a_row(date="3 Dec 2026"))
    tell_morning(rt)
    assert lines(rt) == []


def test_it_is_told_once_a_day_however_often_it_runs() -> None:
    rt = a_day(a_row())
    for _ in range(3):
        tell_morning(rt)
        rt.clock.forward(minutes=15)
    assert len(lines(rt)) == 1


@pytest.mark.parametrize(
    ("local", "due"),
    [("07:59", False), ("08:00", True), ("11:59", True), ("12:00", False)],
)
def test_it_is_caught_up_for_four_hours(local: str, due: bool) -> None:
    now = datetime.fromisoformat(f"2026-12-02T{local}").replace(tzinfo=SINGAPORE)
    assert (morning_due(now, SINGAPORE, time(8), None) is not None) == due


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu"])
def test_every_day_of_a_year_has_one_morning_whatever_the_clocks_do(zone: str) -> None:
    told: date | None = None
    days = []
    now = datetime(2026, 1, 1, tzinfo=UTC)
    while now < datetime(2027, 1, 1, tzinfo=UTC):
        if (day := morning_due(now, ZoneInfo(zone), time(7, 30), told)) is not None:
            days.append(day)
            told = day
            assert now.astimezone(ZoneInfo(zone)).time() == time(7, 30)
        now += timedelta(minutes=15)
    assert days == sorted(set(days))
    assert 364 <= len(days) <= 366


def test_a_time_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ConfigError, match="morning_line"):
        parse_config({**ShopSetup([], "", "").config(), "morning_line": "breakfast"})
    assert parse_config({**ShopSetup([], "", "").config(), "morning_line": "8am"}).morning_line == time(8)
