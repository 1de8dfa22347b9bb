"""The brake: a sync that would drop or move too many upcoming visits is not taken before somebody says so.

DESIGN §6: a changed start or a row turned bad counts, a row that says cancelled doesn't. What the refused sheet drops
or changes is held; the other rows go on from the last good mirror.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

GONE = "gone"
BAD = "bad"


@dataclass(frozen=True, slots=True)
class Change:
    """What the sheet would do to one upcoming visit of the last good mirror.

    `becomes` is the new start's chain id, GONE or BAD for what the brake counts, and "" for any other change.
    """

    appt_id: str
    becomes: str = ""


@dataclass(frozen=True, slots=True)
class Braking:
    """A refused sheet: who is held, and what it would do (id -> new chain id, `gone` or `bad`) of how many visits."""

    held: tuple[str, ...]
    would: Mapping[str, str] = field(default_factory=dict)
    upcoming: int = 0


def brake(changes: Iterable[Change], upcoming: int, share: float, rows: int) -> Braking | None:
    """None if the sheet may be taken; else what it would do.

    `upcoming` is how many visits lie ahead in the last good mirror, those that are cancelled left out. Refused are
    more than `share` of them, if that is at least `rows`.
    """
    all_changes = list(changes)
    would = {change.appt_id: change.becomes for change in all_changes if change.becomes}
    if len(would) < max(rows, 1) or len(would) <= share * upcoming:
        return None
    return Braking(tuple(sorted(change.appt_id for change in all_changes)), would, upcoming)


def covers(asked: Mapping[str, str], would: Mapping[str, str]) -> bool:
    """Whether a question that was asked covers a sheet: it does nothing that was not in the question."""
    return all(asked.get(appt_id) == becomes for appt_id, becomes in would.items())
