"""A button that was pressed in Slack: acted upon once, and the message then says who did what (DESIGN §8).

A press is about one visit at one start. If the visit has moved on, nothing changes and the message says so. What
staff press sends the customer nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from chalicelib.domain import gap_buttons, proposal_actions, question
from chalicelib.domain.gap_buttons import read_subject
from chalicelib.domain.reply import Outcome
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.wording import local_minute
from chalicelib.runtime import Runtime
from chalicelib.usecases import answer_question, settle_proposal
from chalicelib.usecases.call_later import call_later
from chalicelib.usecases.reply_core import Reply, reply
from chalicelib.usecases.sync_drive import Take, sync_drive
from chalicelib.usecases.visit_words import visit_in_words

log = logging.getLogger(__name__)

Act = Callable[[Runtime, str, str, datetime], str]
"""(runtime, button's value, who, now) -> what the message says then; "" if that was seen to.

Raises ValueError for a value of no button."""


def settle_staff_action(
    rt: Runtime, action: str, value: str, user: str, channel: str, message: str, now: datetime | None = None
) -> str:
    """Act on a press and put what became of it into its message; returns that text.

    `channel` and `message` say where the button is, `user` who pressed. Safe to repeat: a second press, or the same
    one delivered again, changes nothing more. Raises UpstreamError or StoreError when it could not be done: then it
    comes again.
    """
    now = now or rt.clock()
    act = ACTS.get(action)
    if act is None:
        log.warning("unknown_staff_action", extra={"action": action})
        return ""
    try:
        text = act(rt, value, user, now)
    except ValueError as malformed:
        log.warning("unreadable_staff_action", extra={"action": action, "why": str(malformed)})
        text = "This button can't be read any more. Nothing was changed."
    log.info("staff_action", extra={"action": action})
    if message and text:
        rt.staff.settle(channel, message, text)
    return text


def _confirmed_by_phone(rt: Runtime, value: str, user: str, now: datetime) -> str:
    return _reply(rt, value, ReplyAction.CONFIRM, user, now, f"Confirmed by phone — {user}.")


def _cancelled(rt: Runtime, value: str, user: str, now: datetime) -> str:
    return _reply(rt, value, ReplyAction.CANCEL, user, now, f"Cancelled — {user}.")


def _reply(rt: Runtime, value: str, action: ReplyAction, user: str, now: datetime, done: str) -> str:
    """Staff's press as a reply of the visit, the staff member named."""
    appt_id, chain = read_subject(value)
    outcome = reply(rt, appt_id, action, user, "slack", now, chain=chain)
    words = visit_in_words(outcome.visit.appointment, rt.config.zone) if outcome.visit else f"Appointment {appt_id}"
    if outcome.outcome is Outcome.DONE or _was_their_own(outcome, user):
        return f"{done} {words}"
    return f"{words}: {_WHY_NOT.get(outcome.outcome, 'nothing was changed')}. ({user} pressed.)"


def _was_their_own(outcome: Reply, user: str) -> bool:
    """The same press, delivered twice."""
    standing = outcome.visit.standing if outcome.visit else None
    already = (Outcome.ALREADY_CONFIRMED, Outcome.ALREADY_CANCELLED, Outcome.ALREADY_DONE)
    return outcome.outcome in already and standing is not None and standing.answered_by == user


_WHY_NOT: Mapping[Outcome, str] = {
    Outcome.ALREADY_CONFIRMED: "it was confirmed already, nothing was changed",
    Outcome.ALREADY_CANCELLED: "it was cancelled already, nothing was changed",
    Outcome.CHANGED: "the visit is at another time by now, nothing was changed",
    Outcome.EXPIRED: "the visit's time has come, nothing was changed",
    Outcome.GONE: "its row is gone from the sheet, nothing was changed",
    Outcome.BUSY: "it was being changed at the same moment, please try again in the sheet",
}


def _take_sheet(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """The brake's button: the sync runs at once and takes what was asked about, no more."""
    report = sync_drive(rt, Take(value, user))
    at = local_minute(now, rt.config.zone)
    if report.took:
        return f"The sheet is taken as it is — {user}, {at}. Nothing is held any more."
    if report.refused:
        return (
            f"The sheet has changed since this was asked, and isn't taken: please look at the newer question. ({user})"
        )
    if not report.read:
        return f"The sheet could not be read as one, so nothing was changed. ({user}, {at})"
    return f"Nothing waits to be taken any more: the sheet is in force. ({user}, {at})"


ACTS: Mapping[str, Act] = {
    gap_buttons.CONFIRMED_BY_PHONE: _confirmed_by_phone,
    gap_buttons.CANCELLED_BY_STAFF: _cancelled,
    gap_buttons.CALL_LATER: call_later,
    question.TAKE_SHEET: _take_sheet,
    question.KEEP_START: answer_question.keep_start,
    question.BACK_TO_START: answer_question.back_to_start,
    question.REOPEN: answer_question.reopen,
    question.KEEP_ANSWER: answer_question.keep_answer,
    question.TAKE_CELL: answer_question.take_cell,
    question.VISIT_IS_ON: answer_question.visit_is_on,
    question.VISIT_IS_OFF: answer_question.visit_is_off,
    proposal_actions.APPROVE: settle_proposal.approve,
    proposal_actions.DISCARD: settle_proposal.discard,
    proposal_actions.EDIT: settle_proposal.look_again,
    proposal_actions.EDITED: settle_proposal.look_again,
}
