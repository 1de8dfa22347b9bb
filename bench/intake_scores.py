"""How near the proposals come to what they should be: right, wrong and missed values, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.corpus import FIELDS, Expected

KIND, DOUBT = "kind", "marked doubtful"
ROWS = (KIND, *FIELDS, DOUBT)
_WORDS = ("customer", "service", "staff")
"""Compared without regard to case and spaces; the others to the letter."""


@dataclass(frozen=True, slots=True)
class Found:
    """One proposal as it was made."""

    kind: str
    reader: str
    values: Mapping[str, str]
    doubtful: frozenset[str] = frozenset()
    flags: tuple[str, ...] = ()


@dataclass
class Count:
    """Of one field. A wrong value where another was wanted is wrong, and the wanted one is missed as well."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """Of what was filled, how much is right; None if nothing was filled."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Of what should have been filled, how much is; None if nothing should have been."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None


@dataclass
class Tally:
    """The counts of several mails, by field. Of doubts only the missed ones count: more doubt is no fault."""

    counts: dict[str, Count] = field(default_factory=lambda: {name: Count() for name in ROWS})

    def add(self, expected: Sequence[Expected], found: Sequence[Found]) -> None:
        """Count one mail's proposals against those that it should make, each with the one most like it."""
        pairs = paired(expected, found)
        for wanted, made in pairs:
            self._add_pair(wanted, made)
        for wanted in _left(expected, [pair[0] for pair in pairs]):
            self.counts[KIND].missed += 1
            for name, allowed in wanted.values.items():
                self.counts[name].missed += "" not in allowed
            self.counts[DOUBT].missed += len(wanted.doubtful)
        for made in _left(found, [pair[1] for pair in pairs]):
            self.counts[KIND].wrong += 1
            for name in FIELDS:
                self.counts[name].wrong += bool(made.values.get(name))

    def _add_pair(self, wanted: Expected, made: Found) -> None:
        self._count(KIND, (wanted.kind,), made.kind)
        for name in FIELDS:
            self._count(name, wanted.values.get(name, ("",)), made.values.get(name, ""))
        self.counts[DOUBT].right += len(wanted.doubtful & made.doubtful)
        self.counts[DOUBT].missed += len(wanted.doubtful - made.doubtful)

    def _count(self, name: str, allowed: Sequence[str], value: str) -> None:
        count = self.counts[name]
        if not value:
            count.missed += "" not in allowed
        elif same(name, allowed, value):
            count.right += 1
        else:
            count.wrong += 1
            count.missed += "" not in allowed


def same(name: str, allowed: Sequence[str], value: str) -> bool:
    """Whether the value is one of those that will do."""
    return _plain(name, value) in {_plain(name, other) for other in allowed}


def faults(wanted: Expected, made: Found) -> list[str]:
    """What is not as it should be in one proposal, in words."""
    told = [
        f"{name} is {made.values.get(name, '')!r}, not {' or '.join(map(repr, allowed))}"
        for name, allowed in wanted.values.items()
        if not same(name, allowed, made.values.get(name, ""))
    ]
    if made.kind != wanted.kind:
        told.append(f"kind is {made.kind}, not {wanted.kind}")
    told += [f"{name} isn't marked doubtful" for name in sorted(wanted.doubtful - made.doubtful)]
    told += [
        f"no flag says {words!r}" for words in wanted.must_flag if words.lower() not in " ".join(made.flags).lower()
    ]
    return told


def paired(expected: Sequence[Expected], found: Sequence[Found]) -> list[tuple[Expected, Found]]:
    """Each wanted proposal with the made one that is most like it, the closest pairs first."""
    likeness = sorted(
        ((-_agreement(wanted, made), i, j) for i, wanted in enumerate(expected) for j, made in enumerate(found))
    )
    pairs: dict[int, int] = {}
    for _, i, j in likeness:
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return [(expected[i], found[j]) for i, j in sorted(pairs.items())]


def _agreement(wanted: Expected, made: Found) -> int:
    return (wanted.kind == made.kind) + sum(
        bool(made.values.get(name)) and same(name, allowed, made.values[name])
        for name, allowed in wanted.values.items()
    )


def _left(whole: Sequence, taken: Sequence) -> list:
    return [one for one in whole if not any(one is other for other in taken)]


def _plain(name: str, value: str) -> str:
    return " ".join(value.casefold().split()) if name in _WORDS else value
