"""Who is right, sheet or standing: the table of cases (DESIGN §4.1, §6)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.appointment import chain_id
from chalicelib.domain.mirror import MirrorRow
from chalicelib.domain.question import Ask
from chalicelib.domain.reconcile import Facts, Present, Verdict, reconcile
from chalicelib.domain.standing import Answer, Standing

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
WED = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
FRI = datetime(2026, 12, 4, 7, 0, tzinfo=UTC)
SAT = datetime(2026, 12, 5, 7, 0, tzinfo=UTC)
DAYS = {WED: "2 Dec 2026", FRI: "4 Dec 2026", SAT: "5 Dec 2026", None: "someday"}


def values(start: datetime | None, status: str) -> dict[str, str]:
    return {"appt_id": "A-1", "customer": "Mei", "date": DAYS[start], "time": "10:00am", "status": status}


def former(start: datetime | None = WED, status: str = "") -> MirrorRow:
    return MirrorRow(values(start, status), start, NOW, None, 2)


def present(start: datetime | None = WED, status: str = "") -> Present:
    return Present(values(start, status), start)


def standing(start: datetime = WED, **fields: Any) -> Standing:
    return Standing("A-1", chain_id(start), **{"rev": 3, **fields})


def replied(answer: Answer, start: datetime = WED, **fields: Any) -> Standing:
    return standing(start, **{"answer": answer, "reply_id": "r1", "answered_by": "customer", **fields})


MOVED = replied(Answer.OPEN, FRI, moved_from=WED, first_seen=NOW)
CONFIRMED = replied(Answer.CONFIRMED)
CANCELLED = replied(Answer.CANCELLED)
HELD = standing(FRI, hold_reason="cancelled from before the start changed")
REOPENED = {
    "answer": Answer.OPEN,
    "reply_id": "",
    "answered_by": "",
    "cell_before": "",
    "reopened_at": NOW,
}


@dataclass(frozen=True)
class Case:
    """Rows, standing and what is known; what is expected of the new standing (None: left alone) and of the rest."""

    name: str
    row: MirrorRow | None
    now: Present | None
    standing: Standing | None
    stored: Standing | None = None
    expected: Verdict = field(default_factory=Verdict)
    facts: Facts = field(default_factory=lambda: Facts(NOW))


def fresh(start: datetime, rev: int = 3, **fields: Any) -> Standing:
    return Standing("A-1", chain_id(start), rev=rev, **fields)


W, F, S = chain_id(WED), chain_id(FRI), chain_id(SAT)
STAFF_MOVED = {"action": "moved_by_staff", "left": WED, "resume": F}

CASES = [
    Case("a new row has no standing and needs none", None, present(), None),
    Case("a row that did not change needs nothing", former(), present(), None),
    Case("a row that did not change leaves its standing", former(), present(), standing()),
    Case("a withdrawn row without a standing needs nothing", former(), None, None),
    Case("a withdrawn row keeps its answer and gives a held slot back", former(), None, CONFIRMED,
         expected=Verdict(freed=WED)),
    Case("a withdrawn row whose edit was written waits for it no more", former(), None,
         replace(CONFIRMED, pending={"status": "confirmed"}), CONFIRMED, Verdict(shown=True, freed=WED),
         Facts(NOW, written=True)),
    Case("a withdrawn row whose edit is still to be written is left to the outbox", former(), None,
         replace(CONFIRMED, pending={"status": "confirmed"})),
    Case("a row that is back at its start takes its sends up again", None, present(), standing(),
         expected=Verdict(resume=W)),
    # staff edit a start
    Case("staff give an unknown visit another start", former(WED), present(FRI), None,
         expected=Verdict(action="moved_by_staff", left=WED)),
    Case("staff give a known visit another start: a new chain", former(WED), present(FRI), standing(sent={"h48": NOW}),
         fresh(FRI), Verdict(**STAFF_MOVED)),
    Case("a run that died after storing the new chain says again what resumes", former(WED), present(FRI),
         fresh(FRI, 4),
         expected=Verdict(resume=F)),
    Case("a confirmed that stood there before the start changed is cleared", former(WED, "confirmed"),
         present(FRI, "confirmed"), None, fresh(FRI, 0, pending={"status": ""}),
         Verdict(action="moved_by_staff", left=WED, cells={"status": ""})),
    Case("a reply's confirmed is cleared with the chain that it was for", former(WED, "confirmed"),
         present(FRI, "Confirmed"), CONFIRMED, fresh(FRI, pending={"status": ""}),
         Verdict(**STAFF_MOVED, cells={"status": ""})),
    Case("a mark that was written since the last mirror is of the old chain too", former(WED, ""),
         present(FRI, "confirmed"), replace(CONFIRMED, pending={"status": "confirmed"}),
         fresh(FRI, pending={"status": ""}), Verdict(**STAFF_MOVED, cells={"status": ""}, shown=True)),
    Case("a confirmed that came with the new start is staff's word", former(WED, ""), present(FRI, "confirmed"),
         standing(), fresh(FRI), Verdict(**STAFF_MOVED)),
    *(
        Case(f"a {word} that stood there before the start changed is asked about", former(WED, word),
             present(FRI, word), None, fresh(FRI, 0, hold_reason=f"{word} from before the start changed"),
             Verdict(action="moved_by_staff", left=WED, ask=Ask.IS_IT_ON))
        for word in ("cancelled", "no-show", "done")
    ),
    Case("a customer's cancel that stood there before the start changed is asked about", former(WED, "cancelled"),
         present(FRI, "cancelled"), CANCELLED, fresh(FRI, hold_reason="cancelled from before the start changed"),
         Verdict(**STAFF_MOVED, ask=Ask.IS_IT_ON)),
    Case("the held visit stays held", former(FRI, "cancelled"), present(FRI, "cancelled"), HELD),
    Case("blanking the old word says that the visit is on", former(FRI, "cancelled"), present(FRI, ""), HELD,
         replace(HELD, hold_reason="", reopened_at=NOW), Verdict(resume=F)),
    Case("another word says that the visit is off", former(FRI, "cancelled"), present(FRI, "done"), HELD,
         replace(HELD, hold_reason="")),
    Case("a held visit that moves again is asked about again", former(FRI, "cancelled"), present(SAT, "cancelled"),
         HELD,
         fresh(SAT, hold_reason="cancelled from before the start changed"),
         Verdict(action="moved_by_staff", left=FRI, resume=S, ask=Ask.IS_IT_ON)),
    Case("a start that returns starts anew, without its old reply", former(FRI), present(WED), standing(FRI),
         fresh(WED),
         Verdict(action="moved_by_staff", left=FRI, resume=W)),
    # bad rows
    Case("a row turned bad is left alone", former(), present(None), standing()),
    Case("a confirmed row turned bad is remembered, so that its mark isn't taken for the new start's",
         former(WED, "confirmed"), present(None, "confirmed"), None, fresh(WED, 0)),
    Case("a bad row mended with a new start is a new chain", former(None, "confirmed"), present(FRI, "confirmed"),
         fresh(WED), fresh(FRI, pending={"status": ""}), Verdict(**STAFF_MOVED, cells={"status": ""})),
    Case("a bad row mended as it was takes its sends up again", former(None), present(WED), standing(),
         expected=Verdict(resume=W)),
    # the standing's own edits
    Case("an edit that isn't written yet wins", former(), present(),
         replace(CONFIRMED, pending={"status": "confirmed"})),
    Case("an edit that isn't written yet wins over a start that staff changed", former(WED), present(SAT),
         replace(MOVED, pending={"date": "4 Dec 2026"}), expected=Verdict()),
    Case("an edit that the sheet shows is done", former(), present(status="Confirmed"),
         replace(CONFIRMED, pending={"status": "confirmed"}), CONFIRMED, Verdict(shown=True)),
    Case("a move that the sheet shows is done", former(WED), present(FRI, "moved"),
         replace(MOVED, pending={"date": "4 Dec 2026", "time": "10:00am", "status": "moved"}), MOVED,
         Verdict(shown=True, resume=F)),
    Case("a move is not shown by its status alone", former(WED), present(WED, "moved"),
         replace(MOVED, pending={"date": "4 Dec 2026", "status": "moved"}), expected=Verdict()),
    Case("a cleared cell that is blank is done", former(FRI, "confirmed"), present(FRI, ""),
         fresh(FRI, pending={"status": ""}), fresh(FRI), Verdict(shown=True, resume=F)),
    Case("a written mark that was blanked is written again", former(), present(),
         replace(CONFIRMED, pending={"status": "confirmed"}), replace(CONFIRMED, pending={"status": "confirmed"}),
         Verdict(shown=True, cells={"status": "confirmed"}), Facts(NOW, written=True)),
    Case("staff's word after the mark was written is theirs", former(), present(status="no-show"),
         replace(CONFIRMED, pending={"status": "confirmed"}), CONFIRMED, Verdict(shown=True, freed=WED),
         Facts(NOW, written=True)),
    # an export must not take back a move
    Case("the start that the customer left comes back: asked, the customer's stays", former(FRI, "moved"),
         present(WED, ""), MOVED, replace(MOVED, contested=True), Verdict(ask=Ask.START)),
    Case("a start that an earlier move left is no edit either", former(FRI, "moved"), present(SAT), MOVED,
         replace(MOVED, contested=True), Verdict(ask=Ask.START), Facts(NOW, left=frozenset({SAT, WED}))),
    Case("a written move that an export took back at once is asked about", former(WED), present(WED),
         replace(MOVED, pending={"date": "4 Dec 2026"}), replace(MOVED, contested=True),
         Verdict(ask=Ask.START, shown=True), Facts(NOW, written=True)),
    Case("a contested visit waits for its answer", former(WED), present(WED, "booked"), replace(MOVED, contested=True),
         facts=Facts(NOW, left=frozenset({WED})), expected=Verdict()),
    Case("a contested visit whose own start is back is settled", former(WED), present(FRI, "moved"),
         replace(MOVED, contested=True), MOVED, Verdict(resume=F), Facts(NOW, left=frozenset({WED}))),
    Case("a third start is staff's own edit", former(FRI, "moved"), present(SAT, "moved"), MOVED, fresh(SAT),
         Verdict(action="moved_by_staff", left=FRI, resume=S)),
    Case("a third start settles a dispute", former(WED), present(SAT), replace(MOVED, contested=True), fresh(SAT),
         Verdict(action="moved_by_staff", left=FRI, resume=S), Facts(NOW, left=frozenset({WED}))),
    Case("disputed cells that are as they were asked about wait", former(WED), present(SAT, "x"),
         replace(CONFIRMED, contested=True), facts=Facts(NOW, disputed=(present(SAT, "x").cells,)),
         expected=Verdict()),
    Case("while staff are asked which start is right, an answer's blanked mark is written back",
         former(WED, "confirmed"), present(WED), replace(MOVED, answer=Answer.CONFIRMED, contested=True),
         replace(MOVED, answer=Answer.CONFIRMED, contested=True, pending={"status": "confirmed"}),
         Verdict(cells={"status": "confirmed"}), Facts(NOW, left=frozenset({WED}))),
    Case("an answer's mark beside the disputed start settles nothing", former(SAT), present(SAT, "confirmed"),
         replace(CONFIRMED, contested=True), facts=Facts(NOW, disputed=(present(SAT, "x").cells,)),
         expected=Verdict()),
    Case("a blank beside the disputed start settles nothing, and the answer's mark is written back",
         former(SAT, "confirmed"), present(SAT), replace(CONFIRMED, contested=True),
         replace(CONFIRMED, contested=True, pending={"status": "confirmed"}),
         Verdict(cells={"status": "confirmed"}), Facts(NOW, disputed=(present(SAT, "x").cells,))),
    # status words
    Case("a reply's mark in the cell needs nothing", former(status="confirmed"), present(status="confirmed"),
         CONFIRMED),
    Case("a blank never undoes a reply: the mark is written back", former(status="confirmed"), present(), CONFIRMED,
         replace(CONFIRMED, pending={"status": "confirmed"}), Verdict(cells={"status": "confirmed"}, resume=W)),
    Case("an export's moved doesn't undo a confirm", former(FRI, "confirmed"), present(FRI, "moved"),
         replace(MOVED, answer=Answer.CONFIRMED),
         replace(MOVED, answer=Answer.CONFIRMED, pending={"status": "confirmed"}),
         Verdict(cells={"status": "confirmed"}, resume=F)),
    Case("a blanked moved is written back", former(FRI, "moved"), present(FRI), MOVED,
         replace(MOVED, pending={"status": "moved"}), Verdict(cells={"status": "moved"}, resume=F)),
    Case("an unknown word says as much as a blank and isn't written over", former(status="cancelled"),
         present(status="VIP"), CANCELLED, expected=Verdict(resume=W)),
    Case("booked reopens where the cell said nothing before the reply", former(status="cancelled"),
         present(status="booked"), CANCELLED, replace(CANCELLED, **REOPENED), Verdict(action="reopened", resume=W)),
    Case("booked that stood there before the reply is asked about", former(status="cancelled"),
         present(status="Booked"), replace(CANCELLED, cell_before="booked"),
         expected=Verdict(ask=Ask.BOOKED, resume=W)),
    Case("staff's word over a reply is authority and leaves the reply", former(status="confirmed"),
         present(status="cancelled"), CONFIRMED, expected=Verdict(freed=WED)),
    Case("a blank undoes staff's word and the reply stands again", former(status="no-show"), present(), CONFIRMED,
         replace(CONFIRMED, pending={"status": "confirmed"}), Verdict(cells={"status": "confirmed"}, resume=W)),
    Case("staff's cancelled needs no standing", former(), present(status="cancelled"), None),
    Case("a blank undoes what staff wrote: reopened", former(status="cancelled"), present(), None,
         fresh(WED, 0, reopened_at=NOW), Verdict(action="reopened")),
    Case("booked undoes what staff wrote: reopened", former(status="confirmed"), present(status="booked"), standing(),
         standing(reopened_at=NOW), Verdict(action="reopened", resume=W)),
    Case("staff's blank over their own word on a moved visit reopens it and restores the mark",
         former(FRI, "confirmed"),
         present(FRI), MOVED, replace(MOVED, reopened_at=NOW, pending={"status": "moved"}),
         Verdict(action="reopened", cells={"status": "moved"}, resume=F)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_sheet_and_standing_come_together(case: Case) -> None:
    verdict = reconcile(case.row, case.now, case.standing, case.facts)
    assert verdict == replace(case.expected, standing=case.stored)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_verdict_that_was_stored_is_not_given_twice(case: Case) -> None:
    """A run that dies after storing the standing is made good by the next, without a second chain or question."""
    first = reconcile(case.row, case.now, case.standing, case.facts)
    stored = replace(first.standing, rev=first.standing.rev + 1) if first.standing else case.standing
    again = reconcile(case.row, case.now, stored, replace(case.facts, written=False))
    assert again.left is None or case.standing is None
    assert again.standing is None or again.standing.chain == (stored.chain if stored else "")
