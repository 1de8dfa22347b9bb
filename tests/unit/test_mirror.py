"""The mirror: what is written comes back, and candidates are found by their instant."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import mirror
from chalicelib.domain.mirror import (
    MirrorRow,
    appointment_of,
    candidates,
    find_row,
    read_mirror,
    widest_own,
    write_mirror,
)
from chalicelib.domain.rule_book import STANDARD_OPENING
from chalicelib.domain.sheet import COLUMNS, Terms
from chalicelib.errors import NotTheSheet

TERMS = Terms(ZoneInfo("Asia/Singapore"), "SG", "", STANDARD_OPENING)
START = datetime(2026, 11, 26, 1, tzinfo=UTC)
SEEN = datetime(2026, 11, 24, 0, 5, tzinfo=UTC)


def a_row(appt_id: str = "A-17", start: datetime | None = START, line: int = 2, **values: str) -> MirrorRow:
    cells = dict.fromkeys(COLUMNS, "") | {"appt_id": appt_id, "customer": "Mei", "service": "Cleaning"} | values
    return MirrorRow(cells, start, SEEN, None, line)


def test_known_columns_come_first_then_the_others_then_our_own() -> None:
    text = write_mirror(["Notes"], [a_row(Notes="cash", date="Thu 26 Nov", time="9:00am")])
    header, row, end = text.split("\r\n")
    assert header == (
        "appt_id,customer,phone,email,service,staff,date,time,status,link,reminders,language,channel,minutes,"
        "Notes,start,first_seen,since,stands,line"
    )
    assert row == "A-17,Mei,,,Cleaning,,Thu 26 Nov,9:00am,,,,,,,cash,2026-11-26T01:00:00Z,2026-11-24T00:05:00Z,,,2"
    assert end == ""


cell = st.text(st.characters(codec="utf-8"), max_size=8)
instant = st.integers(946_684_800, 7_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
rows = st.builds(
    MirrorRow,
    st.fixed_dictionaries(dict.fromkeys((*COLUMNS, "Notes"), cell)),
    st.none() | instant,
    st.none() | instant,
    st.none() | instant,
    st.integers(2, 100_000),
)


@given(st.lists(rows, max_size=4))
def test_what_is_written_comes_back_whole(written: list[MirrorRow]) -> None:
    """Promise 7."""
    text = write_mirror(["Notes"], written)
    assert read_mirror(text) == written
    assert write_mirror(["Notes"], written) == text


def test_the_sheets_own_column_cannot_pass_for_ours() -> None:
    text = write_mirror(["start", "customer"], [a_row()])
    assert text.split("\r\n")[0].split(",").count("start") == 1


def test_cells_that_look_like_formulas_are_stored_as_they_are() -> None:
    row = a_row(phone="+6591234567", customer="=1+1", staff="@Arun")
    assert read_mirror(write_mirror([], [row])) == [row]


def test_candidates_start_from_begin_to_end_both_included() -> None:
    minute = timedelta(minutes=1)
    starts = [START - minute, START, START + minute, START + 2 * minute, None]
    text = write_mirror([], [a_row(f"A-{n}", start) for n, start in enumerate(starts)])
    assert [row.appt_id for row in candidates(text, START, START + minute)] == ["A-1", "A-2"]


def test_candidates_take_in_the_ids_asked_for_if_they_have_a_start() -> None:
    text = write_mirror([], [a_row("A-1"), a_row("A-2", None), a_row("A-3")])
    far = START + timedelta(days=9)
    assert [row.appt_id for row in candidates(text, far, far, also={"A-2", "A-3"})] == ["A-3"]


def test_a_row_is_found_by_its_exact_id_unless_it_is_not_acted_on() -> None:
    text = write_mirror([], [a_row("A-1", None), a_row("A-17"), a_row("a-2", staff="A-3")])
    found = find_row(text, "A-17")
    assert found is not None and found.start == START
    assert [find_row(text, appt_id) for appt_id in ("A-1", "A-2", "A-3", "")] == [None] * 4


def test_a_cell_that_holds_a_line_like_a_row_is_not_taken_for_one() -> None:
    decoy = "see\r\nA-17,Rex,,,Cleaning,,,,,,,,,,2020-01-01T00:00:00Z,2020-01-01T00:00:00Z,,9\r\n"
    text = write_mirror(["Notes"], [a_row("A-1", Notes=decoy), a_row("A-17", Notes='says "no mint"')])
    found = find_row(text, "A-17")
    assert found is not None and found.values["customer"] == "Mei"
    assert find_row(write_mirror(["Notes"], [a_row("A-1", Notes=decoy)]), "A-17") is None


@pytest.mark.parametrize("appt_id", ["A-17", " A-17 ", 'A"17', "A,17", "A\r\n17"])
def test_a_row_is_found_however_its_id_is_written(appt_id: str) -> None:
    found = find_row(write_mirror([], [a_row("A-1"), a_row(appt_id), a_row("A-2")]), appt_id.strip())
    assert found is not None and found.appt_id == appt_id.strip()


@given(st.lists(rows, max_size=4))
def test_a_long_mirror_reads_the_same_in_slices(written: list[MirrorRow]) -> None:
    text = write_mirror(["Notes"], written)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mirror, "_SLICE", 5)
        assert read_mirror(text) == written


def test_the_widest_window_of_any_rows_own_is_known() -> None:
    text = write_mirror(
        [], [a_row(reminders="24"), a_row(reminders="3 days, 2h"), a_row(reminders="whenever"), a_row()]
    )
    assert widest_own(text) == 3 * 24 * 60
    assert widest_own(write_mirror([], [a_row()])) == 0


def test_a_mirrored_row_is_an_appointment_at_its_mirrored_start() -> None:
    """Promise 5."""
    reading = appointment_of(a_row(date="whatever it says", phone="9123 4567", line=9), TERMS)
    assert reading.appointment is not None
    assert (reading.appointment.start, reading.appointment.phone, reading.line) == (START, "+6591234567", 9)
    assert appointment_of(a_row(start=None), TERMS).appointment is None


@pytest.mark.parametrize("text", ["", "customer,phone\r\nMei,1\r\n", "<html>"])
def test_a_text_that_is_no_mirror_is_refused(text: str) -> None:
    with pytest.raises(NotTheSheet):
        read_mirror(text)
    with pytest.raises(NotTheSheet):
        list(candidates(text, START, START))


def test_a_visit_whose_customers_own_start_counts_is_found_where_it_stands() -> None:
    """The sheet shows a start that was left; the reminders of the customer's own one must not be lost with it."""
    shown, stands = datetime(2026, 12, 2, 2, tzinfo=UTC), datetime(2026, 12, 4, 7, tzinfo=UTC)
    row = MirrorRow({"appt_id": "A-1"}, shown, SEEN, None, 2, stands)
    text = write_mirror((), [row])
    found = list(candidates(text, stands - timedelta(hours=1), stands + timedelta(hours=1)))
    assert found[0].stands == stands
    assert found[0].start == shown
