"""The weekly summary as a mail: plain text, and HTML that a phone and a desk show well, light and dark.

Tables and inline styles only, nothing that is fetched: charts come along as pictures, and every figure in them stands
beside them as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.domain.week_facts import WeekFacts
from chalicelib.domain.week_shown import DAYS, attendance, figures, money, to_mind, week_names

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES = Path(__file__).parent / "templates"
_MOST_LISTED = 60
"""Names in one list: a mail of more than 100 KB is cut off by some programs."""
BY_DAY, BY_HOUR, BY_WEEK = "by-day", "by-hour", "by-week"


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: what is drawn, and the words around it."""

    name: str
    heading: str
    values: tuple[int, ...]
    accented: tuple[int, ...]
    shaded: tuple[int, ...]
    tops: tuple[str, ...]
    labels: tuple[str, ...]
    alt: str
    note: str = ""


def charts(facts: WeekFacts) -> list[Chart]:
    """Confirmations by day, sends by hour against quiet hours, and the week against those before it."""
    by_day, by_hour = facts.week.confirmed_by_day, facts.week.sent_by_hour
    quiet = _quiet(facts)
    shown = [
        Chart(
            BY_DAY,
            "Confirmations by day",
            by_day,
            tuple(range(7)),
            (),
            _tops(by_day),
            DAYS,
            "Confirmations: " + ", ".join(f"{day} {count}" for day, count in zip(DAYS, by_day, strict=True)),
        ),
        Chart(
            BY_HOUR,
            "Messages by hour",
            by_hour,
            tuple(range(24)),
            quiet,
            _tops(by_hour),
            tuple(_hour(hour) if hour % 6 == 0 else "" for hour in range(24)),
            "Messages to customers: " + (", ".join(f"{_hour(h)} {n}" for h, n in enumerate(by_hour) if n) or "none"),
            "Quiet hours are tinted: nothing is written to a customer then." if quiet else "",
        ),
    ]
    if facts.before:
        weeks = [*facts.before, facts.week]
        confirmed = tuple(week.confirmed for week in weeks)
        names = tuple(week_names(facts))
        shown.append(
            Chart(
                BY_WEEK,
                "Confirmed, week by week",
                confirmed,
                (len(weeks) - 1,),
                (),
                tuple(str(count) for count in confirmed),
                names,
                "Confirmed: " + ", ".join(f"week of {n} {c}" for n, c in zip(names, confirmed, strict=True)),
            )
        )
    return shown


def week_html(facts: WeekFacts, title: str, told: str) -> str:
    """The HTML part; its charts are `cid:by-day`, `cid:by-hour`, `cid:by-week`."""
    compared = f"{len(facts.before)}-week mean" if facts.before else ""
    page: str = _template().render(
        heading=title,
        paragraphs=told.splitlines() or [""],
        to_mind=[(title, minds[:_MOST_LISTED]) for title, minds in to_mind(facts)],
        charts=charts(facts),
        figures=figures(facts),
        compared=compared,
        notes=_notes(facts),
    )
    return page


def week_text(facts: WeekFacts, title: str, told: str) -> str:
    """The plain text part: the same words and figures."""
    lines = [title, "", told]
    for title, minds in to_mind(facts):
        lines += ["", title, *(f"- {', '.join(p for p in (m.who, m.about) if p)}" for m in minds[:_MOST_LISTED])]
    lines += ["", "The figures: this week, the week before, the mean of the weeks before"]
    for row in figures(facts):
        lines.append(
            f"- {row.label}: {', '.join(part for part in (row.this_week, row.week_before, row.average) if part)}"
        )
    for one in charts(facts):
        lines += ["", one.alt]
    return "\n".join([*lines, "", *_notes(facts)])


def _notes(facts: WeekFacts) -> list[str]:
    return [note for note in (attendance(facts), f"Texts: {money(facts)}") if note]


def _tops(values: Sequence[int]) -> tuple[str, ...]:
    return tuple(str(value) if value else "" for value in values)


def _hour(hour: int) -> str:
    return f"{hour % 12 or 12}{'am' if hour < 12 else 'pm'}"


def _quiet(facts: WeekFacts) -> tuple[int, ...]:
    """The hours that lie wholly within quiet hours."""
    if facts.quiet_hours is None:
        return ()
    begin, end = (one.hour * 60 + one.minute for one in facts.quiet_hours)
    return tuple(
        hour
        for hour in range(24)
        if all(begin <= m < end if begin < end else m >= begin or m < end for m in (hour * 60, hour * 60 + 59))
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # nearly every run of the summary tells nothing

    pages = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return pages.get_template("week.html")
