"""What we hold of an appointment between ticks: one record, one revision, changed only by conditional writes.

The sheet is the shop's; the standing is ours. A reply changes the standing at once and books the sheet edit;
until a mirror has shown the written value the standing wins, from then on the sheet does (DESIGN §6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Answer(StrEnum):
    """How the visit stands on its present chain, by a customer's reply or a staff member's press."""

    OPEN = "open"  # nobody answered: the only state in which reminders go out
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Standing:
    """One appointment's standing. `rev` is 0 for one that isn't stored yet; instants are UTC."""

    appt_id: str
    chain: str
    answer: Answer = Answer.OPEN
    reply_id: str = ""  # `replied_at` of the reply that gave this answer or this start; "" if none
    answered_by: str = ""  # `customer`, or the Slack user's name
    answered_at: datetime | None = None
    cell_before: str = ""  # what the status cell said before that reply
    status_before: str = ""  # after a cancel: the status cell that Undo restores
    moved_from: datetime | None = None  # the start that the customer's own reply left
    first_seen: datetime | None = None  # for a customer's move: the press; else None (the mirror's counts)
    moved_at: datetime | None = None  # the minute that this chain's `moved` went or is booked for
    reopened_at: datetime | None = None  # the sync or press that reopened the visit
    pending: Mapping[str, str] = field(default_factory=dict)  # sheet cells written by us, not yet seen in a mirror
    contested: bool = False  # the sheet shows another start, and staff have been asked: the standing wins
    hold_reason: str = ""  # why nothing is sent although nobody answered ("" : nothing holds it)
    sent: Mapping[str, datetime] = field(default_factory=dict)  # window key (or `gap`) -> when it was armed
    outcomes: Mapping[str, str] = field(default_factory=dict)  # window key -> "passed: ..." | "skipped: ...", told
    undo_until: datetime | None = None  # after a cancel: how long the page offers Undo
    rev: int = 0

    @property
    def wins(self) -> bool:
        """True while this standing's own start and answer count, whatever the mirror says."""
        return bool(self.pending) or self.contested
