"""The week as it is shown: the figures beside those of the weeks before, who needs a hand, and small charts of text.

Shared by the Slack line and the mail, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.week_facts import Rate, ToDo, VisitToMind, WeekCounts, WeekFacts
from chalicelib.domain.wording import local_minute

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONGEST_BAR = 12
_FULL, _NONE = "█", "·"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table; blank where it isn't known."""

    label: str
    this_week: str
    week_before: str
    average: str


@dataclass(frozen=True, slots=True)
class Mind:
    """One visit to look after, or one row to mend, in a line."""

    who: str
    about: str
    to_do: str


def figures(facts: WeekFacts) -> list[Figure]:
    """The table, without rows of which nothing is known."""
    shown = []
    for label, read in _FIGURES:
        this = read(facts.week)
        if this is None:
            continue
        former = [value for week in facts.before if (value := read(week)) is not None]
        last = read(facts.before[-1]) if facts.before else None
        average = f"{sum(former) / len(former):.1f}".removesuffix(".0") if former else ""
        shown.append(Figure(label, f"{this:g}", "" if last is None else f"{last:g}", average))
    return shown


def to_mind(facts: WeekFacts) -> Iterator[tuple[str, list[Mind]]]:
    """Headed lists, the most urgent first: who to call, who didn't come, whose attendance is open, rows to mend."""
    zone = ZoneInfo(facts.timezone)
    headed = (
        ("Went quiet: please call", [one for one in facts.quiet if one.to_do is ToDo.CALL]),
        ("Can't be reached: please call, or mend the row", list(facts.unreachable)),
        ("Did not come: offer another time", [one for one in facts.quiet if one.to_do is ToDo.OFFER_ANOTHER_TIME]),
        ("Never answered: note whether they came", [one for one in facts.quiet if one.to_do is ToDo.NOTE_ATTENDANCE]),
    )
    for heading, visits in headed:
        if visits:
            yield heading, [_mind(visit, zone) for visit in visits]
    if facts.bad_rows:
        rows = [Mind(f"row {r.line} ({r.appt_id})", r.customer, f"{r.field}: {r.problem}") for r in facts.bad_rows]
        yield "Rows of the sheet to mend", rows


def attendance(facts: WeekFacts) -> str:
    """No-shows of confirmed beside unconfirmed visits, and what that rests on; "" where staff record none."""
    seen = facts.attendance
    if seen is None:
        return ""
    rests = f"recorded in {seen.weeks} {'week' if seen.weeks == 1 else 'weeks'}"
    told = f"No-shows: {_rate(seen.confirmed)} confirmed visits, {_rate(seen.unconfirmed)} unconfirmed ones ({rests})."
    if seen.confirmed.enough and seen.unconfirmed.enough:
        return f"{told} People who answer may be those who come anyway."
    return f"{told} Too few to tell a rate."


def money(facts: WeekFacts) -> str:
    """What the week's texts cost, as far as prices are known."""
    cost = facts.cost
    if cost is None:
        return f"{facts.week.segments} segments; no price is configured."
    unpriced = f", without {cost.unpriced} to countries without a price" if cost.unpriced else ""
    return f"{cost.currency} {cost.amount} for {facts.week.segments} segments{unpriced}."


def text_chart(labels: Sequence[str], values: Sequence[int]) -> str:
    """A chart of characters for Slack, one line a value."""
    most, wide = max(values, default=0), max((len(label) for label in labels), default=0)
    lines = []
    for label, value in zip(labels, values, strict=True):
        length = max(round(_LONGEST_BAR * value / most), 1) if value else 0
        lines.append(f"{label:<{wide}} {_FULL * length or _NONE} {value}")
    return "\n".join(lines)


def week_names(facts: WeekFacts) -> list[str]:
    """`16 Nov`, ...: each week that there are figures of, by its Monday, the told one last."""
    weeks: list[WeekCounts] = [*facts.before, facts.week]
    zone = ZoneInfo(facts.timezone)
    return [" ".join(local_minute(datetime(*w.monday.timetuple()[:3], tzinfo=zone), zone).split()[1:3]) for w in weeks]


def slack_text(facts: WeekFacts, title: str, told: str) -> str:
    """The whole summary as one Slack message: the story, the chart, who needs a hand, and what it cost."""
    parts = [f"*{title}*", told]
    parts.append("Confirmations by day\n```\n" + text_chart(DAYS, facts.week.confirmed_by_day) + "\n```")
    for heading, minds in to_mind(facts):
        lines = [f"• {mind.who}, {mind.about}" if mind.about else f"• {mind.who}" for mind in minds[:_MOST_LISTED]]
        more = [f"• and {len(minds) - _MOST_LISTED} more"] if len(minds) > _MOST_LISTED else []
        parts.append("\n".join([heading, *lines, *more]))
    parts += [line for line in (attendance(facts), f"Texts: {money(facts)}") if line]
    return "\n\n".join(parts)


_MOST_LISTED = 10
_FIGURES = (
    ("Visits", lambda week: week.visits),
    ("Reminders by text", lambda week: week.reminder_texts),
    ("Reminders by e-mail", lambda week: week.reminder_emails),
    ("Confirmed", lambda week: week.confirmed),
    ("Minutes from message to yes (median)", lambda week: week.minutes_to_confirm),
    ("Moved by customers", lambda week: week.moved),
    ("Moved by staff", lambda week: week.moved_by_staff),
    ("Cancelled", lambda week: week.cancelled),
    ("Hours of notice (median)", lambda week: week.notice_hours),
    ("Slots freed", lambda week: week.freed),
    ("Filled again", lambda week: week.refilled),
    ("No-shows", lambda week: week.no_shows),
    ("Unreachable", lambda week: week.unreachable),
    ("Texts not delivered", lambda week: week.undelivered),
    ("Texts of unknown fate", lambda week: week.unknown),
    ("Messages that failed", lambda week: week.failed),
    ("Segments", lambda week: week.segments),
)


def _mind(visit: VisitToMind, zone: ZoneInfo) -> Mind:
    staff = f" with {visit.staff}" if visit.staff else ""
    return Mind(
        visit.customer or visit.appt_id, f"{visit.service}{staff}, {local_minute(visit.start, zone)}", visit.to_do
    )


def _rate(rate: Rate) -> str:
    percent = f" ({rate.percent:g} %)" if rate.percent is not None else ""
    return f"{rate.no_shows} of {rate.visits}{percent}"
