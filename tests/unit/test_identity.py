"""Which row is which: pasted exports that lost their ids, and ids that are doubled (DESIGN §4.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.identity import LONGEST_ID, Nameless, doubled, find_again, new_id
from chalicelib.domain.mirror import MirrorRow

WED = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
FRI = WED + timedelta(days=2)


def cells(customer: str = "Mei", phone: str = "9123 4567", service: str = "Cleaning", **more: str) -> dict[str, str]:
    return {"customer": customer, "phone": phone, "service": service, **more}


def known(appt_id: str, start: datetime | None = WED, **values: str) -> MirrorRow:
    return MirrorRow({"appt_id": appt_id, **cells(**values)}, start, WED, None, 2)


def pasted(line: int, start: datetime | None = WED, **values: str) -> Nameless:
    return Nameless(line, cells(**values), start)


def test_a_row_that_lost_its_id_is_found_by_who_what_and_when() -> None:
    former = [known("A-1"), known("A-2", FRI)]
    assert find_again([pasted(2, FRI), pasted(3, WED)], former) == {2: "A-2", 3: "A-1"}


def test_a_moved_row_is_found_if_it_is_the_only_one_of_its_customer_and_service() -> None:
    assert find_again([pasted(2, FRI)], [known("A-1", WED), known("B-1", WED, customer="Arun")]) == {2: "A-1"}


def test_two_visits_of_one_customer_are_not_guessed_at() -> None:
    assert find_again([pasted(2, FRI)], [known("A-1", WED), known("A-2", WED + timedelta(days=1))]) == {}
    assert find_again([pasted(2, FRI), pasted(3, FRI)], [known("A-1", WED)]) == {}


def test_the_contact_is_compared_by_its_digits_and_names_without_case() -> None:
    assert find_again([pasted(2, customer="MEI ", phone="9123-4567")], [known("A-1")]) == {2: "A-1"}
    assert find_again([pasted(2, phone="9999 9999")], [known("A-1")]) == {}


def test_of_two_rows_that_are_the_same_in_everything_each_gets_one_id() -> None:
    found = find_again([pasted(2), pasted(3)], [known("A-1"), known("A-2")])
    assert found == {2: "A-1", 3: "A-2"}


def test_a_row_whose_date_can_not_be_read_is_found_by_its_cells() -> None:
    former = [known("A-1", None, date="soon", time="10"), known("A-2", None, date="later", time="10")]
    assert find_again([pasted(2, None, date="later", time="10")], former) == {2: "A-2"}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=8), st.data())
def test_no_id_is_given_twice(visits: list[tuple[str, int]], data: st.DataObject) -> None:
    former = [known(f"A-{n}", WED + timedelta(days=d), customer=c) for n, (c, d) in enumerate(visits)]
    rows = data.draw(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=8))
    found = find_again([pasted(n + 2, WED + timedelta(days=d), customer=c) for n, (c, d) in enumerate(rows)], former)
    assert len(set(found.values())) == len(found)


def test_ids_are_compared_exactly() -> None:
    assert doubled(["A-1", "a-1", "A-1", "", ""]) == {"A-1"}


def test_a_new_id_is_short_and_no_spreadsheet_reads_it_as_a_number() -> None:
    made = new_id("1e234567", set())
    assert made is not None
    assert len(made) <= LONGEST_ID
    assert made.startswith("A-")
    assert new_id("1e234567", {made}) is None
