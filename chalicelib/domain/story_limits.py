"""What a sentence may not say because it isn't counted, however true its figures are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.domain.story_reading import Clause, Kind
from chalicelib.domain.story_words import STAFF, Topic
from chalicelib.domain.week_facts import WeekFacts

_NOT_RECORDED = re.compile(r"\b(?:attendance|no-shows?) (?:was|were|is|has been)(?: not|n't) (?:recorded|noted)", re.I)
_ARRIVED = re.compile(r"\b(?:arrived?|delivered|(?:got|went) through)\b", re.I)
_BY_MESSAGE = re.compile(r"\b(?:by|via|per) (?:text|sms|e-?mail)", re.I)
_NOT_ARRIVING = {Topic.UNDELIVERED, Topic.UNKNOWN, Topic.CONFIRMED}
_RATE_OF = {Topic.CANCELLED, Topic.MOVED, Topic.MOVED_BY_STAFF, Topic.FREED, Topic.REFILLED}
_NOT_BY_STAFF = {
    Topic.CONFIRMED,
    Topic.CANCELLED,
    Topic.FREED,
    Topic.NO_SHOW,
    Topic.QUIET,
    Topic.UNREACHABLE,
    Topic.CALLS,
    Topic.VISITS,
}


def uncounted(clause: Clause, facts: WeekFacts) -> Iterator[str]:
    """Each thing that a clause says of what nobody counted."""
    yield from _negation(clause)
    yield from _arrival(clause, facts)
    yield from _recorded(clause, facts)


def _negation(clause: Clause) -> Iterator[str]:
    """`3 visits were not cancelled`: nobody counted what did not happen, nor how soon somebody cancelled."""
    words = {mark.text.casefold() for mark in clause.of(Kind.WORD)}
    denied = words & {"not", "never", "neither"} or any("n't" in word for word in words)
    if denied and clause.of(Kind.NUMBER) and not clause.of(Kind.PERSON):
        yield f"“{clause.text}”: what did not happen isn't counted"
    if "brackets" in words and not clause.of(Kind.FORMER):
        yield f"“{clause.text}”: figures in brackets are read as the week before's"
    topics = {*clause.topics}
    if STAFF & words and topics & _NOT_BY_STAFF and not topics & {Topic.MOVED, Topic.MOVED_BY_STAFF}:
        yield f"“{clause.text}”: it isn't counted what staff did, but for moves"
    if topics & {Topic.CONFIRMED, *_RATE_OF} and _BY_MESSAGE.search(clause.text):
        yield f"“{clause.text}”: it isn't counted how they answered"
    if clause.of(Kind.NUMBER) and {Topic.CANCELLED, Topic.REFILLED} <= topics:
        yield f"“{clause.text}”: it isn't counted which freed slots a cancelled visit left"
    if {"rate", "rates"} & words and topics & _RATE_OF:
        yield f"“{clause.text}”: there is no rate but that of no-shows"
    if Topic.EMAILS in topics and topics & {Topic.UNDELIVERED, Topic.UNKNOWN}:
        yield f"“{clause.text}”: of e-mails it isn't known whether they arrived"
    if {Topic.MINUTES, Topic.CANCELLED} <= topics or {Topic.HOURS, Topic.CONFIRMED} <= topics:
        yield f"“{clause.text}”: minutes are of confirmations, hours of cancelled visits"


def _recorded(clause: Clause, facts: WeekFacts) -> Iterator[str]:
    """Whether staff noted who came is a fact, too."""
    text = clause.text.casefold()
    if clause.of(Kind.PERSON) or not ("recorded" in text or "noted" in text):
        return
    known = facts.week.no_shows is not None
    if known and _NOT_RECORDED.search(text):
        yield f"“{clause.text}”: staff recorded it"
    elif not known and ("attendance" in text or Topic.NO_SHOW in clause.topics) and not _NOT_RECORDED.search(text):
        yield f"“{clause.text}”: nobody recorded it"


def _arrival(clause: Clause, facts: WeekFacts) -> Iterator[str]:
    """`The texts arrived` is true if none did not and of none nobody knows; of e-mails nobody knows."""
    plain = " ".join(mark.text for mark in clause.marks if mark.kind is Kind.WORD)
    if not _ARRIVED.search(plain) or _NOT_ARRIVING & set(clause.topics) or clause.of(Kind.PERSON):
        return
    week = facts.week
    of_texts = Topic.TEXTS in clause.topics and Topic.EMAILS not in clause.topics
    if not of_texts or week.undelivered or week.unknown:
        yield f"“{clause.text}”: it isn't known that they arrived"
