"""Where a figure stands in its clause, and what follows from that: a part, a whole, a former figure's end."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.story_reading import Clause, Kind, Mark
from chalicelib.domain.story_words import STAFF, UP_TOGETHER, Topic

_ARTICLES = frozenset({"the", "your", "our", "these", "those", "a"})
_NO_PART = frozenset({"total", "median", "increase", "decrease", "drop", "rise", "number", "average", "notice"})


def tells_when(clause: Clause) -> bool:
    """`the week before, when five were cancelled`."""
    return clause.marks[:1] != [] and clause.marks[0].text.casefold() == "when"


def is_one_of_them(clause: Clause, place: int) -> bool:
    """`Dana Lim was one of them`: it counts nothing."""
    words = [mark.text.casefold() for mark in clause.marks[place : place + 3]]
    return bool(clause.of(Kind.PERSON)) and words[:2] == ["one", "of"] and words[2:] in (["them"], ["those"], ["these"])


def begins_with_the_former(clause: Clause) -> bool:
    """`The week before there were ...`: then the whole sentence is about it."""
    kinds = [m.kind for m in clause.marks if m.text.casefold() not in ("in", "for", "during")][:1]
    return kinds == [Kind.FORMER] and "this week" not in clause.text.casefold()


def is_bare(clause: Clause) -> bool:
    """Whether a clause is a figure and nothing else."""
    return [mark.kind for mark in clause.marks] == [Kind.NUMBER]


def has_part(marks: Sequence[Mark], place: int) -> bool:
    """Whether a figure is a part: `5 of the 8`, `6 slots out of 9`."""
    for n in range(place + 1, min(place + 4, len(marks))):
        if marks[n].text.casefold() == "of":
            return _next_number(marks, n) is not None
        if marks[n].kind is Kind.NUMBER:
            return False
    return bool(place + 1 < len(marks) and marks[place + 1].text.casefold() == "of")


def _next_number(marks: Sequence[Mark], of: int) -> int | None:
    place = of + 1
    while place < len(marks) and marks[place].text.casefold() in _ARTICLES:
        place += 1
    return place if place < len(marks) and marks[place].kind is Kind.NUMBER else None


def is_whole(marks: Sequence[Mark], place: int) -> bool:
    """Whether a figure is what another one is a part of."""
    before = place - 1
    while before >= 0 and marks[before].text.casefold() in _ARTICLES:
        before -= 1
    if before < 0 or marks[before].text.casefold() not in ("of", "among"):
        return False
    if before and marks[before - 1].text.casefold() in _NO_PART:
        return False
    return any(mark.kind is Kind.NUMBER for mark in marks[:before])


def channelled(topic: Topic, clause: Clause, place: int) -> Topic:
    """`55 reminders by text` are texts; `4 moved by staff` are staff's."""
    if topic is Topic.REMINDERS:
        marks = clause.marks
        ends = next((n for n, m in enumerate(marks) if n > place and m.kind is Kind.NUMBER), len(marks))
        for part in (marks[place + 1 : ends], marks[:place]):
            channels = {m.value for m in part if m.value in (Topic.TEXTS, Topic.EMAILS)}
            if channels:
                return Topic.EMAILS if channels == {Topic.EMAILS} else Topic.TEXTS if len(channels) == 1 else topic
        return topic
    if topic is Topic.MOVED:
        numbers = [n for n, mark in enumerate(clause.marks) if mark.kind is Kind.NUMBER]
        marks = clause.marks if len(numbers) == 1 else clause.marks[place + 1 :]
        words = {mark.text.casefold() for mark in marks}
        if "by" in words and STAFF & words:
            return Topic.MOVED_BY_STAFF
    return topic


def filled_up(clause: Clause, nth: int) -> bool:
    """Whether an `up` or `down` belongs to its verb: filled up, wrote down."""
    place = [n for n, mark in enumerate(clause.marks) if mark.kind is Kind.WORD][nth]
    return bool(place) and clause.marks[place - 1].text.casefold().split()[-1] in UP_TOGETHER


def ends_at(marks: Sequence[Mark], against: int, place: int) -> bool:
    """`from 28 to 31`: the second figure is the told week's again."""
    return marks[against].text.casefold() == "from" and any(m.text.casefold() == "to" for m in marks[against:place])
