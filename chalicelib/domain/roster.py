"""The sheet as one sync reads it: every row with its id, its start or what is wrong, and the row it was before.

Pure, so that what a pasted, sorted or half-filled sheet becomes can be told by tables. What is written into the sheet
and what is told to whom is decided elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import carry
from chalicelib.domain.appointment import Problem
from chalicelib.domain.dates import read_start
from chalicelib.domain.identity import Nameless, doubled, find_again, read_id
from chalicelib.domain.mirror import MirrorRow
from chalicelib.domain.sheet import COLUMNS, Table
from chalicelib.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `start` is None exactly if `problem` says why. `counted` is False while its id isn't sure: then it is
    not acted on. `values` has the id that the row is meant to get, too."""

    line: int
    values: Mapping[str, str]
    start: datetime | None
    problem: Problem | None
    former: MirrorRow | None
    counted: bool = True
    doubled: bool = False

    @property
    def appt_id(self) -> str:
        return self.values["appt_id"]

    @property
    def acted_on(self) -> bool:
        """Whether the tick may look at it."""
        return self.counted and self.start is not None

    def changed(self) -> bool:
        """Whether anything that we look at is new or different from the last mirror."""
        if self.former is None or self.former.start != (self.start if self.counted else None):
            return True
        if self.former.start is None and self.start is not None:
            return True  # its id did not count, and may by the end of this sync: then it is to be settled
        return any(self.former.values.get(c, "").strip() != self.values.get(c, "").strip() for c in COLUMNS)


@dataclass(frozen=True, slots=True)
class Roster:
    """All rows of a sheet, and the ids that must be written into it (line -> id)."""

    entries: tuple[Entry, ...]
    wanted: Mapping[int, str]

    def with_counted(self, ids: Mapping[int, str]) -> Roster:
        """The same after these ids were written and seen."""
        entries = tuple(replace(e, counted=True) if ids.get(e.line) == e.appt_id else e for e in self.entries)
        return Roster(entries, {line: wanted for line, wanted in self.wanted.items() if line not in ids})


def read_roster(
    table: Table,
    mirror: Sequence[MirrorRow],
    terms: Terms,
    now: datetime,
    mint: Callable[[set[str]], str],
    reread: bool = False,
) -> Roster:
    """Every row of the sheet. `mint` makes an id that isn't among those given; `reread` reads every date again,
    because zone or date order changed: else a start whose cells are as they were is carried over."""
    rows = [(row.line, table.values(row)) for row in table.rows]
    ids = [values["appt_id"] for _, values in rows]
    twice = doubled(ids)
    former_by_id: dict[str, list[MirrorRow]] = defaultdict(list)
    for known in mirror:
        if known.appt_id:
            former_by_id[known.appt_id].append(known)
    today = now.astimezone(terms.zone).date()
    nameless = []
    for line, values in rows:
        if not values["appt_id"]:
            read = read_start(values["date"], values["time"], terms, today)
            nameless.append(Nameless(line, values, read if isinstance(read, datetime) else None))
    present = set(ids)
    missing = [group[0] for appt_id, group in former_by_id.items() if appt_id not in present and len(group) == 1]
    wanted = find_again(nameless, missing) if nameless else {}
    taken = present | set(former_by_id)
    entries = []
    for line, values in rows:
        named = bool(values["appt_id"])
        if not named:
            if line not in wanted:
                wanted[line] = mint(taken)
                taken.add(wanted[line])
            values["appt_id"] = wanted[line]
        former = _former(former_by_id.get(values["appt_id"], []), values)
        start = former.start if former and not reread and carry.same_texts(former, values) else None
        problem = None
        if start is None:
            day = carry.seen_on(former, values["date"], terms.zone, now)
            read = read_start(values["date"], values["time"], terms, day)
            start, problem = (read, None) if isinstance(read, datetime) else (None, read)
        unusable = read_id(values["appt_id"])
        if unusable is not None:
            start, problem = None, unusable
        is_doubled = values["appt_id"] in twice
        entries.append(Entry(line, values, start, problem, former, named and not is_doubled, is_doubled))
    return Roster(tuple(entries), wanted)


def _former(group: Sequence[MirrorRow], values: Mapping[str, str]) -> MirrorRow | None:
    """The row that this one was; of two with one id the one at the same date and time."""
    for former in group:
        if carry.same_texts(former, values):
            return former
    return group[0] if group else None
