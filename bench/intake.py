"""`scripts/bench intake`: the corpus of booking mails, played through the shipped lane, and what came of it.

The two sets are told apart, and the exact readers apart from the stand-in. The stand-in is a rule-based reader in the
model's place, so that everything can run on one machine: its figures say how well the lane carries a booking that was
read, not how well the model reads.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.corpus import BEGIN, SETS, Case, Shop, cases
from bench.intake_scores import ROWS, Count, Found, Tally, faults, paired
from local import headless
from local.quiet import logs_in

EXACT = frozenset({"ics", "jsonld", "microdata"})
STAND_IN = frozenset({"model"})
NOTES = (
    "Precision: of the values filled, those that are right. Recall: of those wanted, those filled rightly. "
    "In brackets: right, wrong, missed.",
    "Exact readers: on the mails with an .ics, JSON-LD or microdata. Stand-in: on the others. Lane: all mails, "
    "whoever read them.",
    "The stand-in is rules in the model's place. It isn't the model, and no figure here is one of the model.",
    "The held-out mails were written before the readers, and no reader was changed to suit them.",
)


@dataclass
class Played:
    """One mail, and what came of it."""

    case: Case
    outcome: str
    reason: str
    found: list[Found] = field(default_factory=list)

    @property
    def outcome_is_right(self) -> bool:
        """Where a program that it needs isn't installed, `unreadable` is right."""
        lacking = bool(self.case.needs) and not shutil.which(self.case.needs)
        return self.outcome in (("unreadable",) if lacking else self.case.outcomes)

    @property
    def wanted(self) -> tuple:
        """The proposals that it can make here."""
        lacking = bool(self.case.needs) and not shutil.which(self.case.needs)
        return () if lacking else self.case.proposals


@dataclass
class Measured:
    """One set."""

    exact: Tally = field(default_factory=Tally)
    stand_in: Tally = field(default_factory=Tally)
    lane: Tally = field(default_factory=Tally)


def play(folder: Path) -> list[Played]:
    """Every mail of a folder through the headless run, a run for each shop."""
    told = []
    by_shop = sorted(cases(folder), key=lambda case: (str(case.shop), case.file))
    for shop, group in groupby(by_shop, key=lambda case: case.shop):
        told += _play(shop, list(group))
    return sorted(told, key=lambda played: played.case.file)


def measure(played: Iterable[Played]) -> Measured:
    """The counts of a set."""
    measured = Measured()
    for mail in played:
        wanted = mail.wanted
        measured.lane.add(wanted, mail.found)
        measured.exact.add(wanted if mail.case.exact else (), [one for one in mail.found if one.reader in EXACT])
        if not mail.case.exact:
            measured.stand_in.add(wanted, [one for one in mail.found if one.reader in STAND_IN])
    return measured


def wrong(mail: Played) -> list[str]:
    """What is not as it should be about one mail, in words."""
    told = [] if mail.outcome_is_right else [f"{mail.outcome or 'lost'}, not {' or '.join(mail.case.outcomes)}"]
    if len(mail.found) != len(mail.wanted):
        told.append(f"{len(mail.found)} proposals, not {len(mail.wanted)}")
    for expected, made in paired(mail.wanted, mail.found):
        told += [f"{made.reader}: {fault}" for fault in faults(expected, made)]
    return told


def found_in(report: Mapping[str, Any]) -> dict[str, list[Found]]:
    """The proposals of a report, by file."""
    by_file: dict[str, list[Found]] = {}
    for told in report["proposals"]:
        by_file.setdefault(told["file"], []).append(
            Found(told["kind"], told["reader"], told["fields"], frozenset(told["doubtful"]), tuple(told["flags"]))
        )
    return by_file


def _play(shop: Shop, group: Sequence[Case]) -> list[Played]:
    with tempfile.TemporaryDirectory(prefix="intake-") as scratch:
        mails = Path(scratch) / "mails"
        mails.mkdir()
        for case in group:
            shutil.copy(case.path, mails / case.file)
        parser = argparse.ArgumentParser()
        headless.arguments(parser)
        flags = {"mails": mails, "timezone": shop.timezone, "country": shop.country, "from": BEGIN, "hours": 1}
        run = headless.read_play(parser.parse_args([f"--{flag}={value}" for flag, value in flags.items()]))
        if shop.date_order:
            parameters = {**run.shop.parameters, "date_order": shop.date_order}
            run = replace(run, shop=replace(run.shop, parameters=parameters))
        with logs_in(Path(scratch) / "functions.log"):
            report, _ = headless.play(run)
    told = report.as_json()
    outcomes = {mail["file"]: mail for mail in told["mails"]}
    proposals = found_in(told)
    nothing = {"outcome": "", "reason": ""}
    return [
        Played(
            case,
            outcomes.get(case.file, nothing)["outcome"],
            outcomes.get(case.file, nothing)["reason"],
            proposals.get(case.file, []),
        )
        for case in group
    ]


def show(name: str, played: Sequence[Played], console: Console, details: bool) -> None:
    """Print a set: outcomes, then the table; with `details` what is wrong with each mail."""
    right = sum(mail.outcome_is_right for mail in played)
    measured = measure(played)
    table = Table(
        "Field",
        "Exact: precision",
        "recall",
        "Stand-in: precision",
        "recall",
        "Lane: precision",
        "recall",
        title=f"{name}: {len(played)} mails, the wanted outcome for {right}",
    )
    for row in ROWS:
        counts = [tally.counts[row] for tally in (measured.exact, measured.stand_in, measured.lane)]
        table.add_row(row, *(cell for count in counts for cell in _cells(count)))
    console.print(table)
    if details:
        for mail in played:
            for fault in wrong(mail):
                console.print(f"  {mail.case.file}: {fault}", highlight=False, markup=False)


def _cells(count: Count) -> tuple[str, str]:
    precision, recall = count.precision, count.recall
    counted = f" ({count.right}, {count.wrong}, {count.missed})"
    return (
        "-" if precision is None else f"{precision:.2f}",
        "-" if recall is None else f"{recall:.2f}{counted}",
    )


def main() -> int:
    """Measure both sets. What is wrong is listed for the seen mails only: the held-out ones are not for tuning."""
    console = Console()
    if not console.is_terminal:
        console.width = 150
    for name, folder in SETS.items():
        with Console(stderr=True).status(f"{name} ..."):
            played = play(folder)
        show(name, played, console, details=name == "seen")
    for note in NOTES:
        console.print(f"- {note}", highlight=False)
    return 0
