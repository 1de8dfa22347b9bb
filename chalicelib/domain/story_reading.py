"""A told week taken apart: sentences, clauses, and in each clause what is named, counted and compared.

Marks stand for what is known: names, weekdays, clock times, dates, figures, topics. What is left are plain words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, auto

from chalicelib.domain.story_names import Person, people, speakable
from chalicelib.domain.story_words import (
    AVERAGE,
    FORMER,
    MONTHS,
    NONE_WORDS,
    NUMBER_WORDS,
    TOPIC,
    WEEKDAYS,
    Topic,
    topic_of,
)
from chalicelib.domain.week_facts import VisitToMind, WeekFacts


class Kind(Enum):
    """What a mark is."""

    NUMBER = auto()  # Decimal
    TOPIC = auto()  # Topic
    PERSON = auto()  # index of `people`
    STAFF = auto()  # the name
    SERVICE = auto()
    SHOP = auto()
    WEEKDAY = auto()  # 0-6
    TIME = auto()  # time
    DATE = auto()  # (day, month, year or 0)
    FORMER = auto()
    AVERAGE = auto()
    MONEY = auto()  # Decimal, in the facts' currency
    WORD = auto()


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing in a clause. `text` is as it was written."""

    kind: Kind
    value: object
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """Marks between two stops. `bracketed` is whether it opens a bracket."""

    marks: Sequence[Mark]
    text: str
    bracketed: bool = False

    def of(self, kind: Kind) -> list[Mark]:
        """The marks of a kind, in order."""
        return [mark for mark in self.marks if mark.kind is kind]

    @property
    def topics(self) -> list[Topic]:
        """What it speaks of."""
        return [mark.value for mark in self.marks if isinstance(mark.value, Topic)]


def _exact(marks: list[Mark]) -> list[Mark]:
    """`slots` says no more where what became of them stands too: then it is a word."""
    if not any(_is_exact_slot(mark) for mark in marks):
        return marks
    return [Mark(Kind.WORD, m.text, m.text) if m.value is Topic.FREED and not _is_exact_slot(m) else m for m in marks]


def _is_exact_slot(mark: Mark) -> bool:
    return mark.value in (Topic.REFILLED, Topic.CANCELLED, Topic.MOVED) or (
        mark.value is Topic.FREED and "slot" not in mark.text.casefold()
    )


_SENTENCE = re.compile(r"(?<=[.!?])(?:[\"”’)]*)\s+|\n+")
_STOP = re.compile(
    r"(\s*(?:[,;()–—]|\s-\s|\.$|[!?])\s*"
    # `and has not answered` goes on with who was reminded; `compared with 39` is one thing
    r"|\s+(?=(?:(?:and|but)(?! (?:has|have|had|hasn't|haven't)\b)|while|whereas|plus|which|though)\b)"
    r"|(?<!compared)(?<!compares)(?<!comparison)\s+(?=with\b))",
    re.I,
)
_DAY = r"(?:" + "|".join(f"{day}s?|{day[:3]}" for day in WEEKDAYS) + r")"
_MONTH = r"(?:" + "|".join(f"{month}|{month[:3]}" for month in MONTHS) + r")"
_UNITS = "|".join(sorted((w for w, n in NUMBER_WORDS.items() if n < 10), key=len, reverse=True))
_TENS = "|".join(w for w, n in NUMBER_WORDS.items() if n >= 20)
_WORDS = "|".join(sorted([*NUMBER_WORDS, *NONE_WORDS], key=len, reverse=True))
_FIXED = re.compile(
    rf"(?P<isodate>\d{{4}}-\d\d-\d\d)"
    rf"|(?P<dm>(?P<d1>\d{{1,2}})(?:st|nd|rd|th)? (?P<m1>{_MONTH})\b\.?(?:,? (?P<y1>\d{{4}}))?)"
    rf"|(?P<md>(?P<m2>{_MONTH})\.? (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<y2>\d{{4}}))?)"
    r"|(?P<clock>(?P<h>\d{1,2})(?:[:.](?P<min>\d\d))? ?(?P<half>[ap])\.?m\b\.?"
    r"|(?P<h24>[01]?\d|2[0-3]):(?P<m24>[0-5]\d))"
    r"|(?P<money>(?-i:(?:[A-Z]{3} ?|[A-Z]{0,2}\$ ?|[€£¥] ?)\d+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})? ?[A-Z]{3}\b))"
    rf"|(?P<former>{FORMER.pattern})|(?P<average>{AVERAGE.pattern})"
    rf"|\b(?P<weekday>{_DAY})\b"
    rf"|\b(?P<compound>(?:{_TENS})[- ](?:{_UNITS}))\b"
    r"|(?P<digits>\d[\d,]*(?:\.\d+)?)"
    rf"|(?P<topic>{TOPIC.pattern})"
    rf"|\b(?P<numberword>{_WORDS})\b",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|n't", re.I)


def sentences(text: str, facts: WeekFacts) -> list[list[Clause]]:
    """The text's sentences, each as its clauses."""
    reader = _Reader(facts)
    plain = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"').replace("\u00a0", " ")
    found = []
    for sentence in _SENTENCE.split(reader.named(_settled(plain, facts))):
        bare = re.sub(r"^[\s•*-]+", "", sentence).strip()
        if bare:
            found.append(reader.clauses(bare))
    return found


def without_names(text: str, facts: WeekFacts) -> str:
    """The text without what is only a name: a shop may be called what nobody may claim. What is said of all and is
    counted isn't in it either."""
    return re.sub("[\ue000-\uf8ff]", "", _Reader(facts).named(_settled(text, facts)))


_ALL_ARRIVED = re.compile(
    r"\b(?:all|every)(?: of)?(?: the| your| our)?(?P<n> \d+)? texts?(?: reminders?)?"
    r" (?:(?:has|have) )?(?:arrived|(?:was|were) delivered|got through)",
    re.I,
)
_ALL_OF_THEM = re.compile(r"(?P<texts>\btexts?\b(?:[^.;,!?]|\.\d)*?) all of (?:them|these) (?:have )?arrived", re.I)
_NOTHING_TO_SAY = re.compile(r"\b(?:there is |there's )?nothing to (?:say|tell|report) (?:about|on|of) no-shows", re.I)
_WEEK_BROUGHT = re.compile(r"\b(?<=this week )brought\b", re.I)
_ALL_ANSWERED = re.compile(r"\bevery(?:body|one| customer) who was reminded has (?:answered|replied|responded)", re.I)
_ALL_REACHABLE = re.compile(r"\bevery(?:body|one| customer) (?:in the week ahead|ahead) can be reached", re.I)


def _settled(text: str, facts: WeekFacts) -> str:
    """What is said of all of them, as the count of exceptions that it is: none. Only where there is none; elsewhere
    it stands, and is refused as a sweeping word."""
    if not (facts.week.undelivered or facts.week.unknown):
        text = _ALL_ARRIVED.sub(
            lambda m: f"{m['n'].strip()} texts, no text was undelivered" if m["n"] else "no text was undelivered", text
        )
        text = _ALL_OF_THEM.sub(r"\g<texts> no text was undelivered", text)
    if not facts.quiet:
        text = _ALL_ANSWERED.sub("nobody is quiet", text)
    if not facts.unreachable:
        text = _ALL_REACHABLE.sub("nobody is unreachable", text)
    text = _WEEK_BROUGHT.sub("had", text)
    if facts.week.no_shows is None:
        text = _NOTHING_TO_SAY.sub("attendance was not recorded", text)
    return text


class _Reader:
    def __init__(self, facts: WeekFacts) -> None:
        self._people: tuple[Person, ...] = people(facts)
        minded = [person.visit for person in self._people if person.visit is not None]
        self._names: list[tuple[str, Kind, object]] = []
        for index, person in enumerate(self._people):
            self._names.append((person.spoken, Kind.PERSON, index))
            appt_id = person.visit.appt_id if person.visit else person.row.appt_id if person.row else ""
            self._names.append((appt_id, Kind.PERSON, index))
            first = person.spoken.split()[0]
            if len(first) > 2 and first not in WEEKDAYS and self._is_only(first):
                self._names.append((first, Kind.PERSON, index))
        for visit in minded:
            said = ((visit.staff, Kind.STAFF), (visit.service, Kind.SERVICE))
            self._names += [(words, kind, words) for words, kind in said if speakable(words)]
        self._names += self._short_services(minded)
        self._names.append((facts.shop_name, Kind.SHOP, facts.shop_name))
        unique = {text: (text, kind, value) for text, kind, value in reversed(self._names) if text}
        self._named = sorted(unique.values(), key=lambda one: -len(one[0]))

    @staticmethod
    def _short_services(minded: Sequence[VisitToMind]) -> list[tuple[str, Kind, object]]:
        """`her cleaning` for a dental cleaning, unless two services end so."""
        services = {visit.service for visit in minded if speakable(visit.service)}
        last = [service.split()[-1].casefold() for service in services]
        return [(s.split()[-1], Kind.SERVICE, s) for s in services if last.count(s.split()[-1].casefold()) == 1]

    def _is_only(self, first: str) -> bool:
        """Whether nobody else who may be named has this word in the name."""
        words = [person.spoken.split() for person in self._people]
        return sum(first in name for name in words) == 1

    def named(self, text: str) -> str:
        """Known names as marks that no other reading touches: private-use characters, one for each name."""
        text = re.sub("[\ue000-\uf8ff]", "", text)
        for place, (name, kind, _) in enumerate(self._named):
            flags = re.I if kind is Kind.SERVICE else 0
            text = re.sub(rf"(?<![\w-]){re.escape(name)}(?:'s)?(?![\w])", chr(0xE000 + place), text, flags=flags)
        return text

    def clauses(self, sentence: str) -> list[Clause]:
        """The clauses of one sentence. A number's own comma and point are no stops."""
        guarded = re.sub(r"(?<=\d)[.,](?=\d)", lambda m: {",": "\uf8fe", ".": "\uf8ff"}[m[0]], sentence)
        pieces = _STOP.split(guarded)
        found = []
        for place in range(0, len(pieces), 2):
            part = pieces[place].replace("\uf8fe", ",").replace("\uf8ff", ".")
            if part.strip():
                opened = place > 0 and "(" in pieces[place - 1]
                found.append(Clause(self._marks(part), self._spoken(part), opened))
        return found

    def _spoken(self, text: str) -> str:
        return re.sub("[\ue000-\uf8fd]", lambda m: self._named[ord(m[0]) - 0xE000][0], text).strip()

    def _marks(self, text: str) -> list[Mark]:
        marks: list[Mark] = []
        place = 0
        while place < len(text):
            letter = text[place]
            if "\ue000" <= letter <= "\uf8fd":
                name, kind, value = self._named[ord(letter) - 0xE000]
                marks.append(Mark(kind, value, name))
                place += 1
                continue
            found = _FIXED.match(text, place)
            if found and not (place and text[place - 1].isalnum()) and (mark := _mark(found)) is not None:
                marks.append(mark)
                place = found.end() + (2 if text[found.end() :].startswith("'s") else 0)
                continue
            word = _WORD.match(text, place)
            if word:
                marks.append(Mark(Kind.WORD, word[0], word[0]))
                place = word.end()
                continue
            place += 1
        return _exact(marks)


def _mark(found: re.Match[str]) -> Mark | None:
    """What a fixed form says; None if it isn't one after all (`May` alone)."""
    text = found[0]
    if found["money"]:
        return Mark(Kind.MONEY, Decimal(re.sub(r"[^\d.,]", "", text).replace(",", ".")), text)
    if found["isodate"]:
        day = date.fromisoformat(text)
        return Mark(Kind.DATE, (day.day, day.month, day.year), text)
    if found["dm"] or found["md"]:
        day_text, month = (found["d1"], found["m1"]) if found["dm"] else (found["d2"], found["m2"])
        number = next(n for n, name in enumerate(MONTHS, 1) if name[:3].casefold() == month[:3].casefold())
        return Mark(Kind.DATE, (int(day_text), number, int(found["y1"] or found["y2"] or 0)), text)
    if found["clock"]:
        hour, minute = int(found["h24"] or found["h"]), int(found["m24"] or found["min"] or 0)
        if found["half"]:
            hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
        return Mark(Kind.TIME, time(hour, minute) if hour < 24 and minute < 60 else None, text)
    if found["former"]:
        return Mark(Kind.FORMER, None, text)
    if found["average"]:
        return Mark(Kind.AVERAGE, None, text)
    if found["weekday"]:
        return Mark(Kind.WEEKDAY, [day[:3].casefold() for day in WEEKDAYS].index(text[:3].casefold()), text)
    if found["compound"]:
        tens, unit = re.split(r"[- ]", text.casefold())
        return Mark(Kind.NUMBER, Decimal(NUMBER_WORDS[tens] + NUMBER_WORDS[unit]), text)
    if found["digits"]:
        return Mark(Kind.NUMBER, Decimal(text.replace(",", "")), text)
    if found["topic"]:
        return Mark(Kind.TOPIC, topic_of(found), text)
    return Mark(Kind.NUMBER, Decimal(NUMBER_WORDS.get(text.casefold(), 0)), text)


def is_within(mark: Mark, first: date, last: date) -> bool:
    """Whether a date mark names a day of [first, last]."""
    assert isinstance(mark.value, tuple)
    day, month, year = mark.value
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return any((one.day, one.month) == (day, month) and year in (0, one.year) for one in days)


def is_of(mark: Mark, start: datetime) -> bool:
    """Whether a weekday, a time or a date is that of a visit's start (shop-local)."""
    if mark.kind is Kind.WEEKDAY:
        return mark.value == start.weekday()
    if mark.kind is Kind.TIME:
        return mark.value == start.time().replace(second=0, microsecond=0, tzinfo=None)
    return is_within(mark, start.date(), start.date())
