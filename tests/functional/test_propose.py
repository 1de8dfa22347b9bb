"""What is proposed of a draft, beside the sheet and what was proposed before (DESIGN §8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.proposal import Draft, Kind, Lane, Proposal, ProposalState, Reader, Source
from chalicelib.domain.work import WorkKind
from chalicelib.errors import DefiniteNo
from chalicelib.ports import ReplaceProposal
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.propose import propose
from tests.fakes.runtime import FakeRuntime
from tests.functional.sync_world import NOW, a_row, a_synced_shop, paste, rows

ARUN = {
    "customer": "Arun Rao",
    "phone": "+6598765432",
    "service": "Dental cleaning",
    "date": "2026-11-30",
    "time": "09:00",
}
MEI = {"customer": "Mei", "phone": "+6591234567", "service": "Dental cleaning"}


def a_draft(kind: Kind = Kind.BOOKING, values: dict[str, str] = ARUN, **more: object) -> Draft:
    return Draft(kind, Reader.ICS, values, **more)  # type: ignore[arg-type]


def mail(key: str = "in/1", lane: Lane = Lane.MAIL) -> Source:
    return Source(lane, key, 0, "Your booking", "booking.example")


def put(rt: FakeRuntime, *drafts: Draft, key: str = "in/1", lane: Lane = Lane.MAIL) -> list[Proposal]:
    return propose(rt, drafts, mail(key, lane), rt.clock())


def settled(rt: FakeRuntime, proposal: Proposal, state: ProposalState) -> None:
    stored = rt.store.proposal(proposal.proposal_id)
    rt.store.commit(ReplaceProposal(replace(stored, state=state, settled_by="Dana", settled_at=rt.clock())))


def cards(rt: FakeRuntime) -> list[str]:
    """The headings as Slack shows them now."""
    return [shown[-1].heading for shown in rt.staff.cards.values()]


@pytest.fixture
def rt() -> FakeRuntime:
    """Mei has a visit on Wednesday the second of December at ten."""
    return a_synced_shop(a_row())


def test_a_booking_is_proposed_with_an_id_of_its_own_and_its_message_is_known(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    assert made.appt_id.startswith("A-")
    assert made.appt_id != "A-1"
    assert (made.state, made.channel, made.message) == (ProposalState.OPEN, "C1", "card-1")
    assert cards(rt) == ["New booking: Arun Rao, Dental cleaning, Mon 30 Nov 9:00am"]
    assert [b.label for b in rt.staff.cards["card-1"][-1].buttons] == ["Approve", "Edit", "Discard"]
    assert [e.action for e in rt.store.audit(made.appt_id)] == ["proposed"]
    assert rt.store.work() == []


def test_the_same_source_again_makes_nothing_new(rt: FakeRuntime) -> None:
    first = put(rt, a_draft(), a_draft(values={**MEI, "date": "2026-12-03", "time": "10:00"}))
    assert put(rt, a_draft(), a_draft()) == first
    assert len(cards(rt)) == 2


def test_what_slack_does_not_take_now_is_posted_by_a_later_run(rt: FakeRuntime) -> None:
    def down(_channel: str) -> None:
        raise DefiniteNo("Slack", "ratelimited")

    rt.staff.refuse = down
    [made] = put(rt, a_draft())
    assert made.message == ""
    assert [work.kind for work in rt.store.work()] == [WorkKind.PROPOSAL]
    rt.staff.refuse = None
    drain_outbox(rt)
    assert rt.store.proposal(made.proposal_id).message == "card-1"
    assert rt.store.work() == []


def test_the_same_booking_by_two_lanes_is_proposed_once(rt: FakeRuntime) -> None:
    [by_mail] = put(rt, a_draft())
    again = {**ARUN, "customer": "arun  RAO", "phone": ""}
    [by_calendar] = put(rt, a_draft(values=again), key="event-1", lane=Lane.CALENDAR)
    assert by_calendar.proposal_id == by_mail.proposal_id
    assert len(cards(rt)) == 1
    assert [e.action for e in rt.store.audit(by_mail.appt_id)] == ["proposed", "proposed_again"]


def test_a_booking_that_was_discarded_is_proposed_again_and_says_so(rt: FakeRuntime) -> None:
    [first] = put(rt, a_draft())
    settled(rt, first, ProposalState.DISCARDED)
    [second] = put(rt, a_draft(), key="in/2")
    assert second.proposal_id != first.proposal_id
    assert second.duplicates == ("The same booking was proposed before and discarded by Dana.",)


def test_a_booking_for_a_time_that_was_cancelled_since_is_proposed_again() -> None:
    rt, made = an_approved_booking()
    [same] = put(rt, a_draft(), key="in/2")
    assert same.proposal_id == made.proposal_id
    paste(rt, a_row(), a_row_of(made, status="cancelled"))
    [anew] = put(rt, a_draft(), key="in/3")
    assert anew.proposal_id != made.proposal_id
    assert made.appt_id in anew.duplicates[0]


def test_a_booking_whose_approved_row_was_taken_out_is_proposed_again() -> None:
    rt, made = an_approved_booking()
    paste(rt, a_row())
    assert put(rt, a_draft(), key="in/2")[0].proposal_id == made.proposal_id
    rt.clock.forward(hours=1)
    assert put(rt, a_draft(), key="in/3")[0].proposal_id != made.proposal_id


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"customer": "MEI", "date": "2026-12-02", "time": "10:00"}, "Same customer, same time"),
        (
            {"customer": "M. Tan", "phone": "9123 4567", "date": "2026-12-02", "time": "15:00"},
            "Same customer, same day",
        ),
        ({"customer": "Rex", "staff": "lim", "date": "2026-12-02", "time": "10:00"}, "Same staff member, same time"),
    ],
)
def test_likely_duplicates_in_the_sheet_are_named(rt: FakeRuntime, values: dict[str, str], why: str) -> None:
    [made] = put(rt, a_draft(values={"service": "Check", **values}))
    assert made.duplicates == (f"{why}: A-1 (Mei, Dental cleaning), Wed 2 Dec 10:00am.",)


def test_another_day_or_another_customer_is_no_duplicate(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft(values={**MEI, "date": "2026-12-03", "time": "10:00"}))
    [other] = put(rt, a_draft(values={**ARUN, "date": "2026-12-02"}), key="in/2")
    assert (made.duplicates, other.duplicates) == ((), ())


# ---------------------------------------------------------------- changes and cancellations


def test_a_change_is_of_the_one_visit_that_fits(rt: FakeRuntime) -> None:
    new = {**MEI, "date": "2026-12-03", "time": "15:00"}
    [made] = put(rt, a_draft(Kind.CHANGE, new, old_values={"date": "2026-12-02"}))
    assert (made.draft.kind, made.appt_id, made.row["time"]) == (Kind.CHANGE, "A-1", "10:00am")
    assert cards(rt) == ["Change of A-1 (Mei, Dental cleaning): 2 Dec 2026 10:00am → Thu 3 Dec 3:00pm"]


def test_a_change_that_names_another_former_time_is_a_booking(rt: FakeRuntime) -> None:
    new = {**MEI, "date": "2026-12-03", "time": "15:00"}
    [made] = put(rt, a_draft(Kind.CHANGE, new, old_values={"date": "2026-12-01"}))
    assert made.draft.kind is Kind.BOOKING
    assert "isn't known here" in made.draft.flags[0]


def test_a_change_without_a_time_keeps_the_former_one_and_says_so(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft(Kind.CHANGE, {"customer": "Mei", "date": "2026-12-03"}))
    assert made.draft.values["time"] == "10:00"
    assert made.draft.flags == ("The new time isn't said: the former one is taken.",)


def test_where_two_visits_fit_a_person_says_which() -> None:
    rt = a_synced_shop(a_row(), a_row("A-2", date="3 Dec 2026"))
    [made] = put(rt, a_draft(Kind.CANCELLATION, {"customer": "Mei"}))
    assert (made.appt_id, len(made.duplicates)) == ("", 2)
    assert made.draft.flags == ("Several visits fit: which one?",)
    [told] = put(rt, a_draft(Kind.CANCELLATION, {**MEI, "date": "2026-12-03"}), key="in/2")
    assert told.appt_id == "A-2"


def test_a_cancellation_of_an_unknown_visit_is_a_note(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft(Kind.CANCELLATION))
    assert (made.appt_id, made.draft.kind) == ("", Kind.CANCELLATION)
    assert [b.label for b in rt.staff.cards["card-1"][-1].buttons] == ["Done"]


@pytest.mark.parametrize("status", ["cancelled", "done", "no-show"])
def test_a_visit_that_is_over_is_not_changed(status: str) -> None:
    rt = a_synced_shop(a_row(status=status))
    [made] = put(rt, a_draft(Kind.CHANGE, {**MEI, "date": "2026-12-03", "time": "15:00"}))
    assert made.draft.kind is Kind.BOOKING


def test_a_reminder_of_a_known_visit_proposes_nothing(rt: FakeRuntime) -> None:
    known = {**MEI, "date": "2026-12-02", "time": "10:00"}
    assert put(rt, a_draft(values=known, is_reminder=True)) == []
    [made] = put(rt, a_draft(values={**known, "date": "2026-12-09"}, is_reminder=True), key="in/2")
    assert made.draft.flags == ("This is a reminder of a visit that isn't in the sheet.",)


# ---------------------------------------------------------------- a calendar's own id


def by_uid(sequence: int, kind: Kind = Kind.BOOKING, **values: str) -> Draft:
    return a_draft(kind, {**ARUN, **values}, uid="u1@cal.example", sequence=sequence)


def a_row_of(made: Proposal, **cells: str) -> list[str]:
    return a_row(made.appt_id, **{**ARUN, **cells})


def an_approved_booking() -> tuple[FakeRuntime, Proposal]:
    """It was approved, and the sync has seen its row."""
    rt = a_synced_shop(a_row())
    [made] = put(rt, by_uid(0))
    settled(rt, made, ProposalState.APPROVED)
    paste(rt, a_row(), a_row_of(made))
    return rt, made


def test_a_higher_sequence_with_another_start_changes_the_visit() -> None:
    rt, made = an_approved_booking()
    [change] = put(rt, by_uid(1, time="11:00"), key="in/2")
    assert (change.draft.kind, change.appt_id) == (Kind.CHANGE, made.appt_id)


def test_a_stale_or_unchanged_invitation_has_no_effect() -> None:
    rt, made = an_approved_booking()
    assert put(rt, by_uid(2), key="in/2")[0].proposal_id == made.proposal_id
    [change] = put(rt, by_uid(5, time="11:00"), key="in/3")
    [stale] = put(rt, by_uid(4, time="12:00"), key="in/4")
    assert stale.proposal_id == change.proposal_id
    assert len(cards(rt)) == 2


def test_a_cancelled_invitation_cancels_the_visit_once() -> None:
    rt, made = an_approved_booking()
    [first] = put(rt, by_uid(1, Kind.CANCELLATION), key="in/2")
    [second] = put(rt, by_uid(1, Kind.CANCELLATION), key="in/3")
    assert (first.draft.kind, first.appt_id) == (Kind.CANCELLATION, made.appt_id)
    assert second.proposal_id == first.proposal_id


def test_a_change_of_an_unknown_invitation_is_a_booking(rt: FakeRuntime) -> None:
    [made] = put(rt, replace(by_uid(3), kind=Kind.CHANGE))
    assert made.draft.kind is Kind.BOOKING


def test_a_change_of_a_visit_that_waits_itself_says_so(rt: FakeRuntime) -> None:
    [booking] = put(rt, by_uid(0))
    [change] = put(rt, by_uid(1, time="11:00"), key="in/2")
    assert (change.draft.kind, change.appt_id) == (Kind.CHANGE, booking.appt_id)
    assert "isn't in the sheet yet" in change.draft.flags[0]


# ---------------------------------------------------------------- many


def test_at_most_twenty_five_of_one_source_and_staff_hear_of_the_rest(rt: FakeRuntime) -> None:
    drafts = [a_draft(values={**ARUN, "customer": f"Customer {n}", "phone": ""}) for n in range(30)]
    assert len(put(rt, *drafts)) == 25
    put(rt, *drafts)
    [line] = rt.staff.texts
    assert "holds 30 bookings" in line


def test_no_two_proposals_share_an_id_and_none_is_a_visit_s() -> None:
    rt = a_synced_shop(*rows(5))
    rt.tokens = type(rt.tokens)()  # the same randomness once more
    drafts = [a_draft(values={**ARUN, "customer": f"C{n}", "phone": ""}) for n in range(10)]
    ids = [p.appt_id for p in put(rt, *drafts)]
    assert len(set(ids)) == 10
    assert not {f"A-{n}" for n in range(1, 6)} & set(ids)
    assert rt.clock() >= NOW


def test_two_of_a_family_at_one_time_on_one_phone_are_two_bookings(rt: FakeRuntime) -> None:
    tom, lily = ({**ARUN, "customer": name} for name in ("Tom Rao", "Lily Rao"))
    assert len(put(rt, a_draft(values=tom), a_draft(values=lily))) == 2
    assert [heading.partition(",")[0] for heading in cards(rt)] == ["New booking: Tom Rao", "New booking: Lily Rao"]
    assert any("same customer, same time" in word.lower() for word in rt.store.proposals(NOW)[-1].duplicates)


def test_a_shorter_form_of_the_name_with_the_same_contact_is_the_same_booking(rt: FakeRuntime) -> None:
    put(rt, a_draft())
    put(rt, a_draft(values={**ARUN, "customer": "Rao, Arun"}), key="in/2")
    put(rt, a_draft(values={**ARUN, "customer": ""}), key="in/3")
    assert len(cards(rt)) == 1


def test_a_cancellation_under_another_name_with_the_same_phone_asks_whether_it_is_the_right_one(
    rt: FakeRuntime,
) -> None:
    [made] = put(rt, a_draft(Kind.CANCELLATION, {**MEI, "customer": "Lily Tan"}))
    assert made.appt_id == "A-1"
    assert "is it the right one?" in " ".join(made.draft.flags)
