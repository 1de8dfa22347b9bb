"""How a visit stands when somebody answers, and whether that answer applies (DESIGN §7).

A press never scolds: one that has nothing left to do is told apart from one that did something only by its outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.appointment import Appointment, Status
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.standing import Answer, Standing

UNDO_FOR = timedelta(minutes=10)


class Stand(StrEnum):
    """How the visit stands, whoever said so."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    ENDED = "ended"  # no-show or done, by staff


class Outcome(StrEnum):
    """What became of an answer. Only DONE changed anything."""

    DONE = "done"
    ALREADY_CONFIRMED = "already confirmed"
    ALREADY_CANCELLED = "already cancelled"
    ALREADY_MOVED = "already moved"
    ALREADY_DONE = "already done"  # this very press was made before, or what it asks for is so
    JUST_TAKEN = "just taken"
    NOT_OFFERED = "not offered"
    CHANGED = "changed"  # the visit is at another time than the one that was answered
    EXPIRED = "expired"  # the visit has begun
    GONE = "gone"  # the row is gone from the sheet, or can't be read
    REFUSED = "refused"  # a token that isn't good
    BUSY = "busy"  # nothing was changed; trying again may help


@dataclass(frozen=True, slots=True)
class Present:
    """A visit's present state, as replies see it."""

    stand: Stand
    start: datetime
    chain: str
    undo_until: datetime | None = None  # set only while a cancel can be taken back

    def offers(self, action: ReplyAction, now: datetime) -> bool:
        """Whether the page may show this button. Opting out is asked elsewhere."""
        if now >= self.start:
            return False
        match action:
            case ReplyAction.CONFIRM:
                return self.stand is Stand.OPEN
            case ReplyAction.RESCHEDULE | ReplyAction.CANCEL:
                return self.stand in (Stand.OPEN, Stand.CONFIRMED)
            case ReplyAction.UNDO:
                return self.stand is Stand.CANCELLED and self.undo_until is not None and now < self.undo_until
        return False


def present(appointment: Appointment, standing: Standing | None) -> Present:
    """How the visit stands. `appointment` has the start that counts.

    A standing that wins is right. Else the sheet's own word is (DESIGN §6); where it has none, the reply on this
    chain is: a cell that says nothing undoes no reply.
    """
    ours = standing if standing is not None and standing.chain == appointment.chain else None
    if ours is not None and ours.wins:
        stand = Stand(ours.answer.value)
    elif appointment.status is Status.CONFIRMED:
        stand = Stand.CONFIRMED
    elif appointment.status is Status.CANCELLED:
        stand = Stand.CANCELLED
    elif appointment.status.ends_the_visit:
        stand = Stand.ENDED
    else:
        stand = Stand(ours.answer.value) if ours is not None else Stand.OPEN
    own = ours is not None and ours.answer is not Answer.OPEN and ours.answer.value == stand.value
    return Present(
        stand=stand,
        start=appointment.start,
        chain=appointment.chain,
        undo_until=ours.undo_until if ours is not None and own and stand is Stand.CANCELLED else None,
    )


def judge(
    action: ReplyAction, state: Present, now: datetime, chain: str = "", slot: datetime | None = None
) -> Outcome | None:
    """Why this answer has nothing to do; None if it applies.

    `chain` is the start that was answered ("" if the answer is about the visit whatever its time); `slot` is where
    a move goes. A press that was made before finds what it asked for.
    """
    if action is ReplyAction.RESCHEDULE and slot == state.start:
        return Outcome.ALREADY_MOVED
    if chain and chain != state.chain:
        return Outcome.CHANGED
    if now >= state.start:
        return Outcome.EXPIRED
    if state.offers(action, now):
        return None
    if action is ReplyAction.UNDO:
        return Outcome.NOT_OFFERED if state.stand is Stand.CANCELLED else Outcome.ALREADY_DONE
    if state.stand is Stand.CANCELLED:
        return Outcome.ALREADY_CANCELLED
    if state.stand is Stand.CONFIRMED and action is ReplyAction.CONFIRM:
        return Outcome.ALREADY_CONFIRMED
    return Outcome.NOT_OFFERED
