"""The mails that the intake is judged by (tests/corpus), as values: what each holds and what it should propose."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
SETS = {"held out": CORPUS / "mails" / "held_out", "seen": CORPUS / "mails" / "seen"}
FIELDS = ("customer", "phone", "email", "service", "staff", "date", "time", "link")
BEGIN = "2026-11-24T08:00"
"""When the corpus is read, in the shop's zone."""


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop that gets a mail."""

    timezone: str
    country: str
    date_order: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """One proposal that should be made. Of each value, any of those named will do."""

    kind: str
    values: Mapping[str, tuple[str, ...]]
    doubtful: frozenset[str] = frozenset()
    must_flag: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One mail."""

    file: str
    path: Path
    shop: Shop
    outcomes: tuple[str, ...]
    proposals: tuple[Expected, ...]
    exact: bool
    needs: str = ""
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class Attack:
    """One mail or calendar event that attacks."""

    file: str
    path: Path
    at_most: int
    never_in_model_input: tuple[str, ...]
    never_in_fields: tuple[str, ...]
    never_in_slack: tuple[str, ...]
    obedient_answer: Mapping[str, Any] = field(default_factory=dict)


def cases(folder: Path) -> list[Case]:
    """The mails of a folder, in name order."""
    return [_case(folder, file, told) for file, told in _expected(folder)]


def attacks(folder: Path = CORPUS / "injections") -> list[Attack]:
    """The attacks, in name order."""
    return [
        Attack(
            file,
            folder / file,
            told["at_most"],
            tuple(told["never_in_model_input"]),
            tuple(told["never_in_fields"]),
            tuple(told["never_in_slack"]),
            told["obedient_answer"],
        )
        for file, told in _expected(folder)
    ]


def _expected(folder: Path) -> Sequence[tuple[str, Mapping[str, Any]]]:
    return sorted(json.loads((folder / "expected.json").read_text(encoding="utf-8")).items())


def _case(folder: Path, file: str, told: Mapping[str, Any]) -> Case:
    return Case(
        file=file,
        path=folder / file,
        shop=Shop(**told["shop"]),
        outcomes=_any_of(told["outcome"]),
        proposals=tuple(
            Expected(
                kind=proposal["kind"],
                values={name: _any_of(value) for name, value in proposal["fields"].items()},
                doubtful=frozenset(proposal["doubtful"]),
                must_flag=tuple(proposal.get("must_flag", ())),
            )
            for proposal in told["proposals"]
        ),
        exact=told["exact"],
        needs=told.get("needs", ""),
        repeats=told.get("repeats", ""),
    )


def _any_of(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
