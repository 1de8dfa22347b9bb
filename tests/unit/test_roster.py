"""The sheet as one sync reads it, and what rows carry from mirror to mirror (DESIGN §4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from chalicelib.domain import carry
from chalicelib.domain.appointment import chain_id
from chalicelib.domain.mirror import MirrorRow
from chalicelib.domain.roster import Roster, read_roster
from chalicelib.domain.rules import house_rules, normalise
from chalicelib.domain.sheet import read_table
from chalicelib.domain.standing import Standing
from chalicelib.domain.terms import Terms

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(days=3)
PRESS = NOW - timedelta(minutes=3)
WED = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
FRI = WED + timedelta(days=2)
ZONE = ZoneInfo("Asia/Singapore")
TERMS = Terms(ZONE, "SG", "", house_rules(None, (1440,), None, 180).opening)
HEADER = ["id", "customer", "phone", "service", "date", "time", "status"]


def roster(*rows: Sequence[str], mirror: Sequence[MirrorRow] = (), now: datetime = NOW, reread: bool = False) -> Roster:
    numbers = count(1)
    return read_roster(read_table([HEADER, *rows]), mirror, TERMS, now, lambda _: f"N-{next(numbers)}", reread)


def a_row(appt_id: str = "A-1", date: str = "2 Dec 2026", time: str = "10:00am", customer: str = "Mei") -> list[str]:
    return [appt_id, customer, "+6591234567", "Cleaning", date, time, ""]


def known(appt_id: str = "A-1", start: datetime | None = WED, date: str = "2 Dec 2026", **more: str) -> MirrorRow:
    values = dict(zip(["appt_id", *HEADER[1:]], a_row(appt_id, date), strict=True))
    return MirrorRow({**values, **more}, start, EARLIER, None, 2)


def test_a_new_row_gets_an_id_and_does_not_count_until_the_sheet_shows_it() -> None:
    read = roster(a_row(""))
    (entry,) = read.entries
    assert read.wanted == {2: "N-1"}
    assert (entry.appt_id, entry.start, entry.counted) == ("N-1", WED, False)
    assert read.with_counted({2: "N-1"}).entries[0].acted_on


def test_an_id_that_was_meant_for_a_row_is_meant_for_it_again() -> None:
    waiting = replace(known("N-9"), start=None)
    read = roster(a_row(""), mirror=[waiting])
    assert read.wanted == {2: "N-9"}
    assert carry.first_seen(waiting, read.entries[0].values, WED, None, NOW) == EARLIER


def test_rows_with_one_id_are_not_acted_on() -> None:
    read = roster(a_row(), a_row(customer="Arun"), a_row("A-2"), mirror=[known()])
    assert [entry.acted_on for entry in read.entries] == [False, False, True]


def test_a_pasted_sheet_without_ids_keeps_them() -> None:
    read = roster(a_row("", "4 Dec 2026"), a_row("", customer="Arun"), mirror=[known(), known("A-2", customer="Arun")])
    assert read.wanted == {2: "A-1", 3: "A-2"}


def test_a_date_without_a_year_stays_what_it_was_when_it_was_first_seen() -> None:
    in_june = datetime(2027, 6, 20, tzinfo=UTC)
    former = known(date="2 Dec")
    (entry,) = roster(a_row(date="2 Dec"), mirror=[former], now=in_june).entries
    assert entry.start == WED
    (retimed,) = roster(a_row(date="2 Dec", time="11:00am"), mirror=[former], now=in_june).entries
    assert retimed.start == WED + timedelta(hours=1)
    (reread,) = roster(a_row(date="2 Dec"), mirror=[former], now=in_june, reread=True).entries
    assert reread.start == WED


def test_a_row_that_can_not_be_read_says_why_and_keeps_the_day_it_was_seen_on() -> None:
    (entry,) = roster(a_row(time="9"), mirror=[known(start=None, time="9")]).entries
    assert entry.start is None
    assert entry.problem is not None
    assert entry.problem.field == "time"
    assert carry.first_seen(entry.former, entry.values, None, None, NOW) == EARLIER


def test_first_seen_is_the_sync_that_first_saw_this_start() -> None:
    values = known().values
    assert carry.first_seen(None, values, WED, None, NOW) == NOW
    assert carry.first_seen(known(), values, WED, None, NOW) == EARLIER
    assert carry.first_seen(known(), {**values, "date": "4 Dec 2026"}, FRI, None, NOW) == NOW


def test_for_a_customers_move_first_seen_is_the_press() -> None:
    moved = Standing("A-1", chain_id(FRI), first_seen=PRESS)
    values = {**known().values, "date": "4 Dec 2026"}
    assert carry.first_seen(known(), values, FRI, moved, NOW) == PRESS
    assert carry.first_seen(known(), known().values, WED, moved, NOW) == EARLIER


def test_since_is_the_latest_sync_that_took_the_service_or_the_reminders() -> None:
    former = known()
    assert carry.since(None, former.values, NOW, normalise) is None
    assert carry.since(former, {**former.values, "service": "CLEANING "}, NOW, normalise) is None
    assert carry.since(former, {**former.values, "service": "Whitening"}, NOW, normalise) == NOW
    assert carry.since(former, {**former.values, "reminders": "72, 3"}, NOW, normalise) == NOW
    assert carry.since(replace(former, since=EARLIER), former.values, NOW, normalise) == EARLIER
