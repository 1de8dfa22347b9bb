"""What staff press on a proposal, however often, at once, or cut short (DESIGN §8)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.proposal import Draft, Kind, Proposal, ProposalState, Reader
from chalicelib.domain.proposal_actions import APPROVE, DISCARD
from chalicelib.errors import ReminderError, StoreNoAnswer, UpstreamError
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.mind_proposals import mind_proposals
from chalicelib.usecases.propose import propose
from chalicelib.usecases.settle_staff_action import settle_staff_action
from tests.fakes.runtime import FakeRuntime
from tests.functional.sync_world import HEADER, a_row, a_synced_shop, cell, mirrored, paste
from tests.functional.test_propose import ARUN, MEI, a_draft, mail, put


@pytest.fixture
def rt() -> FakeRuntime:
    """Mei has a visit on Wednesday the second of December at ten."""
    return a_synced_shop(a_row())


def act(rt: FakeRuntime, action: str, proposal: Proposal, user: str = "Dana") -> str:
    return settle_staff_action(rt, action, proposal.proposal_id, user, "C1", proposal.message, rt.clock())


def now_of(rt: FakeRuntime, proposal: Proposal) -> Proposal:
    found: Proposal = rt.store.proposal(proposal.proposal_id)
    return found


def shown(rt: FakeRuntime, proposal: Proposal) -> Any:
    return rt.staff.cards[now_of(rt, proposal).message][-1]


def rows_of(rt: FakeRuntime, appt_id: str) -> list[list[str]]:
    return [row for row in rt.sheet.rows if row and row[0] == appt_id]


def actions(rt: FakeRuntime, proposal: Proposal) -> list[str]:
    return [entry.action for entry in rt.store.audit(now_of(rt, proposal).appt_id)]


# ---------------------------------------------------------------- approving


def test_an_approved_booking_is_a_row_that_is_reminded_of(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    act(rt, APPROVE, made)
    expected = ["Arun Rao", "+6598765432", "", "Dental cleaning", "", "2026-11-30", "09:00", "booked"]
    assert rt.sheet.rows[-1] == [made.appt_id, *expected]
    assert mirrored(rt, made.appt_id).start is not None
    assert now_of(rt, made).state is ProposalState.APPROVED
    assert actions(rt, made) == ["proposed", "approved"]
    card = shown(rt, made)
    assert f"Approved — Dana, Tue 24 Nov 8:00am. It is in the sheet as {made.appt_id}." in card.notes
    assert card.buttons == ()
    assert rt.sms.texts == []


def test_the_row_goes_under_the_header_s_own_order_and_what_has_no_column_is_said() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([["Time", "Name", "Notes", "Treatment", "Day", "Mobile"]])
    [made] = put(rt, a_draft(values={**ARUN, "staff": "Dr Lim", "link": "https://b.example/1"}))
    act(rt, APPROVE, made)
    header, row = rt.sheet.rows
    assert header == ["Time", "Name", "Notes", "Treatment", "Day", "Mobile", "appt_id", "status"]
    assert row == ["09:00", "Arun Rao", "", "Dental cleaning", "2026-11-30", "+6598765432", made.appt_id, "booked"]
    notes = " ".join(shown(rt, made).notes)
    assert "no column for the staff" in notes
    assert "no column for the link" in notes


def test_a_formula_in_a_mail_is_a_text_in_the_sheet(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft(values={**ARUN, "customer": '=IMPORTXML("http://x")'}))
    act(rt, APPROVE, made)
    assert rt.sheet.rows[-1][1] == '=IMPORTXML("http://x")'


def test_fifty_presses_write_one_row(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda n: act(rt, APPROVE, made, f"user {n}"), range(50)))
    assert len(rows_of(rt, made.appt_id)) == 1
    assert actions(rt, made) == ["proposed", "approved"]


def test_of_approve_and_discard_at_once_one_lands_and_the_other_sees_it(rt: FakeRuntime) -> None:
    drafts = [a_draft(values={**ARUN, "customer": f"C{n}", "phone": "", "email": f"c{n}@x.example"}) for n in range(8)]
    made = put(rt, *drafts)
    presses = [(action, proposal) for proposal in made for action in (APPROVE, DISCARD)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda press: act(rt, *press), presses))
    for proposal in made:
        landed = now_of(rt, proposal).state
        assert landed in (ProposalState.APPROVED, ProposalState.DISCARDED)
        assert len(rows_of(rt, proposal.appt_id)) == (landed is ProposalState.APPROVED)
        assert len(actions(rt, proposal)) == 2
        assert shown(rt, proposal).buttons == ()


def test_what_was_discarded_is_not_approved_any_more(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    act(rt, DISCARD, made, "Rex")
    act(rt, APPROVE, made, "Dana")
    assert now_of(rt, made).state is ProposalState.DISCARDED
    assert rows_of(rt, made.appt_id) == []
    assert "Discarded — Rex, Tue 24 Nov 8:00am." in shown(rt, made).notes


@pytest.mark.parametrize(
    ("values", "lacks"),
    [
        ({**ARUN, "phone": ""}, "fill in the phone or e-mail first (Edit)"),
        ({"phone": "+6598765432"}, "fill in the customer, service, date and time first (Edit)"),
        ({**ARUN, "date": "2026-11-23"}, "its time has passed"),
    ],
)
def test_what_is_not_complete_is_not_approved_and_the_card_says_why(
    rt: FakeRuntime, values: dict[str, str], lacks: str
) -> None:
    [made] = put(rt, a_draft(values=values))
    act(rt, APPROVE, made)
    assert now_of(rt, made).state is ProposalState.OPEN
    assert f"Dana pressed Approve, but nothing was written: {lacks}." in shown(rt, made).notes
    assert rows_of(rt, made.appt_id) == []


def test_a_twin_that_came_up_meanwhile_is_named_before_a_second_press_approves(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    paste(rt, a_row(), a_row("A-9", customer="Arun Rao", phone="", email="a@x.example", date="2026-11-30", time="9am"))
    act(rt, APPROVE, made)
    assert rows_of(rt, made.appt_id) == []
    assert "A-9" in now_of(rt, made).duplicates[0]
    act(rt, APPROVE, made)
    assert len(rows_of(rt, made.appt_id)) == 1


def test_a_proposal_that_is_not_known_says_so(rt: FakeRuntime) -> None:
    text = settle_staff_action(rt, APPROVE, "mail-none", "Dana", "C1", "ts-9", rt.clock())
    assert rt.staff.settled == [("C1", "ts-9", text)]


# ---------------------------------------------------------------- cut short


class _Died(Exception):
    """The process ended."""


def counted(rt: FakeRuntime, stop: int, after: bool) -> Callable[[], int]:
    """Have the process end at the n-th call of store or sheet, before or after it took effect."""
    calls = 0

    def call(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == stop:
            raise _Died

    world = rt.store.world
    if after:
        world.after = call
        append = rt.sheet.append

        def appended(cells: Any) -> None:
            append(cells)
            call()

        rt.sheet.append = appended
    else:
        world.before = call
        rt.sheet.before_call = call
    return lambda: calls


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_run_that_dies_anywhere_is_made_good_by_the_next_delivery(after: bool) -> None:
    stop = 0
    while True:
        stop += 1
        rt = a_synced_shop(a_row())
        [made] = put(rt, a_draft())
        calls = counted(rt, stop, after)
        with suppress(_Died):
            act(rt, APPROVE, made)
        died = calls() >= stop
        rt.store.world.before = rt.store.world.after = lambda _call: None
        rt.sheet.before_call = None
        rt.clock.forward(seconds=61)
        act(rt, APPROVE, made)
        drain_outbox(rt)
        assert now_of(rt, made).state is ProposalState.APPROVED, stop
        assert len(rows_of(rt, made.appt_id)) == 1, stop
        assert shown(rt, made).buttons == (), stop
        assert actions(rt, made).count("approved") == 1, stop
        if not died:
            break
    assert stop > 5


def test_an_append_whose_answer_is_lost_is_looked_for_before_the_next_try(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    rt.sheet.lose_append = 1
    with pytest.raises(UpstreamError):
        act(rt, APPROVE, made)
    assert "being written" in " ".join(shown(rt, made).notes) or now_of(rt, made).state is ProposalState.APPROVING
    act(rt, DISCARD, made)
    assert now_of(rt, made).state is ProposalState.APPROVING
    rt.clock.forward(minutes=2)
    mind_proposals(rt, rt.clock())
    assert now_of(rt, made).state is ProposalState.APPROVED
    assert len(rows_of(rt, made.appt_id)) == 1


def test_an_identical_second_row_is_taken_away_and_audited(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    append = rt.sheet.append

    def twice(cells: Any) -> None:
        append(cells)
        append(cells)

    rt.sheet.append = twice
    act(rt, APPROVE, made)
    assert len(rows_of(rt, made.appt_id)) == 1
    assert actions(rt, made) == ["proposed", "approved", "duplicate_row_removed"]
    assert cell(rt, "customer") == "Mei"


def test_a_second_row_that_says_something_else_is_left_to_people(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    append = rt.sheet.append

    def edited_copy(cells: Any) -> None:
        append(cells)
        append({**cells, HEADER.index("customer"): "Rex"})

    rt.sheet.append = edited_copy
    act(rt, APPROVE, made)
    assert len(rows_of(rt, made.appt_id)) == 2
    assert any(made.appt_id in text for text in rt.staff.texts)


def test_an_answer_of_the_store_that_is_lost_is_found_out(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    lost = iter([True])

    def lose(call: str) -> None:
        if call == "store.commit" and next(lost, False):
            raise StoreNoAnswer("lost")

    rt.store.world.after = lose
    with pytest.raises(ReminderError):
        act(rt, APPROVE, made)
    rt.clock.forward(minutes=1)
    act(rt, APPROVE, made)
    assert len(rows_of(rt, made.appt_id)) == 1


# ---------------------------------------------------------------- changes and cancellations


def a_change(rt: FakeRuntime) -> Proposal:
    [made] = put(rt, a_draft(Kind.CHANGE, {**MEI, "date": "2026-12-03", "time": "15:00"}))
    return made


def test_an_approved_change_keeps_the_cells_spelling(rt: FakeRuntime) -> None:
    act(rt, APPROVE, a_change(rt))
    assert (cell(rt, "date"), cell(rt, "time")) == ("3 Dec 2026", "3:00pm")
    assert mirrored(rt).start.isoformat() == "2026-12-03T07:00:00+00:00"


def test_a_row_that_was_edited_meanwhile_is_not_written_until_it_is_approved_again(rt: FakeRuntime) -> None:
    made = a_change(rt)
    rt.sheet.paste([HEADER, a_row(time="11:00am")])
    act(rt, APPROVE, made)
    assert cell(rt, "time") == "11:00am"
    assert now_of(rt, made).state is ProposalState.OPEN
    assert "time “11:00am”" in " ".join(shown(rt, made).notes)
    act(rt, APPROVE, made)
    assert (cell(rt, "date"), cell(rt, "time")) == ("3 Dec 2026", "3:00pm")


def test_an_approved_cancellation_is_written_and_tells_the_customer_nothing(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft(Kind.CANCELLATION, MEI))
    act(rt, APPROVE, made)
    assert cell(rt, "status") == "cancelled"
    assert (rt.sms.texts, rt.email.mails, rt.bus.moves) == ([], [], [])


def test_a_change_of_a_visit_that_is_not_in_the_sheet_waits(rt: FakeRuntime) -> None:
    put(rt, a_draft(uid="u", sequence=0))
    [change] = put(rt, a_draft(values={**ARUN, "time": "11:00"}, uid="u", sequence=1), key="in/2")
    act(rt, APPROVE, change)
    assert now_of(rt, change).state is ProposalState.OPEN
    assert "No row of the sheet has the id" in " ".join(shown(rt, change).notes)


def test_a_note_is_done_with_one_press(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft(Kind.CANCELLATION))
    act(rt, DISCARD, made)
    assert "Done — Dana, Tue 24 Nov 8:00am." in shown(rt, made).notes


# ---------------------------------------------------------------- what nobody settles


def test_a_proposal_is_reminded_of_once_after_a_day(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    rt.clock.forward(hours=23)
    mind_proposals(rt, rt.clock())
    assert rt.staff.texts == []
    for _ in range(3):
        rt.clock.forward(hours=1)
        mind_proposals(rt, rt.clock())
    [text] = rt.staff.texts
    assert "Arun Rao" in text
    assert "Your booking" in text
    act(rt, APPROVE, made)
    assert now_of(rt, made).state is ProposalState.APPROVED


def test_a_proposal_whose_date_has_passed_is_closed_and_its_message_says_so(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    rt.clock.forward(days=7)
    mind_proposals(rt, rt.clock())
    assert now_of(rt, made).state is ProposalState.CLOSED
    assert shown(rt, made).buttons == ()
    assert actions(rt, made) == ["proposed", "closed"]
    act(rt, APPROVE, made)
    assert rows_of(rt, made.appt_id) == []


def test_a_cancellation_is_closed_once_its_visit_has_begun(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft(Kind.CANCELLATION, MEI))
    rt.clock.forward(days=8, hours=1)
    mind_proposals(rt, rt.clock())
    assert now_of(rt, made).state is ProposalState.OPEN
    rt.clock.forward(hours=1)
    mind_proposals(rt, rt.clock())
    assert now_of(rt, made).state is ProposalState.CLOSED


def test_one_without_a_date_is_never_closed(rt: FakeRuntime) -> None:
    blank = Draft(Kind.BOOKING, Reader.NONE, {}, {"text": "Dear all, …"})
    [made] = propose(rt, [blank], mail(), rt.clock())
    rt.clock.forward(days=60)
    mind_proposals(rt, rt.clock())
    assert now_of(rt, made).state is ProposalState.OPEN
    assert shown(rt, made).text == "Dear all, …"


def test_another_place_of_the_same_source_is_another_proposal() -> None:
    rt = a_synced_shop()
    other = replace(mail(), place=3)
    [first] = propose(rt, [a_draft()], mail(), rt.clock())
    [second] = propose(rt, [a_draft(values={**ARUN, "time": "15:00"})], other, rt.clock())
    assert first.proposal_id != second.proposal_id
