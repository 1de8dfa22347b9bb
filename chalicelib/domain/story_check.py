"""Is a told week true? Every figure, name, weekday, time and comparison of it is held to the counted facts.

The rule is the other way round than a filter's: what can't be traced to a fact isn't sent. A word outside the lexicon,
a name that isn't among those to mind, a figure without a topic, a cause: each is a problem, in words that the model
can mend it by. `docs/summary.md` says what this catches, and how often it is wrong about an honest text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from chalicelib.domain.story_counting import Counting
from chalicelib.domain.story_figures import money_is
from chalicelib.domain.story_names import Group, Person, people
from chalicelib.domain.story_reading import Clause, Kind, Mark, is_of, is_within, sentences, without_names
from chalicelib.domain.story_words import CLAIMS, LEXICON, MOST, NEGATIONS, OF_ITS_OWN, UNSAFE, Topic
from chalicelib.domain.week_facts import ToDo, WeekFacts

MOST_WORDS = 180
_MOST_CHARACTERS = 12 * MOST_WORDS
_WHY_NAMED = (Topic.QUIET, Topic.UNREACHABLE, Topic.BAD_ROW)
_SAID_OF_NOBODY_QUIET = {Topic.CONFIRMED, Topic.MOVED, Topic.MOVED_BY_STAFF, Topic.CANCELLED}
_PRONOUNS = frozenset({"he", "she", "him", "her", "his", "hers"})
_ANSWERED = frozenset({"answered", "replied", "responded", "heard"})
_PAID = frozenset({"paid", "pay", "billed", "bill", "spent", "spend", "price", "prices"})
_NOT_THE_WEEKS_COST = re.compile(r"\beach\b|\ba (?:text|visit|customer|week)\b|\b(?:customer|client|patient)s?\b", re.I)
_CAME = frozenset({"came", "attended", "showed"})


def check_story(text: str, facts: WeekFacts) -> list[str]:
    """What is wrong with the text, in order; empty if every word of it is backed by the facts."""
    words = len(text.split())
    if words > MOST_WORDS or len(text) > _MOST_CHARACTERS:
        return [f"it has {words} words and {len(text)} characters; at most {MOST_WORDS} and {_MOST_CHARACTERS}"]
    problems = []
    if not text.strip():
        problems.append("it says nothing")
    bare = without_names(text, facts)
    if (unsafe := UNSAFE.search(bare)) is not None:
        problems.append(f"“{unsafe[0]}”: no links, addresses, long numbers or markup")
    problems += [f"“{claim[0]}”: no causes, effects, shares or sweeping words" for claim in CLAIMS.finditer(bare)]
    counting = Counting(facts, text)
    last: Person | None = None
    for clauses in sentences(text, facts):
        sentence = _Sentence(clauses, facts, last)
        problems += sentence.problems()
        problems += counting.problems(clauses)
        last = sentence.last
    return list(dict.fromkeys(problems))


class _Sentence:
    """The words, names, days and amounts of one sentence, held to the facts. `he` and `her` are who was named last in
    the sentence before."""

    def __init__(self, clauses: Sequence[Clause], facts: WeekFacts, last: Person | None) -> None:
        self._clauses = clauses
        self._facts = facts
        self._people = people(facts)
        self._why_named: Topic | None = None
        self._all_named = [self._person(m) for c in clauses for m in c.of(Kind.PERSON)]
        pronoun = any(m.text.casefold() in _PRONOUNS for c in clauses for m in c.of(Kind.WORD))
        self._meant = last if pronoun and not self._all_named else None
        if self._meant is not None:
            self._all_named = [self._meant]
        self.last = self._all_named[-1] if self._all_named else None

    def problems(self) -> Iterator[str]:
        """Everything that the facts don't say."""
        named = self._meant
        for clause in self._clauses:
            yield from self._words(clause)
            self._why_named = next((t for t in clause.topics if t in _WHY_NAMED), self._why_named)
            for place, mark in enumerate(clause.marks):
                if mark.kind is Kind.PERSON:
                    named = self._person(mark)
                    yield from self._about(clause, named)
                elif mark.kind in (Kind.WEEKDAY, Kind.TIME, Kind.DATE):
                    ahead = next((self._person(m) for m in clause.marks[place:] if m.kind is Kind.PERSON), None)
                    near = [p for p in (named, ahead) if p]
                    yield from self._when(clause, place, near)
                elif mark.kind in (Kind.STAFF, Kind.SERVICE):
                    yield from self._with(mark, clause.marks[place:], named)
                elif mark.kind is Kind.MONEY:
                    yield from self._money(clause, mark)
            words = {mark.text.casefold() for mark in clause.of(Kind.WORD)}
            if words & _PAID and not clause.of(Kind.MONEY):
                yield f"“{clause.text}”: what the texts cost is the only money that is counted"
            if words & _ANSWERED and not words & {*NEGATIONS, *OF_ITS_OWN} and not clause.of(Kind.NUMBER):
                yield f"“{clause.text}”: nobody who went quiet has answered"
            if named is not None and not clause.of(Kind.PERSON) and not clause.of(Kind.NUMBER):
                yield from self._about(clause, named)

    def _person(self, mark: Mark) -> Person:
        assert isinstance(mark.value, int)
        return self._people[mark.value]

    def _words(self, clause: Clause) -> Iterator[str]:
        for mark in clause.of(Kind.WORD):
            for part in mark.text.casefold().split("-"):
                bare = part.partition("'")[0].removesuffix("n") if "n't" in part else part.partition("'")[0]
                if bare and part not in LEXICON and bare not in LEXICON:
                    a_name = mark.text[:1].isupper()
                    what = "a name that isn't in the facts" if a_name else "a word that can't be checked"
                    yield f"“{mark.text}” is {what}"

    def _about(self, clause: Clause, person: Person) -> Iterator[str]:
        topics = set(clause.topics)
        if clause.of(Kind.PERSON) and self._why_named and not self._own_reason(clause):
            topics.add(self._why_named)
        bound = bool(clause.of(Kind.NUMBER))
        words = [mark.text.casefold() for mark in clause.of(Kind.WORD)]
        if topics & _SAID_OF_NOBODY_QUIET and not bound:
            yield f"“{clause.text}”: nobody who is named has confirmed, moved or cancelled"
        came = _CAME & set(words) or ("did" in words and {"come", "attend"} & set(words) and not _is_asked(clause))
        if came and not {*NEGATIONS, "whether", "if"} & set(words):
            yield f"“{clause.text}”: it isn't recorded that {person.spoken} came"
        noted = {"recorded", "noted"} & set(words) and not {*NEGATIONS, "be", "whether", "if", "nobody"} & set(words)
        if noted and "attendance" in words:
            yield f"“{clause.text}”: nobody noted whether {person.spoken} came"
        if "reached" in words and "can" in words and person.group is Group.UNREACHABLE:
            yield f"“{clause.text}”: {person.spoken} is unreachable"
        no_show = person.visit is not None and person.visit.to_do is ToDo.OFFER_ANOTHER_TIME
        if Topic.NO_SHOW in topics and not no_show:
            yield f"“{clause.text}”: {person.spoken} isn't recorded as a no-show"
        if Topic.QUIET in topics and person.group is not Group.QUIET:
            yield f"“{clause.text}”: {person.spoken} isn't among those who went quiet"
        if Topic.UNREACHABLE in topics and person.group is not Group.UNREACHABLE:
            yield f"“{clause.text}”: {person.spoken} isn't unreachable"
        if Topic.BAD_ROW in topics and person.group is not Group.BAD_ROW and clause.of(Kind.PERSON):
            yield f"“{clause.text}”: {person.spoken} has no row to mend"

    def _own_reason(self, clause: Clause) -> bool:
        """Whether what follows a name says itself why: `Tim can't be reached; Nora (Tuesday), who hasn't answered`."""
        after = self._clauses[[one is clause for one in self._clauses].index(True) + 1 :]
        for one in after:
            if one.of(Kind.PERSON):
                return False
            if set(one.topics) & set(_WHY_NAMED):
                return True
        return False

    def _money(self, clause: Clause, mark: Mark) -> Iterator[str]:
        cost = self._facts.cost
        if not money_is(mark.value, mark.text, self._facts):
            yield f"“{mark.text}”: the texts' cost is {f'{cost.currency} {cost.amount}' if cost else 'not known'}"
        if clause.of(Kind.FORMER) or _NOT_THE_WEEKS_COST.search(clause.text):
            yield f"“{clause.text}”: the cost is that of the week's texts together"

    def _with(self, mark: Mark, ahead: Sequence[Mark], named: Person | None) -> Iterator[str]:
        """Staff and services are those of who was named last, or is named next in the clause; else of anybody named."""
        near = [named] if named else []
        near += [self._person(m) for m in ahead if m.kind is Kind.PERSON][:1]
        visits = [person.visit for person in near or self._all_named if person.visit is not None]
        said = [visit.staff if mark.kind is Kind.STAFF else visit.service for visit in visits]
        if mark.value not in said:
            yield f"“{mark.text}” isn't what the facts say of who is named beside it"

    def _when(self, clause: Clause, place: int, near: Sequence[Person]) -> Iterator[str]:
        """A weekday, time or date is that of the visit named beside it; else of the week itself."""
        mark = clause.marks[place]
        anybody = bool(self._all_named)
        starts = [person.visit.start for person in near if person.visit is not None]
        if starts:
            if not any(is_of(mark, start) for start in starts):
                yield f"“{mark.text}” isn't when the visit of {near[0].spoken} is"
            return
        if mark.kind is Kind.DATE and self._in_the_week(mark) and not anybody:
            alone = not clause.of(Kind.WEEKDAY) and len(clause.of(Kind.DATE)) == 1
            if alone and "week" in clause.text.casefold() and not self._in_the_week(mark, 0):
                yield f"“{clause.text}”: the week begins on {self._facts.monday:%-d %B}"
            return
        if mark.kind is Kind.TIME and not anybody and mark.value in (self._facts.quiet_hours or ()):
            return
        if mark.kind is Kind.WEEKDAY and not anybody:
            days = [one.value for one in clause.of(Kind.WEEKDAY)]
            if days == [0, 6] and not clause.of(Kind.NUMBER):
                return  # from Monday to Sunday
            following = clause.marks[place + 1 : place + 2]
            if following and following[0].kind is Kind.DATE and self._in_the_week(following[0], mark.value):
                if "week" in clause.text.casefold() and mark.value != 0:
                    yield f"“{clause.text}”: the week begins on a Monday"
                return  # Monday 14 December
            if Topic.CONFIRMED in clause.topics:
                by_day = self._facts.week.confirmed_by_day
                if MOST.search(clause.text) and by_day[int(str(mark.value))] == max(by_day):
                    return
                if clause.of(Kind.NUMBER):
                    return  # held to that day's figure with the other figures
        yield f"“{mark.text}”: nothing is counted or planned for it here"

    def _in_the_week(self, mark: Mark, weekday: object = None) -> bool:
        monday: date = self._facts.monday
        first = monday + timedelta(days=weekday) if isinstance(weekday, int) else monday
        return is_within(mark, first, first if isinstance(weekday, int) else monday + timedelta(days=6))


def _is_asked(clause: Clause) -> bool:
    """`Did Ben Wong come?`"""
    kinds = [Kind.PERSON if mark.kind is Kind.PERSON else mark.text.casefold() for mark in clause.marks]
    return Kind.PERSON in kinds and "did" in kinds and kinds.index("did") < kinds.index(Kind.PERSON)
