"""Are a told week's figures and comparisons true? Each is given its topic, its week and its way, then looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from chalicelib.domain.story_figures import differences, figures, means, rates, said
from chalicelib.domain.story_limits import uncounted
from chalicelib.domain.story_names import people
from chalicelib.domain.story_places import (
    begins_with_the_former,
    channelled,
    ends_at,
    filled_up,
    has_part,
    is_bare,
    is_one_of_them,
    is_whole,
    tells_when,
)
from chalicelib.domain.story_reading import Clause, Kind, Mark
from chalicelib.domain.story_words import (
    AGAINST,
    BOTH,
    FEWER,
    FORMER,
    GENERAL,
    MORE,
    OF_ITS_OWN,
    SAME,
    Topic,
)
from chalicelib.domain.week_facts import WeekFacts

_UNITS = (
    Topic.MINUTES,
    Topic.HOURS,
    Topic.PERCENT,
    Topic.WEEKS,
    Topic.DAYS,
    Topic.SEGMENTS,
    Topic.CALLS,
)
_GROUPS = (Topic.CONFIRMED, Topic.UNCONFIRMED)
_NAME_A_FORMER = re.compile(rf"\([^()]*{FORMER.pattern}[^()]*\)|\bbrackets\b", re.I)
_CUSTOMERS = frozenset({"customer", "customers", "client", "clients", "patient", "patients", "people", "guests"})
_AS_THIS_WEEK = re.compile(r"\b(?:same as|as in|as|on) this week\b", re.I)


class Counting:
    """A text's figures, sentence by sentence. What an earlier clause counted still counts where a later one leaves it
    out."""

    def __init__(self, facts: WeekFacts, text: str) -> None:
        self._facts = facts
        self._rows = [person.row.line if person.row else None for person in people(facts)]
        self._when_former = False
        self._brackets_are_former = bool(_NAME_A_FORMER.search(text))
        self._counted: list[Topic] = []
        self._start([])

    def _start(self, clauses: Sequence[Clause]) -> None:
        self._topic: Topic | None = None
        self._last: Topic | None = None
        self._group: Topic | None = None
        self._pair: list[Topic] = []
        self._lines: list[int] = []
        topics = [topic for clause in clauses for topic in clause.topics]
        self._people = len({mark.value for clause in clauses for mark in clause.of(Kind.PERSON)})
        self._attendance = Topic.UNCONFIRMED in topics and Topic.NO_SHOW in topics
        self._all_former = bool(clauses) and begins_with_the_former(clauses[0])
        if any(topic not in _UNITS for topic in topics):
            self._counted = []

    def problems(self, clauses: Sequence[Clause]) -> Iterator[str]:
        """What one sentence counts otherwise than the facts do."""
        self._start(clauses)
        for place, clause in enumerate(clauses):
            self._when_former = bool(place and tells_when(clause) and clauses[place - 1].of(Kind.FORMER))
            self._group = next((t for t in clause.topics if t in _GROUPS), self._group)
            self._pair = self._pair or self._paired(clauses[place : place + 2])
            before = self._last
            yield from self._figures(clause)
            yield from self._direction(clause, before)
            yield from uncounted(clause, self._facts)
        named = [self._rows[int(str(m.value))] for clause in clauses for m in clause.of(Kind.PERSON)]
        customers = [line for line in named if line is not None]
        if self._lines and customers and self._lines != customers:
            yield f"row {self._lines[0]} isn't the row of who is named beside it"

    # ------------------------------------------------------------ figures

    def _figures(self, clause: Clause) -> Iterator[str]:
        marks = clause.marks
        weekday = None if clause.of(Kind.PERSON) else next(iter(clause.of(Kind.WEEKDAY)), None)
        average = bool(clause.of(Kind.AVERAGE))
        counted: Topic | None = None
        for place, mark in enumerate(marks):
            if mark.kind is not Kind.NUMBER:
                continue
            value = Decimal(str(mark.value))
            if value == 0 and mark.text[:1].isalpha() and not clause.topics:
                if {m.text.casefold() for m in marks[place + 1 : place + 2]} & _CUSTOMERS:
                    yield f"“{clause.text}”: it isn't clear what is counted"
                continue  # a plain no: it counts nothing
            if is_one_of_them(clause, place):
                continue
            former = self._is_former(clause, place)
            part = counted if is_whole(marks, place) else None
            topic = self._topic_of(clause, place, part)
            if topic is None:
                yield f"“{mark.text}” in “{clause.text}”: it isn't clear what is counted"
                continue
            is_line = topic is Topic.BAD_ROW and self._is_line(clause, place)
            if is_line:
                self._lines.append(int(value))
            right = (
                {Decimal(row.line) for row in self._facts.bad_rows}
                if is_line
                else self._right(topic, clause, place, weekday, former)
            )
            if value not in right:
                known = ", ".join(f"{one.normalize():f}" for one in sorted(right)) or "nothing of the kind"
                when = "the week before" if former else "the week"
                when = "the average of the weeks before" if average and former else when
                yield f"“{clause.text}”: {mark.text} isn't what was counted ({topic.value}, {when}: {known})"
            if not is_whole(marks, place):
                counted = self._last = topic
                if not former and not self._sign(clause, place) and topic is not Topic.CALLS:
                    self._counted.append(topic)
            if topic not in _UNITS:
                self._topic = topic
        specific = [topic for topic in clause.topics if topic not in GENERAL and topic not in _UNITS]
        if specific:
            self._topic = specific[-1]
        elif clause.topics and self._topic is None:
            self._topic = clause.topics[-1]
        if counted is None and specific:
            self._last = specific[-1]

    def _is_former(self, clause: Clause, place: int) -> bool:
        """Whether a figure is the week before's (or the average of those before)."""
        marks = clause.marks
        compares = any(mark.text.casefold() in AGAINST for mark in marks)
        former = any(compares or mark.text.casefold() != "last week" for mark in clause.of(Kind.FORMER))
        average = bool(clause.of(Kind.AVERAGE))
        against = next((n for n, m in enumerate(marks) if m.text.casefold() in AGAINST or m.kind is Kind.AVERAGE), None)
        behind = against is not None and place > against and not ends_at(marks, against, place)
        if self._all_former or self._when_former or behind or ((former or average) and against is None):
            return True
        return self._brackets_are_former and clause.bracketed and is_bare(clause)

    def _is_line(self, clause: Clause, place: int) -> bool:
        """Whether a figure is a row's number in the sheet: `row 14`, and after it `and 22`."""
        named = bool(place) and clause.marks[place - 1].value is Topic.BAD_ROW
        in_brackets = clause.bracketed and is_bare(clause) and self._topic is Topic.BAD_ROW
        return named or in_brackets or (bool(self._lines) and not clause.topics)

    def _topic_of(self, clause: Clause, place: int, part: Topic | None) -> Topic | None:
        """What a figure counts: its unit, else the nearest exact topic behind it, else before it, else a general
        one, else what was counted last."""
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
        if part is Topic.REFILLED or (has_part(marks, place) and Topic.REFILLED in (*after, *before)):
            if part is not Topic.REFILLED:
                return Topic.REFILLED
            return next((t for t in after if t not in GENERAL and t not in (Topic.REFILLED, Topic.FREED)), Topic.FREED)
        if part is not None and after:
            return after[0]  # 31 of 42 visits: the whole is what follows it
        topic = self._nearest(marks, place, after, before)
        if topic is None:
            counts_people = Topic.CALLS in clause.topics
            topic = Topic.CALLS if counts_people else self._left_out()
        return None if topic is None else channelled(topic, clause, place)

    def _nearest(
        self, marks: Sequence[Mark], place: int, after: Sequence[Topic], before: Sequence[Topic]
    ) -> Topic | None:
        exact_after = [topic for topic in after if topic not in GENERAL]
        exact_before = [topic for topic in before if topic not in GENERAL]
        if has_part(marks, place) and len(exact_after) > 1:
            return exact_after[-1]
        if exact_before and not exact_after and any(m.kind is Kind.NUMBER for m in marks[place + 1 :]):
            return exact_before[-1]
        for candidates in (exact_after[:1], exact_before[-1:], after[:1], before[-1:]):
            if candidates:
                return candidates[0]
        return None

    def _left_out(self) -> Topic | None:
        """The topic of a figure that says none: the paired one, else the last one."""
        return self._pair.pop(0) if self._pair else self._last or self._topic

    def _paired(self, clauses: Sequence[Clause]) -> list[Topic]:
        """What two bare figures count, as in `42 visits, 31 confirmed, against 39 and 28`: the two counted before."""
        if len(clauses) < 2 or len(self._counted) < 2:
            return []
        one, other = clauses
        bare = not [t for c in clauses for t in c.topics]
        joined = other.marks[:1] and other.marks[0].text.casefold() == "and"
        numbers = [len(clause.of(Kind.NUMBER)) for clause in clauses]
        is_against = any(mark.text.casefold() in AGAINST for mark in one.marks) or bool(one.of(Kind.FORMER))
        return self._counted[-2:] if bare and joined and numbers == [1, 1] and is_against else []

    def _right(self, topic: Topic, clause: Clause, place: int, weekday: Mark | None, former: bool) -> set[Decimal]:
        """Every figure that would be true there."""
        facts = self._facts
        if topic is Topic.WEEKS:
            attended = {Decimal(facts.attendance.weeks)} if facts.attendance else set()
            return attended if self._attendance else attended | {Decimal(len(facts.before))}
        if topic is Topic.DAYS:
            return {Decimal(7)}
        if topic is Topic.PERCENT or (self._attendance and topic in (Topic.NO_SHOW, Topic.VISITS)):
            return rates(topic, self._group, facts)
        if sign := self._sign(clause, place):
            subjects = [topic] if topic in _UNITS else self._subjects(clause)
            each = [{d * sign for d in differences(one, facts) if d * sign > 0} for one in subjects]
            return set.intersection(*each) if each else set()
        if topic is Topic.CALLS and self._people:
            return figures(topic, facts.week, facts) | {Decimal(self._people)}
        if weekday is not None and topic is Topic.CONFIRMED and not is_whole(clause.marks, place):
            assert isinstance(weekday.value, int)
            return {Decimal(facts.week.confirmed_by_day[weekday.value])}
        if former and clause.of(Kind.AVERAGE):
            return means(topic, facts)
        if former:
            return said(topic, facts.before[-1], facts) if facts.before else set()
        return said(topic, facts.week, facts)

    def _sign(self, clause: Clause, place: int) -> int:
        """1 for so many more, -1 for so many fewer; 0 for a count."""
        marks = clause.marks
        following = [m.text.casefold() for m in marks[place + 1 : place + 3]]
        if following[1:] and marks[place + 1].kind is Kind.TOPIC:
            following = following[1:]  # 13 minutes less, three visits more
        elif following[1:] and following[1] in ("went", "came"):
            following = []  # 12 more went by e-mail
        before = [m.text.casefold() for m in marks[max(place - 2, 0) : place]]
        word = following[0] if following and following[0] in MORE | FEWER else ""
        if not word and len(before) == 2 and before[1] in ("by", "of"):
            word = before[0]
        return 1 if word in MORE else -1 if word in FEWER else 0

    def _subjects(self, clause: Clause) -> list[Topic]:
        """What a comparison is about."""
        if {mark.text.casefold() for mark in clause.of(Kind.WORD)} & BOTH and not clause.topics:
            return self._counted[-2:] if len(self._counted) > 1 else []
        exact = [topic for topic in clause.topics if topic not in GENERAL and topic not in _UNITS]
        named = exact or [topic for topic in clause.topics if topic is not Topic.CALLS]
        return [named[0] if named else self._last or self._topic or Topic.VISITS]

    # ------------------------------------------------------------ comparisons

    def _direction(self, clause: Clause, before: Topic | None) -> Iterator[str]:
        """`more`, `fewer`, `the same`: true against the week before, or the average of those before."""
        words = [mark.text.casefold() for mark in clause.of(Kind.WORD)]
        for word in words:
            if word in OF_ITS_OWN:
                yield from self._compared(clause, OF_ITS_OWN[word][0], OF_ITS_OWN[word][1])
        signs = [1 for n, word in enumerate(words) if word in MORE and not (word == "up" and filled_up(clause, n))]
        signs += [-1 for n, word in enumerate(words) if word in FEWER and not (word == "down" and filled_up(clause, n))]
        against_itself = {*words} & AGAINST and "this week" in clause.text.casefold() and not clause.of(Kind.FORMER)
        if against_itself or _AS_THIS_WEEK.search(clause.text):
            yield f"“{clause.text}”: this week is compared with the week before"
        signs += [0 for word in words if word in SAME and (clause.of(Kind.FORMER) or clause.of(Kind.AVERAGE))]
        for sign in signs:
            if self._attendance:
                yield from self._attended_direction(clause, sign)
                return
            if not clause.topics and not ({*words} & BOTH):
                subjects = [topic for topic in (before or self._last or self._topic,) if topic]
            else:
                subjects = self._subjects(clause)
            if not subjects:
                yield f"“{clause.text}”: it isn't clear what is compared"
            for topic in subjects:
                yield from self._compared(clause, topic, sign)

    def _compared(self, clause: Clause, topic: Topic, sign: int) -> Iterator[str]:
        facts = self._facts
        if not facts.before:
            yield f"“{clause.text}”: there is no week before to compare with"
            return
        now = figures(topic, facts.week, facts)
        weeks = [figures(topic, week, facts) for week in facts.before]
        if len(now) != 1 or not weeks[-1]:
            yield f"“{clause.text}”: it isn't clear what is compared"
            return
        sums = [sum(week, Decimal(0)) for week in weeks]
        then = sum(sums, Decimal(0)) / len(sums) if clause.of(Kind.AVERAGE) else sums[-1]
        (value,) = now
        if (value > then) - (value < then) != sign:
            yield f"“{clause.text}”: {topic.value} were {value.normalize():f}, before that {then.normalize():.4g}"

    def _attended_direction(self, clause: Clause, sign: int) -> Iterator[str]:
        attendance = self._facts.attendance
        of = {} if attendance is None else {True: attendance.unconfirmed.percent, False: attendance.confirmed.percent}
        if None in of.values() or not of:
            yield f"“{clause.text}”: there are too few visits to compare"
            return
        first = next((t for t in clause.topics if t in _GROUPS), None)
        mine, other = of[first is Topic.UNCONFIRMED], of[first is not Topic.UNCONFIRMED]
        assert mine is not None
        assert other is not None
        if first is None or (mine > other) - (mine < other) != sign:
            yield f"“{clause.text}”: the counted no-shows say otherwise"
