"""What the store promises, of the DynamoDB adapter and of the twin alike (DESIGN §6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.proposal import Draft, Kind, Lane, Proposal, ProposalState, Reader, Source
from chalicelib.domain.standing import Answer, Standing
from chalicelib.domain.work import Work, WorkKind, WorkState
from chalicelib.errors import Refused
from chalicelib.ports import (
    HoldSlot,
    MarkWork,
    PendingScan,
    PutAudit,
    PutProposal,
    PutReply,
    PutScan,
    PutWork,
    ReleaseSlot,
    RemoveScan,
    RemoveWork,
    ReplaceProposal,
    ReplaceStanding,
    SetOptOut,
    SpendNonce,
    TellOnce,
    Untell,
    Write,
)
from tests.conftest import Tables

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
CHAIN = "20261126T0100Z"
QUARTER = timedelta(minutes=15)
MEI, REX = "+6591234567", "+6598765432"

FULL = Standing(
    "A-17",
    CHAIN,
    answer=Answer.CANCELLED,
    reply_id="2026-11-25T01:00:00Z#ab",
    answered_by="customer",
    answered_at=NOW,
    cell_before="booked",
    status_before="Booked ",
    moved_from=NOW - timedelta(days=1),
    first_seen=NOW - timedelta(hours=2),
    moved_at=NOW - timedelta(hours=1),
    reopened_at=NOW - timedelta(minutes=3),
    pending={"status": "cancelled", "time": ""},
    contested=True,
    hold_reason="is it on?",
    sent={"h48": NOW, "h1.5": NOW, "gap": NOW},
    outcomes={"h72": "passed: merged"},
    undo_until=NOW + timedelta(minutes=10),
)
REPLY = PutReply("A-17", "2026-11-25T01:00:00Z#ab", "confirm", "page", CHAIN, "customer")
NONCE = SpendNonce("A-17", "5bcd", NOW)
AUDIT = PutAudit(AuditEntry("A-17", "2026-11-25T01:00:00Z#ab", "confirm", "page", "booked", "confirmed", chain=CHAIN))
WORK = Work("2026-11-25T01:00:00Z#ab", WorkKind.SHEET_EDIT, "A-17", NOW, {"cells": {"status": "confirmed"}, "n": 1.5})
TOLD = TellOnce("row#A-17#phone", "not a number")
HELD = HoldSlot("arun", NOW, "A-17", CHAIN)
DRAFT = Draft(
    Kind.CHANGE,
    Reader.ICS,
    values={"customer": "Mei Tan", "date": "2026-11-27"},
    quotes={"customer": "für Mei Tan"},
    doubtful=("date",),
    flags=("asked, not agreed",),
    uid="1@mail.example",
    sequence=3,
    old_values={"date": "2026-11-26"},
    is_reminder=True,
)
PROPOSAL = Proposal(
    "mail-5bcd",
    "A-17",
    DRAFT,
    Source(Lane.MAIL, "in/1", 2, "Your booking", "mei@mail.example"),
    NOW,
    state=ProposalState.APPROVING,
    duplicates=("A-9: Mei Tan",),
    row={"customer": "Mei Tan", "email": ""},
    channel="C1",
    message="1764.1",
    reminded_at=NOW + timedelta(days=1),
    settled_by="Dana",
    settled_at=NOW + timedelta(days=2),
    edited_by="Rex",
)
PLAIN_PROPOSAL = Proposal("mail-6f", "", Draft(Kind.BOOKING, Reader.NONE), Source(Lane.CALENDAR, "event-1"), NOW)
SCAN = PendingScan("job-1", "in/1", "attachments/in/1/0", NOW)


def refused_at(tables: Tables, *writes: Write) -> int:
    with pytest.raises(Refused) as refusal:
        tables.store.commit(*writes)
    return refusal.value.write


# ---------------------------------------------------------------- standings


def test_a_standing_is_read_back_whole_with_the_next_revision(tables: Tables) -> None:
    tables.store.commit(ReplaceStanding(FULL))
    assert tables.store.standings(["A-17"]) == {"A-17": replace(FULL, rev=1)}


def test_the_standing_of_these_tests_leaves_no_field_at_its_default() -> None:
    """So that a field which is added to `Standing` can't be forgotten by what stores it."""
    plain = Standing("A-17", CHAIN)
    same = {field.name for field in fields(Standing) if getattr(FULL, field.name) == getattr(plain, field.name)}
    assert same == {"appt_id", "chain", "rev"}


def test_a_plain_standing_is_read_back_as_plain(tables: Tables) -> None:
    tables.store.commit(ReplaceStanding(Standing("A-17", CHAIN)))
    assert tables.store.standings(["A-17"]) == {"A-17": Standing("A-17", CHAIN, rev=1)}


def test_replacing_needs_the_revision_that_was_read(tables: Tables) -> None:
    tables.store.commit(ReplaceStanding(Standing("A-17", CHAIN)))
    for rev in (0, 2):
        assert refused_at(tables, ReplaceStanding(replace(FULL, rev=rev))) == 0
    tables.store.commit(ReplaceStanding(replace(FULL, rev=1)))
    assert tables.store.standings(["A-17"])["A-17"] == replace(FULL, rev=2)


def test_replacing_forgets_what_the_new_standing_does_not_say(tables: Tables) -> None:
    tables.store.commit(ReplaceStanding(FULL))
    tables.store.commit(ReplaceStanding(Standing("A-17", CHAIN, rev=1)))
    assert tables.store.standings(["A-17"])["A-17"] == Standing("A-17", CHAIN, rev=2)


def test_a_standing_that_is_gone_cannot_be_replaced(tables: Tables) -> None:
    assert refused_at(tables, ReplaceStanding(replace(FULL, rev=3))) == 0


def test_many_standings_are_read_and_those_without_one_are_left_out(tables: Tables) -> None:
    for number in range(0, 230, 2):
        tables.store.commit(ReplaceStanding(Standing(f"A-{number}", CHAIN)))
    asked = [f"A-{number}" for number in range(230)] + ["A-0"]
    found = tables.store.standings(asked)
    assert sorted(found) == sorted(f"A-{number}" for number in range(0, 230, 2))


def test_no_ids_and_a_monstrous_id_have_no_standing(tables: Tables) -> None:
    assert tables.store.standings([]) == {}
    assert tables.store.standings(["x" * 5000, ""]) == {}


def test_ids_are_told_apart_exactly(tables: Tables) -> None:
    tables.store.commit(ReplaceStanding(Standing("a-17", CHAIN)))
    assert tables.store.standings(["A-17", "a-17 "]) == {}


# ---------------------------------------------------------------- all or nothing


def test_a_commit_of_nothing_does_nothing(tables: Tables) -> None:
    tables.store.commit()


def test_a_reply_is_committed_whole(tables: Tables) -> None:
    """Promise 53. Promise 56."""
    tables.store.commit(ReplaceStanding(FULL), REPLY, NONCE, AUDIT, PutWork(WORK), HELD, TOLD)
    assert tables.store.replies("A-17") == [REPLY]
    assert tables.store.audit("A-17") == [AUDIT.entry]
    assert tables.store.work() == [WORK]
    assert tables.store.holds("arun", NOW, NOW + QUARTER) == {NOW: "A-17"}
    assert tables.store.told("row#") == {"row#A-17#phone": "not a number"}


REFUSALS: list[tuple[Write, Write]] = [
    (ReplaceStanding(FULL), ReplaceStanding(FULL)),
    (REPLY, REPLY),
    (NONCE, NONCE),
    (AUDIT, AUDIT),
    (PutWork(WORK), PutWork(WORK)),
    (PutWork(WORK), MarkWork("another", WorkState.WRITTEN)),
    (HELD, HoldSlot("arun", NOW, "A-18", CHAIN)),
    (TOLD, TellOnce("row#A-17#phone", "other words")),
    (PutProposal(PROPOSAL), PutProposal(PROPOSAL)),
    (PutProposal(PROPOSAL), ReplaceProposal(replace(PROPOSAL, rev=1))),
    (PutProposal(PROPOSAL), ReplaceProposal(PLAIN_PROPOSAL)),
    (PutScan(SCAN), RemoveScan("job-2")),
]


@pytest.mark.parametrize(("first", "second"), REFUSALS, ids=lambda write: type(write).__name__)
def test_a_refused_write_stops_its_whole_commit_and_is_named(tables: Tables, first: Write, second: Write) -> None:
    tables.store.commit(first)
    before = tables.store.work()
    beside = PutWork(replace(WORK, work_id="zzz"))
    assert refused_at(tables, TellOnce("beside"), beside, second, SetOptOut(MEI, True, NOW)) == 2
    assert tables.store.work() == before
    assert tables.store.told("beside") == {}
    assert tables.store.opted_out([MEI]) == set()


@pytest.mark.parametrize(("first", "second"), REFUSALS, ids=lambda write: type(write).__name__)
def test_a_refused_write_on_its_own_is_refused_too(tables: Tables, first: Write, second: Write) -> None:
    tables.store.commit(first)
    assert refused_at(tables, second) == 0


def test_the_first_of_several_refused_writes_is_named(tables: Tables) -> None:
    tables.store.commit(REPLY, NONCE)
    assert refused_at(tables, TOLD, NONCE, REPLY) == 1


def test_a_commit_touches_each_item_but_once_and_a_hundred_at_most(tables: Tables) -> None:
    with pytest.raises(ValueError, match="same item"):
        tables.store.commit(TOLD, Untell(TOLD.key))
    with pytest.raises(ValueError, match="100"):
        tables.store.commit(*(TellOnce(f"k{n}") for n in range(101)))
    tables.store.commit(*(TellOnce(f"k{n}") for n in range(100)))
    assert len(tables.store.told("k")) == 100


def test_fifty_presses_spend_one_nonce_once(tables: Tables) -> None:
    """Promise 68."""

    def press(number: int) -> bool:
        reply = replace(REPLY, replied_at=f"2026-11-25T01:00:00Z#{number}")
        try:
            tables.store.commit(ReplaceStanding(Standing("A-17", CHAIN)), reply, NONCE)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(press, range(50)))
    assert won.count(True) == 1
    assert len(tables.store.replies("A-17")) == 1


def test_fifty_lone_writes_of_one_nonce_are_one_too(tables: Tables) -> None:
    def press(_number: int) -> bool:
        try:
            tables.store.commit(NONCE)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(press, range(50))).count(True) == 1


# ---------------------------------------------------------------- replies, audit


def test_replies_come_oldest_first_without_the_spent_nonces(tables: Tables) -> None:
    """Promise 61."""
    moved = PutReply(
        "A-17", "2026-11-26T01:00:00Z#cd", "reschedule", "page", CHAIN, "customer", "Wed 10:00am", "Fri 3:00pm"
    )
    tables.store.commit(moved, NONCE)
    tables.store.commit(REPLY)
    tables.store.commit(replace(REPLY, appt_id="A-18"))
    assert tables.store.replies("A-17") == [REPLY, moved]


def test_audit_entries_come_oldest_first_with_their_window(tables: Tables) -> None:
    later = AuditEntry(
        "A-17", "2026-11-26T01:00:00Z#x", "sent", "text", after="first_reminder", hours=1.5, reason="due"
    )
    tables.store.commit(PutAudit(later))
    tables.store.commit(AUDIT)
    assert tables.store.audit("A-17") == [AUDIT.entry, later]
    assert tables.store.audit("A-18") == []


# ---------------------------------------------------------------- the outbox


def test_work_comes_oldest_first(tables: Tables) -> None:
    second = replace(WORK, work_id="2026-11-25T02:00:00Z#aa", kind=WorkKind.TICK, payload={})
    tables.store.commit(PutWork(second))
    tables.store.commit(PutWork(WORK))
    assert tables.store.work() == [WORK, second]


def test_work_is_marked_and_removed_and_removing_again_is_no_error(tables: Tables) -> None:
    tables.store.commit(PutWork(WORK))
    tables.store.commit(MarkWork(WORK.work_id, WorkState.WRITTEN))
    assert tables.store.work() == [replace(WORK, state=WorkState.WRITTEN)]
    tables.store.commit(RemoveWork(WORK.work_id))
    tables.store.commit(RemoveWork(WORK.work_id))
    tables.store.commit(RemoveWork(WORK.work_id), Untell("nothing"))
    assert tables.store.work() == []


def test_what_one_commit_removes_twice_is_removed_once(tables: Tables) -> None:
    tables.store.commit(PutWork(WORK), TOLD, HELD)
    gone = (RemoveWork(WORK.work_id), Untell(TOLD.key), ReleaseSlot("arun", NOW, "A-17"))
    tables.store.commit(*gone, *gone)
    assert (tables.store.work(), tables.store.told(""), tables.store.holds("arun", NOW, NOW + QUARTER)) == ([], {}, {})
    with pytest.raises(ValueError, match="same item"):
        tables.store.commit(RemoveWork(WORK.work_id), PutWork(WORK))


def test_work_that_is_gone_cannot_be_marked(tables: Tables) -> None:
    assert refused_at(tables, MarkWork(WORK.work_id, WorkState.WRITTEN)) == 0
    assert tables.store.work() == []


def test_a_long_outbox_is_read_whole(tables: Tables) -> None:
    bulky = {"text": "x" * 30_000}
    for number in range(60):
        tables.store.commit(PutWork(replace(WORK, work_id=f"{number:03}", payload=bulky)))
    assert [work.work_id for work in tables.store.work()] == [f"{number:03}" for number in range(60)]


# ---------------------------------------------------------------- told once


def test_what_was_told_is_found_by_its_prefix_until_it_is_forgotten(tables: Tables) -> None:
    tables.store.commit(TOLD, TellOnce("word#rebooked"))
    assert tables.store.told("row#") == {TOLD.key: TOLD.detail}
    assert tables.store.told("") == {TOLD.key: TOLD.detail, "word#rebooked": ""}
    tables.store.commit(Untell(TOLD.key))
    tables.store.commit(Untell(TOLD.key))
    assert tables.store.told("row#") == {}
    tables.store.commit(TOLD)


def test_a_monstrous_key_is_told_once_like_any_other(tables: Tables) -> None:
    monster = "word#" + "é" * 3000
    tables.store.commit(TellOnce(monster))
    assert refused_at(tables, TellOnce(monster)) == 0
    tables.store.commit(TellOnce(monster + "x"))
    assert set(tables.store.told("word#")) == {monster, monster + "x"}


# ---------------------------------------------------------------- slots


def test_a_held_slot_is_not_anothers_but_may_be_taken_over_by_its_own(tables: Tables) -> None:
    tables.store.commit(HELD)
    assert refused_at(tables, HoldSlot("arun", NOW, "A-18", CHAIN)) == 0
    tables.store.commit(replace(HELD, chain="20261127T0100Z"))
    tables.store.commit(HoldSlot("", NOW, "A-18", CHAIN), HoldSlot("arun", NOW + QUARTER, "A-18", CHAIN))
    assert tables.store.holds("arun", NOW, NOW + 2 * QUARTER) == {NOW: "A-17", NOW + QUARTER: "A-18"}


def test_holds_are_read_from_since_up_to_but_without_until(tables: Tables) -> None:
    for number in range(4):
        tables.store.commit(replace(HELD, cell=NOW + number * QUARTER))
    assert list(tables.store.holds("arun", NOW + QUARTER, NOW + 3 * QUARTER)) == [NOW + QUARTER, NOW + 2 * QUARTER]


def test_a_slot_is_given_back_by_its_own_appointment_alone(tables: Tables) -> None:
    """Promise 64."""
    tables.store.commit(HELD)
    tables.store.commit(ReleaseSlot("arun", NOW, "A-18"))
    tables.store.commit(ReleaseSlot("arun", NOW, "A-18"), TellOnce("one"))
    assert tables.store.holds("arun", NOW, NOW + QUARTER) == {NOW: "A-17"}
    tables.store.commit(ReleaseSlot("arun", NOW, "A-17"), TellOnce("two"))
    tables.store.commit(ReleaseSlot("arun", NOW, "A-17"))
    assert tables.store.holds("arun", NOW, NOW + QUARTER) == {}
    assert set(tables.store.told("")) == {"one", "two"}


def test_a_visit_that_moves_by_a_quarter_keeps_the_cell_that_it_still_needs(tables: Tables) -> None:
    first, second, third = NOW, NOW + QUARTER, NOW + 2 * QUARTER
    tables.store.commit(replace(HELD, cell=first), replace(HELD, cell=second))
    tables.store.commit(
        ReleaseSlot("arun", first, "A-17"),
        ReleaseSlot("arun", second, "A-17"),
        replace(HELD, cell=second),
        replace(HELD, cell=third),
    )
    assert tables.store.holds("arun", first, third + QUARTER) == {second: "A-17", third: "A-17"}


def test_a_refusal_behind_a_release_that_was_left_out_is_still_named_by_its_place(tables: Tables) -> None:
    tables.store.commit(TOLD)
    assert refused_at(tables, ReleaseSlot("arun", NOW, "A-17"), TellOnce("x"), TOLD) == 2


def test_two_customers_press_for_one_slot_and_one_gets_it(tables: Tables) -> None:
    def press(number: int) -> bool:
        hold = HoldSlot("arun", NOW, f"A-{number}", CHAIN)
        try:
            tables.store.commit(hold, replace(hold, cell=NOW + QUARTER))
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(press, range(8))).count(True) == 1
    assert len(set(tables.store.holds("arun", NOW, NOW + 2 * QUARTER).values())) == 1


# ---------------------------------------------------------------- opt-outs, caps, heartbeats


def test_opting_out_holds_until_it_is_taken_back_however_the_address_is_written(tables: Tables) -> None:
    tables.store.commit(SetOptOut(MEI, True, NOW))
    tables.store.commit(SetOptOut("Mei@Example.com ", True, NOW), TOLD)
    assert tables.store.opted_out([MEI, REX, "mei@example.com"]) == {MEI, "mei@example.com"}
    tables.store.commit(SetOptOut(MEI, True, NOW))
    tables.store.commit(SetOptOut(MEI, False, NOW))
    tables.store.commit(SetOptOut(MEI, False, NOW))
    assert tables.store.opted_out([MEI, "MEI@example.com"]) == {"MEI@example.com"}
    assert tables.store.opted_out([]) == set()


def test_a_number_gets_its_texts_of_the_day_and_no_more(tables: Tables) -> None:
    def count(to: str, day: str = "2026-11-25") -> str:
        return tables.store.count_text(to, day, 2, 100)

    assert [count(MEI), count(MEI), count(MEI)] == ["", "", "recipient"]
    assert count(REX) == ""
    assert count(MEI, "2026-11-26") == ""


def test_the_account_gets_its_texts_of_the_day_and_the_number_keeps_what_was_not_used(tables: Tables) -> None:
    def count(to: str, per_day: int) -> str:
        return tables.store.count_text(to, "2026-11-25", 2, per_day)

    assert [count(REX, 1), count(MEI, 1), count(MEI, 1)] == ["", "account", "account"]
    assert [count(MEI, 9), count(MEI, 9), count(MEI, 9)] == ["", "", "recipient"]


def test_a_refused_number_costs_the_account_nothing(tables: Tables) -> None:
    def count(to: str) -> str:
        return tables.store.count_text(to, "2026-11-25", 1, 2)

    assert [count(MEI), count(MEI), count(MEI), count(REX)] == ["", "recipient", "recipient", ""]


def test_a_cap_of_none_lets_nothing_through(tables: Tables) -> None:
    assert tables.store.count_text(MEI, "2026-11-25", 0, 9) == "recipient"
    assert tables.store.count_text(MEI, "2026-11-25", 9, 0) == "account"


def test_racing_texts_never_pass_a_cap(tables: Tables) -> None:
    with ThreadPoolExecutor(16) as pool:
        counts = list(pool.map(lambda n: tables.store.count_text(f"+65{n}", "2026-11-25", 5, 7), range(16)))
    assert sorted(counts) == [""] * 7 + ["account"] * 9


def test_the_last_heartbeat_is_kept_for_each_function(tables: Tables) -> None:
    assert tables.store.last_beat("reminder") is None
    tables.store.beat("reminder", NOW)
    tables.store.beat("drive_sync", NOW + QUARTER)
    tables.store.beat("reminder", NOW + timedelta(hours=1, microseconds=5))
    assert tables.store.last_beat("reminder") == NOW + timedelta(hours=1)


# ---------------------------------------------------------------- proposals and scans


def test_a_proposal_is_read_back_whole_and_so_is_a_plain_one(tables: Tables) -> None:
    tables.store.commit(PutProposal(PROPOSAL), PutProposal(PLAIN_PROPOSAL))
    assert tables.store.proposal(PROPOSAL.proposal_id) == PROPOSAL
    assert tables.store.proposal(PLAIN_PROPOSAL.proposal_id) == PLAIN_PROPOSAL
    assert tables.store.proposal("mail-none") is None


def test_the_proposal_of_these_tests_leaves_no_field_at_its_default() -> None:
    """So that a field which is added can't be forgotten by what stores it."""
    plain = replace(PLAIN_PROPOSAL, proposal_id=PROPOSAL.proposal_id)
    same = {field.name for field in fields(Proposal) if getattr(PROPOSAL, field.name) == getattr(plain, field.name)}
    assert same == {"proposal_id", "made_at", "rev"}
    blank = Draft(Kind.BOOKING, Reader.NONE)
    assert not [field.name for field in fields(Draft) if getattr(DRAFT, field.name) == getattr(blank, field.name)]


def test_replacing_a_proposal_needs_the_revision_that_was_read(tables: Tables) -> None:
    tables.store.commit(PutProposal(PLAIN_PROPOSAL))
    approving = replace(PLAIN_PROPOSAL, state=ProposalState.APPROVING)
    tables.store.commit(ReplaceProposal(approving))
    discarded = replace(PLAIN_PROPOSAL, state=ProposalState.DISCARDED)
    assert refused_at(tables, ReplaceProposal(discarded)) == 0
    assert tables.store.proposal("mail-6f") == replace(approving, rev=1)
    tables.store.commit(ReplaceProposal(replace(discarded, rev=1)))
    assert tables.store.proposal("mail-6f") == replace(discarded, rev=2)


def test_fifty_presses_settle_one_proposal_once(tables: Tables) -> None:
    tables.store.commit(PutProposal(PLAIN_PROPOSAL))

    def press(number: int) -> bool:
        state = ProposalState.APPROVING if number % 2 else ProposalState.DISCARDED
        try:
            tables.store.commit(ReplaceProposal(replace(PLAIN_PROPOSAL, state=state)))
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(press, range(50))).count(True) == 1


def test_proposals_since_a_time_come_oldest_first(tables: Tables) -> None:
    def made(name: str, **ago: float) -> Proposal:
        return replace(PLAIN_PROPOSAL, proposal_id=name, made_at=NOW - timedelta(**ago))

    for proposal in (made("b", hours=1), made("a", hours=2), made("c", days=3), made("d", hours=1)):
        tables.store.commit(PutProposal(proposal))
    assert [p.proposal_id for p in tables.store.proposals(NOW - timedelta(hours=2))] == ["a", "b", "d"]
    assert tables.store.proposals(NOW) == []


def test_an_awaited_scan_is_done_with_once(tables: Tables) -> None:
    later = PendingScan("job-0", "in/2", "attachments/in/2/0", NOW + QUARTER)
    tables.store.commit(PutScan(later))
    tables.store.commit(PutScan(SCAN))
    tables.store.commit(PutScan(SCAN))
    assert tables.store.scans() == [SCAN, later]
    tables.store.commit(RemoveScan("job-1"))
    assert refused_at(tables, RemoveScan("job-1")) == 0
    assert tables.store.scans() == [later]
