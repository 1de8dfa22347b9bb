"""The table itself: what is held to which bar (DESIGN §10), and how a figure stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """The rows of the table, in its order."""

    NEVER_TWICE = "Duplicate texts, silent losses, over every crash point and interleaving of two runs"
    LATENESS = "Lateness of a send against its planned minute, ticks running"
    READS = "DynamoDB read calls in a tick with C candidates"
    CALLS = "Tick of a 100,000-row sheet beside the literal spec (two queries a row)"
    MEMORY = "Peak memory of that tick"
    ROWS = "Rows read by the tick, against a bare csv.reader loop"
    WRITES = "Write units for a sent reminder"
    PAGE = "GET of a reply page"
    SEGMENTS = "Default text with a 22-character base URL"
    ZIP = "Shipped zip / unzipped"
    IMPORTS = "Imports of app.py alone"


BARS: Mapping[What, str] = {
    What.NEVER_TWICE: "0, 0",
    What.LATENESS: "at most 60 s",
    What.READS: "at most ceil(2C/100)+3, whatever the sheet's length",
    What.CALLS: "at least 100 times fewer calls",
    What.MEMORY: "at most 250 MB",
    What.ROWS: "at most 3 times its time, validation only for candidates",
    What.WRITES: "at most 14",
    What.PAGE: "0 writes",
    What.SEGMENTS: "1 segment",
    What.ZIP: "at most 20 MB / 75 MB (plain chalice deploy: 40 MB)",
    What.IMPORTS: "at most 2 times chalice's own",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. `within` is None where the bar asks for more than was measured; `spec` is the peer's."""

    ours: str
    within: bool | None
    spec: str = ""


NOT_YET = Figure("not yet", None)


def lines(figures: Mapping[What, Figure]) -> list[tuple[str, str, str, str, str]]:
    """What, bar, ours, literal spec, within: one line for every row, measured or not."""
    told = []
    for what in What:
        figure = figures.get(what, NOT_YET)
        within = {True: "yes", False: "NO", None: "not yet"}[figure.within]
        told.append((what.value, BARS[what], figure.ours, figure.spec, within))
    return told
