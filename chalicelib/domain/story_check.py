"""Is a told week true? Every figure, name, weekday, time and comparison of it is held to the counted facts.

The rule is the other way round than a filter's: what can't be traced to a fact isn't sent. A word outside the lexicon,
a name that isn't among those to mind, a figure without a topic, a cause: each is a problem, in words that the model
can mend it by. `docs/summary.md` says what this catches, and how often it is wrong about an honest text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from chalicelib.domain.story_names import Group, Person, people
from chalicelib.domain.story_reading import Clause, Kind, Mark, is_of, is_within, sentences, without_names
from chalicelib.domain.story_words import (
    AGAINST,
    CLAIMS,
    FEWER,
    GENERAL,
    LEXICON,
    MORE,
    MOST,
    SAME,
    UNSAFE,
    Topic,
)
from chalicelib.domain.week_facts import Rate, ToDo, WeekCounts, WeekFacts

MOST_WORDS = 180
_UNITS = (Topic.MINUTES, Topic.HOURS, Topic.PERCENT, Topic.WEEKS, Topic.DAYS, Topic.SEGMENTS)
_GROUPS = (Topic.CONFIRMED, Topic.UNCONFIRMED)
_WHY_NAMED = (Topic.QUIET, Topic.UNREACHABLE, Topic.BAD_ROW)
_SAID_OF_NOBODY_QUIET = {Topic.CONFIRMED, Topic.MOVED, Topic.MOVED_BY_STAFF, Topic.CANCELLED}


def check_story(text: str, facts: WeekFacts) -> list[str]:
    """What is wrong with the text, in order; empty if every word of it is backed by the facts."""
    problems = []
    words = len(text.split())
    if words > MOST_WORDS:
        problems.append(f"it has {words} words; at most {MOST_WORDS}")
    if not text.strip():
        problems.append("it says nothing")
    bare = without_names(text, facts)
    if (unsafe := UNSAFE.search(bare)) is not None:
        problems.append(f"“{unsafe[0]}”: no links, addresses, long numbers or markup")
    problems += [f"“{claim[0]}”: no causes, effects, shares or sweeping words" for claim in CLAIMS.finditer(bare)]
    for sentence in sentences(text, facts):
        problems += _Sentence(sentence, facts).problems()
    return list(dict.fromkeys(problems))


class _Sentence:
    """One sentence held to the facts. What an earlier clause spoke of still counts where a later one leaves it out."""

    def __init__(self, clauses: Sequence[Clause], facts: WeekFacts) -> None:
        self._clauses = clauses
        self._facts = facts
        self._people = people(facts)
        self._topic: Topic | None = None
        self._group: Topic | None = None
        self._why_named: Topic | None = None
        self._attendance = any(topic is Topic.UNCONFIRMED for c in clauses for topic in c.topics) and any(
            topic is Topic.NO_SHOW for c in clauses for topic in c.topics
        )

    def problems(self) -> Iterator[str]:
        """Everything that the facts don't say."""
        named: Person | None = None
        all_named = [self._person(m) for c in self._clauses for m in c.of(Kind.PERSON)]
        for clause in self._clauses:
            yield from self._words(clause)
            self._group = next((t for t in clause.topics if t in _GROUPS), self._group)
            self._why_named = next((t for t in clause.topics if t in _WHY_NAMED), self._why_named)
            for place, mark in enumerate(clause.marks):
                if mark.kind is Kind.PERSON:
                    named = self._person(mark)
                    yield from self._about(clause, named)
                elif mark.kind in (Kind.WEEKDAY, Kind.TIME, Kind.DATE):
                    ahead = next((self._person(m) for m in clause.marks[place:] if m.kind is Kind.PERSON), None)
                    yield from self._when(clause, mark, [p for p in (named, ahead) if p], bool(all_named))
                elif mark.kind in (Kind.STAFF, Kind.SERVICE):
                    yield from self._with(mark, all_named)
            yield from self._figures(clause)
            yield from self._direction(clause)
            yield from self._money(clause)

    def _person(self, mark: Mark) -> Person:
        assert isinstance(mark.value, int)
        return self._people[mark.value]

    # ------------------------------------------------------------ words and names

    def _words(self, clause: Clause) -> Iterator[str]:
        for mark in clause.of(Kind.WORD):
            for part in mark.text.casefold().split("-"):
                bare = part.partition("'")[0].removesuffix("n") if "n't" in part else part.partition("'")[0]
                if bare and part not in LEXICON and bare not in LEXICON:
                    a_name = mark.text[:1].isupper()
                    what = "a name that isn't in the facts" if a_name else "a word that can't be checked"
                    yield f"“{mark.text}” is {what}"

    def _about(self, clause: Clause, person: Person) -> Iterator[str]:
        topics = set(clause.topics) | ({self._why_named} if self._why_named else set())
        bound = bool(clause.of(Kind.NUMBER))
        if topics & _SAID_OF_NOBODY_QUIET and not bound:
            yield f"“{clause.text}”: nobody who is named has confirmed, moved or cancelled"
        no_show = person.visit is not None and person.visit.to_do is ToDo.OFFER_ANOTHER_TIME
        if Topic.NO_SHOW in topics and not no_show:
            yield f"“{clause.text}”: {person.spoken} isn't recorded as a no-show"
        if Topic.QUIET in topics and person.group is not Group.QUIET:
            yield f"“{clause.text}”: {person.spoken} isn't among those who went quiet"
        if Topic.UNREACHABLE in topics and person.group is not Group.UNREACHABLE:
            yield f"“{clause.text}”: {person.spoken} isn't unreachable"
        if Topic.BAD_ROW in topics and person.group is not Group.BAD_ROW:
            yield f"“{clause.text}”: {person.spoken} has no row to mend"

    def _with(self, mark: Mark, named: Sequence[Person]) -> Iterator[str]:
        visits = [person.visit for person in named if person.visit is not None]
        said = [visit.staff if mark.kind is Kind.STAFF else visit.service for visit in visits]
        if mark.value not in said:
            yield f"“{mark.text}” isn't what the facts say of who is named beside it"

    def _when(self, clause: Clause, mark: Mark, near: Sequence[Person], anybody: bool) -> Iterator[str]:
        """A weekday, time or date is that of the visit named beside it; else of the week itself."""
        starts = [person.visit.start for person in near if person.visit is not None]
        if starts:
            if not any(is_of(mark, start) for start in starts):
                yield f"“{mark.text}” isn't when the visit of {near[0].spoken} is"
            return
        monday = self._facts.monday
        week_ends = monday + timedelta(days=6)
        if mark.kind is Kind.DATE and is_within(mark, monday, week_ends) and not anybody:
            return
        if mark.kind is Kind.TIME and not anybody and mark.value in (self._facts.quiet_hours or ()):
            return
        if mark.kind is Kind.WEEKDAY and not anybody:
            days = [one.value for one in clause.of(Kind.WEEKDAY)]
            if days == [0, 6] and not clause.of(Kind.NUMBER):
                return  # from Monday to Sunday
            if Topic.CONFIRMED in clause.topics or self._topic is Topic.CONFIRMED:
                by_day = self._facts.week.confirmed_by_day
                if MOST.search(clause.text) and by_day[int(str(mark.value))] == max(by_day):
                    return
                if clause.of(Kind.NUMBER):
                    return  # held to that day's figure with the other figures
        yield f"“{mark.text}”: nothing is counted or planned for it here"

    # ------------------------------------------------------------ figures

    def _figures(self, clause: Clause) -> Iterator[str]:
        marks = clause.marks
        weekday = next((mark for mark in clause.of(Kind.WEEKDAY)), None)
        if clause.of(Kind.PERSON):
            weekday = None
        compares = any(mark.text.casefold() in AGAINST for mark in marks)
        former = any(compares or mark.text.casefold() != "last week" for mark in clause.of(Kind.FORMER))
        average = bool(clause.of(Kind.AVERAGE))
        against = next((n for n, m in enumerate(marks) if m.text.casefold() in AGAINST or m.kind is Kind.AVERAGE), None)
        for place, mark in enumerate(marks):
            if mark.kind is not Kind.NUMBER:
                continue
            value = Decimal(str(mark.value))
            if value == 0 and mark.text[:1].isalpha() and not self._bound(clause, place):
                continue  # a plain no: it counts nothing
            behind = against is not None and place > against and not _ends_at(marks, against, place)
            in_former = behind or (former and against is None) or (average and against is None)
            topic = self._topic_of(clause, place)
            if topic is None:
                yield f"“{mark.text}” in “{clause.text}”: it isn't clear what is counted"
                continue
            if topic not in _UNITS:
                self._topic = topic
            right = self._values(topic, clause, place, weekday, in_former, average)
            if value not in right:
                said = ", ".join(f"{one.normalize():f}" for one in sorted(right)) or "nothing of the kind"
                when = (
                    "the average of the weeks before"
                    if average and in_former
                    else ("the week before" if in_former else "the week")
                )
                yield f"“{clause.text}”: {mark.text} isn't what was counted ({topic.value}, {when}: {said})"
        specific = [topic for topic in clause.topics if topic not in GENERAL and topic not in _UNITS]
        if specific:
            self._topic = specific[-1]
        elif clause.topics and self._topic is None:
            self._topic = clause.topics[-1]

    def _bound(self, clause: Clause, place: int) -> bool:
        """Whether a `no` stands before what it counts."""
        following = clause.marks[place + 1 : place + 3]
        return any(mark.kind is Kind.TOPIC for mark in following)

    def _topic_of(self, clause: Clause, place: int) -> Topic | None:
        """What a figure counts: its unit, else the nearest exact topic behind it, else before it, else a general
        one."""
        marks = clause.marks
        following = [m.value for m in marks[place + 1 : place + 2] if isinstance(m.value, Topic)]
        if place and marks[place - 1].value is Topic.BAD_ROW:
            return Topic.BAD_ROW
        if following and following[0] in _UNITS:
            return following[0]
        after = [m.value for m in marks[place + 1 :] if isinstance(m.value, Topic) and m.value not in _UNITS]
        before = [m.value for m in marks[:place] if isinstance(m.value, Topic) and m.value not in _UNITS]
        if self._attendance and self._group and {*after, *before} <= {*_GROUPS, Topic.NO_SHOW, Topic.VISITS}:
            return Topic.NO_SHOW
        if self._is_whole(marks, place) and after:
            return after[0]  # 31 of 42 visits: the whole is what follows it
        part = any(m.text.casefold() == "of" for m in marks[place + 1 : place + 2])
        exact_after = [topic for topic in after if topic not in GENERAL]
        exact_before = [topic for topic in before if topic not in GENERAL]
        if part and len(exact_after) > 1:
            return exact_after[-1]
        numbers_behind = [n for n, m in enumerate(marks) if n > place and m.kind is Kind.NUMBER]
        if numbers_behind and exact_before and not exact_after:
            return exact_before[-1]
        for candidates in (exact_after[:1], exact_before[-1:]):
            if candidates:
                return candidates[0]
        if after or before:
            return (after[:1] or before[-1:])[0]
        return self._topic

    def _is_whole(self, marks: Sequence[Mark], place: int) -> bool:
        """Whether a figure is what another one is a part of."""
        return bool(place) and marks[place - 1].text.casefold() in ("of", "among")

    def _values(
        self, topic: Topic, clause: Clause, place: int, weekday: Mark | None, former: bool, average: bool
    ) -> set[Decimal]:
        """Every figure that would be true there."""
        facts = self._facts
        if topic is Topic.BAD_ROW and place and clause.marks[place - 1].value is Topic.BAD_ROW:
            return {Decimal(row.line) for row in facts.bad_rows}
        if topic is Topic.WEEKS:
            weeks = {len(facts.before)} | ({facts.attendance.weeks} if facts.attendance else set())
            return {Decimal(one) for one in weeks}
        if topic is Topic.DAYS:
            return {Decimal(7)}
        if topic is Topic.PERCENT or (self._attendance and topic in (Topic.NO_SHOW, Topic.VISITS)):
            return self._attended(topic)
        compared = clause.marks[place + 1 : place + 2]
        if compared and compared[0].text.casefold() in MORE | FEWER and facts.before:
            base, now = facts.before[-1], self._figure(self._subject(clause), facts.week)
            then = self._figure(self._subject(clause), base)
            sign = 1 if compared[0].text.casefold() in MORE else -1
            return {(a - b) * sign for a in now for b in then if (a - b) * sign > 0}
        if weekday is not None and topic is Topic.CONFIRMED and not self._is_whole(clause.marks, place):
            assert isinstance(weekday.value, int)
            return {Decimal(facts.week.confirmed_by_day[weekday.value])}
        if former and average:
            means = [sum(self._figure(topic, week), Decimal(0)) for week in facts.before]
            mean = sum(means, Decimal(0)) / len(means) if means else None
            return set() if mean is None else _rounded(mean) | {mean}
        if former:
            return self._figure(topic, facts.before[-1]) if facts.before else set()
        return self._figure(topic, facts.week)

    def _subject(self, clause: Clause) -> Topic:
        exact = [topic for topic in clause.topics if topic not in GENERAL and topic not in _UNITS]
        return (exact or clause.topics or [self._topic or Topic.VISITS])[0]

    def _figure(self, topic: Topic, week: WeekCounts) -> set[Decimal]:
        """One week's figure for a topic; the lists by name are the told week's only."""
        told = week is self._facts.week
        calls = [one for one in self._facts.quiet if one.to_do is ToDo.CALL]
        figures: dict[Topic, tuple[float | int | None, ...]] = {
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
            Topic.QUIET: (len(self._facts.quiet), len(calls)) if told else (),
            Topic.UNREACHABLE: ((len(self._facts.unreachable), week.unreachable) if told else (week.unreachable,)),
            Topic.BAD_ROW: (len(self._facts.bad_rows),) if told else (),
            Topic.SEGMENTS: (week.segments,),
            Topic.EMAILS: (week.reminder_emails,),
            Topic.TEXTS: (week.reminder_texts,),
            Topic.REMINDERS: (week.reminders,),
            Topic.VISITS: (week.visits,),
            Topic.MINUTES: (week.minutes_to_confirm,),
            Topic.HOURS: (week.notice_hours,),
        }
        exact = {Decimal(str(one)) for one in figures.get(topic, ()) if one is not None}
        if topic in (Topic.HOURS, Topic.MINUTES):
            return {near for one in exact for near in _rounded(one)}
        return exact

    def _attended(self, topic: Topic) -> set[Decimal]:
        """No-shows of confirmed beside unconfirmed visits: each figure with its own group."""
        attendance = self._facts.attendance
        if attendance is None:
            return set()
        if self._group is None:
            return set()
        return _rate(attendance.unconfirmed if self._group is Topic.UNCONFIRMED else attendance.confirmed, topic)

    # ------------------------------------------------------------ comparisons and money

    def _direction(self, clause: Clause) -> Iterator[str]:
        """`more`, `fewer`, `the same`: true against the week before, or the average of those before."""
        words = [mark.text.casefold() for mark in clause.of(Kind.WORD)]
        more = MORE if {"from", "on"} & set(words) else MORE - {"up"}  # filled up, follow up
        signs = [1 for word in words if word in more] + [-1 for word in words if word in FEWER]
        signs += [0 for word in words if word in SAME and (clause.of(Kind.FORMER) or clause.of(Kind.AVERAGE))]
        for sign in signs:
            if not self._facts.before:
                yield f"“{clause.text}”: there is no week before to compare with"
                return
            topic = self._subject(clause) if clause.topics else self._topic
            if self._attendance:
                yield from self._attended_direction(clause, sign)
                return
            now = self._figure(topic, self._facts.week) if topic else set()
            if not topic or len(now) != 1:
                yield f"“{clause.text}”: it isn't clear what is compared"
                return
            figures = [sum(self._figure(topic, week), Decimal(0)) for week in self._facts.before]
            then = sum(figures, Decimal(0)) / len(figures) if clause.of(Kind.AVERAGE) else figures[-1]
            (value,) = now
            if (value > then) - (value < then) != sign:
                yield f"“{clause.text}”: {topic.value} were {value.normalize():f}, before that {then.normalize():.4g}"

    def _attended_direction(self, clause: Clause, sign: int) -> Iterator[str]:
        attendance = self._facts.attendance
        of = {} if attendance is None else {True: attendance.unconfirmed.percent, False: attendance.confirmed.percent}
        if None in of.values() or not of:
            yield f"“{clause.text}”: there are too few visits to compare"
            return
        first = next((t for t in clause.topics if t in (Topic.UNCONFIRMED, Topic.CONFIRMED)), None)
        mine, other = of[first is Topic.UNCONFIRMED], of[first is not Topic.UNCONFIRMED]
        assert mine is not None
        assert other is not None
        if first is None or (mine > other) - (mine < other) != sign:
            yield f"“{clause.text}”: the counted no-shows say otherwise"

    def _money(self, clause: Clause) -> Iterator[str]:
        for mark in clause.of(Kind.MONEY):
            cost = self._facts.cost
            symbol = "".join(letter for letter in mark.text if not (letter.isdigit() or letter in "., "))
            if cost is None or mark.value != cost.amount or not _is_currency(symbol, cost.currency):
                yield f"“{mark.text}”: the texts' cost is {f'{cost.currency} {cost.amount}' if cost else 'not known'}"


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


def _ends_at(marks: Sequence[Mark], against: int, place: int) -> bool:
    """`from 28 to 31`: the second figure is the told week's again."""
    return marks[against].text.casefold() == "from" and any(m.text.casefold() == "to" for m in marks[against:place])


def _rate(rate: Rate, topic: Topic) -> set[Decimal]:
    if topic is Topic.PERCENT:
        return set() if rate.percent is None else _rounded(Decimal(str(rate.percent)))
    return {Decimal(rate.no_shows), Decimal(rate.visits)}


def _rounded(value: Decimal) -> set[Decimal]:
    """A figure to a tenth, and as a whole number: both are said."""
    return {
        value.quantize(Decimal("0.1"), ROUND_HALF_UP).normalize() + 0,
        value.quantize(Decimal(1), ROUND_HALF_UP) + 0,
    }
