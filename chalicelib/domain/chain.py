"""One chain as a decision sees it: the start that counts, what was sent, and whether anything still may be.

The sheet is the shop's and the standing is ours; this module says which of them counts (DESIGN §4.1 and §6):

- A standing that *wins* (its sheet edit isn't seen in a mirror yet, or staff were asked about another start) has the
  start, the first sight and the answer. Where its edit includes the status cell, the edited text is the status.
- Otherwise the row's start counts. A standing on that chain adds its answer, its sends and its holds; a standing on
  another chain says nothing of this one: the sync will start the new chain from the row.
- Status words in the row are authority (`cancelled`, `no-show`, `done`, `confirmed` end the reminders). A reply's
  answer stands over a blank or `booked` cell, because the sync takes it out of the standing when staff reopen.

A doubt closes the chain: a reminder that waits for the next sync is better than one that should not have gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.domain.appointment import Appointment, Status, Window, chain_start
from chalicelib.domain.plan import Seen
from chalicelib.domain.rules_since import windows_taken
from chalicelib.domain.standing import Answer, Standing
from chalicelib.domain.status import read_status

if TYPE_CHECKING:
    from chalicelib.domain.mirror import MirrorRow

GAP = "gap"
"""The gap alert's key in `sent`."""


@dataclass(frozen=True, slots=True)
class ChainState:
    """An appointment, at the start that counts, with all that was done and said on its chain.

    `closed` is blank while messages may go, else why they may not. `row_since` is the latest sync that took the row's
    service or reminders cell after first sight. `sent` has window keys (and `gap`) and the minutes of their sends.
    """

    appointment: Appointment
    first_seen: datetime
    own_move: bool = False
    moved_at: datetime | None = None
    reopened_at: datetime | None = None
    row_since: datetime | None = None
    closed: str = ""
    sent: Mapping[str, datetime] = field(default_factory=dict)
    answer: Answer = Answer.OPEN

    @property
    def reminded(self) -> Mapping[str, datetime]:
        """The sends to the customer: every one but the gap alert, which is staff's."""
        return {key: at for key, at in self.sent.items() if key != GAP}


def chain_state(row: MirrorRow, appointment: Appointment, standing: Standing | None, held: bool) -> ChainState:
    """The chain that counts for this mirrored row.

    `appointment` is what was read from the row, `held` whether the brake holds it. Raises ValueError for a row
    without `first_seen`, which isn't acted on and so never gets here.
    """
    if row.first_seen is None:
        raise ValueError(f"row {row.line} has no first_seen: it isn't acted on")
    if standing is not None and (standing.wins or standing.chain == appointment.chain):
        return _with_standing(row, row.first_seen, appointment, standing, held)
    return ChainState(
        appointment=appointment,
        first_seen=row.first_seen,
        row_since=row.since,
        closed=_held(held) or _closed_by_status(appointment.status),
    )


def _with_standing(
    row: MirrorRow, first_seen: datetime, appointment: Appointment, standing: Standing, held: bool
) -> ChainState:
    """The standing's chain: it is the row's too, or else it wins over the row's."""
    if standing.wins:
        first_seen = standing.first_seen or first_seen
        if standing.chain != appointment.chain:
            appointment = replace(appointment, start=chain_start(standing.chain))
        if "status" in standing.pending:
            # The cell still shows what our own edit replaces: the edit is the status.
            appointment = replace(appointment, status=read_status(standing.pending["status"])[0])
        elif standing.moved_from is not None and _is_an_old_confirmation(appointment.status, standing):
            appointment = replace(appointment, status=Status.NONE)
    return ChainState(
        appointment=appointment,
        first_seen=first_seen,
        own_move=standing.moved_from is not None,
        moved_at=standing.moved_at,
        reopened_at=standing.reopened_at,
        row_since=row.since,
        closed=_held(held) or _closed_by_standing(standing) or _closed_by_status(appointment.status),
        sent=standing.sent,
        answer=standing.answer,
    )


def _is_an_old_confirmation(status: Status, standing: Standing) -> bool:
    """An export that brings the old start back brings its `confirmed` back too: it is the old chain's (§4.1)."""
    return status is Status.CONFIRMED and read_status(standing.cell_before)[0] is Status.CONFIRMED


def _held(held: bool) -> str:
    """The brake (DESIGN §6): the sheet that drops or changes this row has not been taken, nor refused."""
    return "held: a changed sheet waits for staff to take it" if held else ""


def _closed_by_standing(standing: Standing) -> str:
    """What our own record says against sending on its chain."""
    by = f" by {standing.answered_by}" if standing.answered_by else ""
    if standing.answer is Answer.CONFIRMED:
        return f"confirmed{by}"
    if standing.answer is Answer.CANCELLED:
        return f"cancelled{by}"
    if standing.hold_reason:
        return standing.hold_reason
    if standing.contested and standing.moved_from is None:
        # A customer's own move keeps its start, and its reminders, while staff are asked (DESIGN §4.1). Any other
        # contest leaves no start that is sure enough to be reminded of.
        return "staff were asked which time is right"
    return ""


def _closed_by_status(status: Status) -> str:
    """What staff's word in the status cell says against sending."""
    if status.ends_the_visit or status is Status.CONFIRMED:
        return f"{status.value} in the sheet"
    return ""


def seen(state: ChainState, windows: Sequence[Window], rules_since: Mapping[str, Mapping[str, str]]) -> Seen:
    """What the plan needs to know of how this chain came to be.

    `rules_since` is the record of `rules_since.windows_since`; it says nothing of windows that the row's own
    `reminders` cell gives.
    """
    own = state.appointment.reminders is not None
    taken = {} if own else windows_taken(rules_since, state.appointment.service)
    edits = [at for at in (state.row_since, state.reopened_at) if at is not None]
    since: dict[Window, datetime] = {}
    for window in windows:
        latest = max([*edits, *([taken[window]] if window in taken else [])], default=None)
        if latest is not None:
            since[window] = latest
    return Seen(state.first_seen, state.own_move, state.moved_at, since)
