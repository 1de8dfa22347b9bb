"""Rows that left the sheet are kept for the week's summary, and no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.departed import read_departed, with_departed
from chalicelib.domain.mirror import MirrorRow
from chalicelib.ports import Document
from chalicelib.usecases.count_week import read_records
from chalicelib.usecases.shop import Shop
from tests.builders import local
from tests.functional.sync_world import FRI, WED, a_row, a_synced_shop, later, paste, rows

NOW = local("2026-11-29 20:00")
THURSDAY = local("2026-11-26 09:00")


def a_mirrored(**changes: Any) -> MirrorRow:
    values = {"appt_id": "A-17", "customer": 'Mei, "May"', "status": "done", "allergies": "latex"}
    return replace(MirrorRow(values, THURSDAY, THURSDAY - timedelta(days=9), None, 2), **changes)


def test_a_row_that_left_is_kept_with_when_it_left_and_its_known_columns_only() -> None:
    [(row, left)] = read_departed(with_departed("", [a_mirrored()], NOW))
    assert (row.appt_id, row.start, left) == ("A-17", THURSDAY, NOW)
    assert (row.values["customer"], row.values["status"]) == ('Mei, "May"', "done")
    assert "latex" not in with_departed("", [a_mirrored()], NOW)


def test_a_visit_that_leaves_again_left_the_last_time() -> None:
    once = with_departed("", [a_mirrored()], NOW)
    again = with_departed(once, [a_mirrored()], NOW + timedelta(hours=1))
    assert [left for _, left in read_departed(again)] == [NOW + timedelta(hours=1)]


@pytest.mark.parametrize("changes", [{"start": None}, {"values": {"appt_id": " "}}])
def test_a_row_without_a_start_or_an_id_was_no_visit(changes: dict[str, Any]) -> None:
    assert read_departed(with_departed("", [a_mirrored(**changes)], NOW)) == []


def test_what_was_over_six_weeks_ago_is_forgotten() -> None:
    kept = with_departed("", [a_mirrored()], NOW)
    assert len(read_departed(with_departed(kept, [], THURSDAY + timedelta(days=42)))) == 1
    assert read_departed(with_departed(kept, [], THURSDAY + timedelta(days=42, minutes=1))) == []


# ---------------------------------------------------------------- with the sync


def known(rt: Any) -> list[tuple[str, datetime, bool]]:
    """The visits that the summary would know of: id, start, whether they stood."""
    found = read_records(rt, Shop(rt), WED - timedelta(days=30), FRI + timedelta(days=30)).visits
    return [(visit.appt_id, visit.start, visit.stands) for visit in found]


def test_a_visit_whose_row_leaves_after_it_stood_and_one_before_it_was_withdrawn() -> None:
    rt = a_synced_shop(a_row("A-1"), a_row("A-2", date="4 Dec 2026", time="3:00pm"), *rows(9, date="7 Dec 2026")[2:])
    rt.clock.now = WED + timedelta(hours=1)
    paste(rt, *rows(9, date="7 Dec 2026")[2:])
    assert known(rt)[:2] == [("A-1", WED, True), ("A-2", FRI, False)]


def test_a_row_that_comes_back_counts_once_as_it_is_now() -> None:
    rt = a_synced_shop(a_row("A-1"), a_row("A-2"), *rows(9, date="7 Dec 2026")[2:])
    paste(rt, a_row("A-2"), *rows(9, date="7 Dec 2026")[2:])
    paste(rt, a_row("A-1"), a_row("A-2"), *rows(9, date="7 Dec 2026")[2:])
    assert [one for one in known(rt) if one[0] == "A-1"] == [("A-1", WED, True)]


def test_a_sync_that_lost_no_row_writes_nothing_of_it() -> None:
    rt = a_synced_shop(a_row())
    later(rt)
    assert rt.documents.read(Document.DEPARTED) is None
