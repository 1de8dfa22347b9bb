"""The week in plain words, from the facts alone: for a shop without a model, or where the model's text is refused."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from chalicelib.domain.story_check import MOST_WORDS
from chalicelib.domain.story_names import Group, Person, people
from chalicelib.domain.week_facts import Attendance, ToDo, WeekFacts
from chalicelib.domain.wording import local_minute

_MOST_NAMED = 3


def plain_story(facts: WeekFacts) -> str:
    """At most 180 words, a paragraph each for the visits, the messages, and who needs a hand; then, if there is room,
    what attendance shows."""
    told = ""
    for part in (_visits, _messages, _people, _attendance):
        longer = f"{told}\n{' '.join(part(facts))}".strip()
        told = longer if len(longer.split()) <= MOST_WORDS else told
    return told


def counted(count: int, one: str, many: str = "") -> str:
    """`1 visit`, `2 visits`, `no visits`."""
    return f"{count or 'no'} {one if count == 1 else many or one + 's'}"


def _visits(facts: WeekFacts) -> Iterator[str]:
    week = facts.week
    before = facts.before[-1] if facts.before else None
    yield f"{counted(week.visits, 'visit').capitalize()} took place this week{_was(before.visits if before else None)}."
    confirmed = f"{counted(week.confirmed, 'visit').capitalize()} {_be(week.confirmed)} confirmed"
    yield f"{confirmed}{_was(before.confirmed if before else None)}."
    if week.minutes_to_confirm is not None:
        yield f"The median confirmation came {counted(week.minutes_to_confirm, 'minute')} after the message."
    if week.moved:
        yield f"{counted(week.moved, 'visit')} {_be(week.moved)} moved by the customer."
    if week.cancelled:
        notice = f", with {week.notice_hours:g} hours of notice" if week.notice_hours is not None else ""
        yield f"{counted(week.cancelled, 'visit')} {_be(week.cancelled)} cancelled{notice}."
    if week.freed:
        yield f"{counted(week.freed, 'slot')} came free; {week.refilled or 'none'} {_be(week.refilled)} filled again."


def _messages(facts: WeekFacts) -> Iterator[str]:
    week = facts.week
    by_mail = f" and {counted(week.reminder_emails, 'e-mail')}" if week.reminder_emails else ""
    yield f"Reminders: {counted(week.reminder_texts, 'text')}{by_mail}."
    if week.undelivered:
        yield f"{counted(week.undelivered, 'text')} {_be(week.undelivered)} not delivered."
    if week.unknown:
        it = "it" if week.unknown == 1 else "they"
        yield f"{counted(week.unknown, 'text')} went without word: nobody knows whether {it} arrived."
    if week.failed:
        yield f"{counted(week.failed, 'message')} failed."
    if facts.cost is not None and not facts.cost.unpriced:
        yield f"The texts took {counted(week.segments, 'segment')} and cost {facts.cost.currency} {facts.cost.amount}."


def _people(facts: WeekFacts) -> Iterator[str]:
    named = people(facts)
    calls = [p for p in named if p.group is Group.QUIET and p.visit and p.visit.to_do is ToDo.CALL]
    if calls:
        yield f"Quiet, please call: {_listed(calls, facts)}."
    absent = [p for p in named if p.visit and p.visit.to_do is ToDo.OFFER_ANOTHER_TIME]
    if absent:
        yield f"No-show, offer another time: {_listed(absent, facts)}."
    away = [p for p in named if p.group is Group.UNREACHABLE]
    if away:
        yield f"Unreachable, please call: {_listed(away, facts)}."
    if facts.bad_rows:
        rows = ", ".join(f"row {row.line}" for row in facts.bad_rows[:_MOST_NAMED])
        more = ", and others in the list" if len(facts.bad_rows) > _MOST_NAMED else ""
        yield f"To be mended in the sheet: {rows}{more}."


def _attendance(facts: WeekFacts) -> Iterator[str]:
    seen: Attendance | None = facts.attendance
    if seen is None:
        return
    if not (seen.confirmed.enough and seen.unconfirmed.enough):
        yield "There are too few recorded visits to tell a no-show rate."
        return
    yield (
        f"Of {seen.confirmed.visits} confirmed visits {seen.confirmed.no_shows} were no-shows; "
        f"of {seen.unconfirmed.visits} unconfirmed ones {seen.unconfirmed.no_shows}."
    )


def _listed(named: list[Person], facts: WeekFacts) -> str:
    zone = ZoneInfo(facts.timezone)
    shown = []
    for person in named[:_MOST_NAMED]:
        assert person.visit is not None
        shown.append(f"{person.spoken} ({local_minute(person.visit.start, zone)})")
    more = ", and others in the list" if len(named) > _MOST_NAMED else ""
    return ", ".join(shown) + more


def _was(before: int | None) -> str:
    return f", {before} the week before" if before is not None else ""


def _be(count: int) -> str:
    return "was" if count == 1 else "were"
