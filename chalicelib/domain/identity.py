"""Which row is which: ids that are doubled, and rows that lost theirs when an export was pasted over the sheet.

Everything is keyed on `appt_id` (DESIGN §4.1). A row without one is first looked for among those that the last mirror
had and this sheet hasn't, so that a paste doesn't restart chains; only then is it new.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.appointment import Problem
from chalicelib.domain.cell_text import one_line, quoted
from chalicelib.domain.mirror import MirrorRow

Likeness = tuple[str, str, str]
"""Customer, contact and service, folded."""

LONGEST_ID = 8
"""Characters of an id that we give."""
LONGEST_TAKEN = 64
"""Characters of an id that we take: it is part of keys, links and buttons, which all have an end."""


@dataclass(frozen=True, slots=True)
class Nameless:
    """A row of the sheet whose id is blank. `start` is None where date or time can't be read."""

    line: int
    values: Mapping[str, str]
    start: datetime | None


def doubled(ids: Iterable[str]) -> frozenset[str]:
    """The ids that more than one row has, compared exactly. Blank is no id."""
    return frozenset(appt_id for appt_id, count in Counter(ids).items() if appt_id and count > 1)


def read_id(appt_id: str) -> Problem | None:
    """What is wrong with an id that the sheet has; None if it can be used."""
    if len(appt_id) <= LONGEST_TAKEN:
        return None
    return Problem(
        "appt_id",
        f"{quoted(appt_id)} has {len(appt_id)} characters; at most {LONGEST_TAKEN} can be used. Nothing is sent for "
        "this visit until it is shorter; clear the cell and it gets another.",
    )


def short_id(appt_id: str) -> str:
    """The id as a message may name it: itself, or the beginning of one that isn't taken."""
    return appt_id if len(appt_id) <= LONGEST_TAKEN else f"{one_line(appt_id)[:20]}…"


def find_again(nameless: Sequence[Nameless], missing: Sequence[MirrorRow]) -> dict[int, str]:
    """Line -> the id that its row had, for rows that are recognised among the mirror's `missing` ones.

    First the same customer, contact, service and start; of the others the only one with the same customer, contact
    and service, if it is the only one on both sides.
    """
    found: dict[int, str] = {}
    left_rows = list(nameless)
    left_former = list(missing)
    for exact in (True, False):
        by_key: dict[object, list[MirrorRow]] = defaultdict(list)
        for former in left_former:
            by_key[likeness(former.values)].append(former)
        rows_by_key: dict[object, list[Nameless]] = defaultdict(list)
        for row in left_rows:
            rows_by_key[likeness(row.values)].append(row)
        for key, rows in rows_by_key.items():
            candidates = by_key.get(key, [])
            if exact:
                _pair_by_start(rows, candidates, found)
            elif len(rows) == 1 and len(candidates) == 1:
                found[rows[0].line] = candidates[0].appt_id
        taken = set(found.values())
        left_rows = [row for row in left_rows if row.line not in found]
        left_former = [former for former in left_former if former.appt_id not in taken]
    return found


def _pair_by_start(rows: Sequence[Nameless], candidates: Sequence[MirrorRow], found: dict[int, str]) -> None:
    free = list(candidates)
    for row in rows:
        for former in free:
            if _same_start(row, former):
                found[row.line] = former.appt_id
                free.remove(former)
                break


def _same_start(row: Nameless, former: MirrorRow) -> bool:
    """The same instant, or the same cells: a date without a year may be read for another one by now."""
    if row.start is not None and row.start == former.start:
        return True
    if not row.values.get("date", "").strip():
        return False
    return all(_fold(row.values.get(c, "")) == _fold(former.values.get(c, "")) for c in ("date", "time"))


def likeness(values: Mapping[str, str]) -> Likeness:
    """Who comes for what. The contact is the phone's digits, or the e-mail address where there is no phone."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", values.get("phone", "")) if c.isdigit())
    contact = digits or _fold(values.get("email", ""))
    return _fold(values.get("customer", "")), contact, _fold(values.get("service", ""))


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def new_id(tail: str, taken: Iterable[str]) -> str | None:
    """An id of at most eight characters made of a random tail; None if it is taken.

    It begins with a letter and a dash, so that no spreadsheet reads it as a number (`1E234567` would be one).
    """
    letters = "".join(c for c in tail if c.isalnum())[-(LONGEST_ID - 2) :].upper()
    made = f"A-{letters}"
    return None if made in set(taken) or not letters else made
