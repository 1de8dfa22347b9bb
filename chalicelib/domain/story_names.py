"""Whom a told week may name. A customer's name is whatever somebody typed: one that could speak isn't spoken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.story_words import CLAIMS, NUMBER_WORDS, TOPIC, UNSAFE, WEEKDAYS
from chalicelib.domain.week_facts import BadRow, VisitToMind, WeekFacts

_SPEAKABLE = re.compile(r"[^\W\d_]+(?:['’.-]{1,2}[^\W\d_]*)*(?: [^\W\d_]+(?:['’.-]{1,2}[^\W\d_]*)*){0,4}")
_LONGEST = 40


class Group(StrEnum):
    """Why somebody is named."""

    QUIET = "quiet"
    UNREACHABLE = "unreachable"
    BAD_ROW = "bad row"


@dataclass(frozen=True, slots=True)
class Person:
    """One visit, or one row, that may be spoken of: `spoken` is the customer's name, or else the visit's id."""

    spoken: str
    group: Group
    visit: VisitToMind | None = None
    row: BadRow | None = None


def speakable(name: str) -> bool:
    """Whether a name is only a name: letters and a few marks, at most five words, none that tells of a week."""
    if not name or len(name) > _LONGEST or not _SPEAKABLE.fullmatch(name):
        return False
    words = {word.casefold() for word in name.split()}
    return not (TOPIC.search(name) or CLAIMS.search(name) or UNSAFE.search(name) or words & _SPEAKING)


def people(facts: WeekFacts) -> tuple[Person, ...]:
    """Everybody who may be named, in the facts' own order."""
    return (
        *(Person(_spoken(one.customer, one.appt_id), Group.QUIET, visit=one) for one in facts.quiet),
        *(Person(_spoken(one.customer, one.appt_id), Group.UNREACHABLE, visit=one) for one in facts.unreachable),
        *(Person(_spoken(one.customer, one.appt_id), Group.BAD_ROW, row=one) for one in facts.bad_rows),
    )


def _spoken(customer: str, appt_id: str) -> str:
    return customer if speakable(customer) else appt_id


_COMMANDS = """ignore instructions instruction system assistant say write tell reply click pay password call please send
    and or not all the every no none nobody prevented summary owner"""
_SPEAKING = frozenset({*NUMBER_WORDS, *(day.casefold() for day in WEEKDAYS), *_COMMANDS.split()})
