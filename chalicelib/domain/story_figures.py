"""What may be said of a topic in figures: the facts' side of the check."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from chalicelib.domain.story_words import Topic
from chalicelib.domain.week_facts import Rate, ToDo, WeekCounts, WeekFacts


def figures(topic: Topic, week: WeekCounts, facts: WeekFacts) -> set[Decimal]:
    """One week's figures for a topic; those of the lists by name are the told week's only. Empty if nobody knows."""
    told = week is facts.week
    calls = sum(one.to_do is ToDo.CALL for one in facts.quiet)
    named = calls + len(facts.unreachable)
    of_topic: dict[Topic, tuple[float | int | None, ...]] = {
        Topic.CONFIRMED: (week.confirmed,),
        Topic.MOVED: (week.moved,),
        Topic.MOVED_BY_STAFF: (week.moved_by_staff,),
        Topic.CANCELLED: (week.cancelled,),
        Topic.FREED: (week.freed,),
        Topic.REFILLED: (week.refilled,),
        Topic.UNDELIVERED: (week.undelivered,),
        Topic.UNKNOWN: (week.unknown,),
        Topic.FAILED: (week.failed,),
        Topic.NO_SHOW: (week.no_shows,),
        Topic.QUIET: (len(facts.quiet), calls) if told else (),
        Topic.UNREACHABLE: (len(facts.unreachable), week.unreachable) if told else (week.unreachable,),
        Topic.BAD_ROW: (len(facts.bad_rows),) if told else (),
        Topic.CALLS: (named,) if told and (named or not _anybody(facts)) else (),
        Topic.SEGMENTS: (week.segments,),
        Topic.EMAILS: (week.reminder_emails,),
        Topic.TEXTS: (week.reminder_texts,),
        Topic.REMINDERS: (week.reminders,),
        Topic.VISITS: (week.visits,),
        Topic.MINUTES: (week.minutes_to_confirm,),
        Topic.HOURS: (week.notice_hours,),
        Topic.NOTICE: (week.notice_hours,),
    }
    return {Decimal(str(one)) for one in of_topic.get(topic, ()) if one is not None}


def said(topic: Topic, week: WeekCounts, facts: WeekFacts) -> set[Decimal]:
    """The same as they may be said: minutes and hours as whole numbers, too."""
    exact = figures(topic, week, facts)
    if topic in (Topic.HOURS, Topic.MINUTES):
        return {near for one in exact for near in rounded(one)}
    return exact


def differences(topic: Topic, facts: WeekFacts) -> set[Decimal]:
    """What may be said of more or fewer than the week before: how many, and which way (below zero is fewer)."""
    if not facts.before:
        return set()
    now, then = figures(topic, facts.week, facts), figures(topic, facts.before[-1], facts)
    return {a - b for a in now for b in then}


def rates(topic: Topic, group: Topic | None, facts: WeekFacts) -> set[Decimal]:
    """No-shows of confirmed beside unconfirmed visits: each figure with its own group."""
    attendance = facts.attendance
    if attendance is None or group is None:
        return set()
    rate: Rate = attendance.unconfirmed if group is Topic.UNCONFIRMED else attendance.confirmed
    if topic is Topic.PERCENT:
        return set() if rate.percent is None else rounded(Decimal(str(rate.percent)))
    return {Decimal(rate.no_shows), Decimal(rate.visits)}


def means(topic: Topic, facts: WeekFacts) -> set[Decimal]:
    """The average of the weeks before: exact, to a tenth, and as a whole number."""
    if not facts.before:
        return set()
    weeks = [sum(said(topic, week, facts), Decimal(0)) for week in facts.before]
    mean = sum(weeks, Decimal(0)) / len(weeks)
    return rounded(mean) | {mean}


def rounded(value: Decimal) -> set[Decimal]:
    """A figure to a tenth, and as a whole number: both are said."""
    return {
        value.quantize(Decimal("0.1"), ROUND_HALF_UP).normalize() + 0,
        value.quantize(Decimal(1), ROUND_HALF_UP) + 0,
    }


def money_is(said_amount: object, text: str, facts: WeekFacts) -> bool:
    """Whether an amount, in the currency that stands beside it, is what the texts cost."""
    symbol = "".join(letter for letter in text if not (letter.isdigit() or letter in "., "))
    cost = facts.cost
    return cost is not None and said_amount == cost.amount and _is_currency(symbol, cost.currency)


def _anybody(facts: WeekFacts) -> bool:
    return bool(facts.quiet or facts.unreachable or facts.bad_rows)


_SYMBOLS = {
    "$": {"USD", "SGD", "AUD", "CAD", "NZD", "HKD"},
    "S$": {"SGD"},
    "US$": {"USD"},
    "€": {"EUR"},
    "£": {"GBP"},
    "A$": {"AUD"},
    "¥": {"JPY", "CNY"},
}


def _is_currency(symbol: str, currency: str) -> bool:
    return symbol == currency or currency in _SYMBOLS.get(symbol, ())
