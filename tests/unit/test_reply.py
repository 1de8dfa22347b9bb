"""How a visit stands for a reply, and which answers apply to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.appointment import Appointment, Status, chain_id
from chalicelib.domain.reply import Outcome, Present, Stand, judge, present
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.standing import Answer, Standing

START = datetime(2026, 11, 26, 1, tzinfo=UTC)
NOW = START - timedelta(days=1)
CHAIN = chain_id(START)


def visit(status: Status = Status.NONE) -> Appointment:
    return Appointment("A-17", "Mei", "Dental cleaning", START, status=status)


def held(answer: Answer, chain: str = CHAIN, **more: object) -> Standing:
    return Standing("A-17", chain, answer, answered_by="customer", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "standing", "stand"),
    [
        (Status.NONE, None, Stand.OPEN),
        (Status.BOOKED, None, Stand.OPEN),
        (Status.CONFIRMED, None, Stand.CONFIRMED),
        (Status.CANCELLED, None, Stand.CANCELLED),
        (Status.NO_SHOW, None, Stand.ENDED),
        (Status.DONE, None, Stand.ENDED),
        (Status.NONE, held(Answer.CONFIRMED), Stand.CONFIRMED),
        (Status.BOOKED, held(Answer.CANCELLED), Stand.CANCELLED),
        (Status.CONFIRMED, held(Answer.CANCELLED), Stand.CONFIRMED),
        (Status.CANCELLED, held(Answer.CONFIRMED), Stand.CANCELLED),
        (Status.CONFIRMED, held(Answer.CANCELLED, pending={"status": "cancelled"}), Stand.CANCELLED),
        (Status.CONFIRMED, held(Answer.OPEN, pending={"status": "moved"}), Stand.OPEN),
        (Status.CANCELLED, held(Answer.OPEN, contested=True), Stand.OPEN),
        (Status.NONE, held(Answer.CONFIRMED, chain="20261127T0100Z"), Stand.OPEN),
    ],
)
def test_the_standing_wins_while_it_waits_then_the_sheet_then_the_reply(
    status: Status, standing: Standing | None, stand: Stand
) -> None:
    assert present(visit(status), standing).stand is stand


def test_only_the_customers_own_cancel_can_be_taken_back() -> None:
    ends = NOW + timedelta(minutes=10)
    own = held(Answer.CANCELLED, undo_until=ends)
    assert present(visit(), own).offers(ReplyAction.UNDO, NOW)
    assert not present(visit(), own).offers(ReplyAction.UNDO, ends)
    assert not present(visit(Status.DONE), own).offers(ReplyAction.UNDO, NOW)
    assert not present(visit(Status.CANCELLED), None).offers(ReplyAction.UNDO, NOW)


@pytest.mark.parametrize(
    ("stand", "action", "outcome"),
    [
        (Stand.OPEN, ReplyAction.CONFIRM, None),
        (Stand.OPEN, ReplyAction.CANCEL, None),
        (Stand.OPEN, ReplyAction.UNDO, Outcome.ALREADY_DONE),
        (Stand.CONFIRMED, ReplyAction.CONFIRM, Outcome.ALREADY_CONFIRMED),
        (Stand.CONFIRMED, ReplyAction.CANCEL, None),
        (Stand.CONFIRMED, ReplyAction.RESCHEDULE, None),
        (Stand.CANCELLED, ReplyAction.CONFIRM, Outcome.ALREADY_CANCELLED),
        (Stand.CANCELLED, ReplyAction.CANCEL, Outcome.ALREADY_CANCELLED),
        (Stand.CANCELLED, ReplyAction.UNDO, Outcome.NOT_OFFERED),
        (Stand.ENDED, ReplyAction.CONFIRM, Outcome.NOT_OFFERED),
        (Stand.ENDED, ReplyAction.CANCEL, Outcome.NOT_OFFERED),
    ],
)
def test_an_answer_that_has_nothing_to_do_says_why(stand: Stand, action: ReplyAction, outcome: Outcome | None) -> None:
    assert judge(action, Present(stand, START, CHAIN), NOW) is outcome


def test_nothing_applies_once_the_visit_has_begun() -> None:
    state = Present(Stand.OPEN, START, CHAIN)
    assert judge(ReplyAction.CONFIRM, state, START) is Outcome.EXPIRED
    assert judge(ReplyAction.CONFIRM, state, START - timedelta(seconds=1)) is None


def test_an_answer_about_another_start_does_not_apply() -> None:
    state = Present(Stand.OPEN, START, CHAIN)
    assert judge(ReplyAction.CANCEL, state, NOW, "20261127T0100Z") is Outcome.CHANGED
    assert judge(ReplyAction.RESCHEDULE, state, NOW, "20261125T0100Z", START) is Outcome.ALREADY_MOVED
