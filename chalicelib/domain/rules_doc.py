"""The rules doc, line by line: which lines speak, what each says, and every problem at once (DESIGN §4.2).

A line speaks if it has a digit, or a known word before a colon; everything else is prose and is read past. A line
that speaks must be understood whole. The doc is taken whole or not at all, so the caller keeps the former one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from chalicelib.domain.appointment import MIN_LEAD
from chalicelib.domain.rule_book import Closed, OpeningHours, QuietHours, RuleBook, ServiceRule, as_typed, normalise
from chalicelib.domain.rules_clock import DAY_NAMES, read_opening_hours, read_quiet_hours
from chalicelib.domain.rules_days import read_closed
from chalicelib.domain.rules_windows import read_minutes, read_windows
from chalicelib.errors import DocumentError, LineProblem

_TIMES_EXPECTED = 'expected reminder times like "48 and 2 hours"'
_EXPECTED = {
    "everything else": 'expected reminder times like "2 days and 2 hours"',
    "quiet hours": 'expected "9pm to 8am" or "none"',
    "closed": 'expected weekdays, "public holidays" or dates like "24 December 2026"',
    "opening hours": 'expected "Mon-Fri 9am-6pm, Sat 9am-1pm"',
    "gap alert": 'expected "3 hours before"',
}
_MEANT = {
    "everything else": (
        "everyone else", "anything else", "all else", "all others", "other services", "all other services", "default",
    ),
    "quiet hours": ("quiet", "quiet time", "quiet times"),
    "closed": ("closed on", "closed days", "closing days", "public holidays", "bank holidays", "holidays"),
    "opening hours": ("open", "opened", "opening", "opening times", "hours", "business hours", "working hours"),
    "gap alert": ("gap", "gap alerts", "alert"),
}  # fmt: skip
_BULLET = re.compile(r"^[\s•◦▪‣·●○■□⁃✓➢➤*>+-]+")
_NUMBERED = re.compile(r"^[0-9]{1,2}[.)] +(?=[^0-9])")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^][]*\]")
_TAKES = re.compile(
    r"\b(?:it )?(?:takes|lasts) (?:about )?(?P<length>[^;!]*?)(?=[;!]|\.(?![0-9])|,(?! ?[0-9])|$)", re.I
)
_LONGEST_VISIT = 24 * 60
_LONGEST_LINE = 1000


def parse_rules(text: str, services: Iterable[str] = ()) -> RuleBook:
    """The book that the doc describes. `services` are the names that the sheet uses: each is a known keyword.

    Raises DocumentError with one problem per line that speaks and can't be understood.
    """
    return _parsed(text, frozenset(normalise(service) for service in services) - {""})


@lru_cache(maxsize=16)  # the sync and the tick read the same doc again and again
def _parsed(text: str, services: frozenset[str]) -> RuleBook:
    draft = _Draft(set(services))
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        try:
            draft.take(number, line)
        except ValueError as problem:
            draft.problems.append(LineProblem(number, f'"{_short(as_typed(line))}": {problem}'))
    return draft.book()


@dataclass(slots=True)
class _Draft:
    """A book while its lines come in."""

    known: set[str]
    problems: list[LineProblem] = field(default_factory=list)
    services: dict[str, ServiceRule] = field(default_factory=dict)
    bare_names: dict[str, str] = field(default_factory=dict)  # key of a service -> its key without bracketed text
    in_passing: set[str] = field(default_factory=set)  # services that only looked like one: no digit, not in the sheet
    everything_else: ServiceRule | None = None
    quiet: tuple[QuietHours | None, int] | None = None
    gap: tuple[int, int] | None = None
    closed: Closed | None = None
    opening: OpeningHours | None = None

    def take(self, number: int, raw: str) -> None:
        """Take one line. Raises ValueError for one that speaks and isn't understood."""
        line = as_typed(raw)
        if line.startswith("#"):
            return
        line = _BULLET.sub("", line).replace("**", "")
        if len(line) > _LONGEST_LINE:
            if any(letter.isdigit() for letter in line) or _split_known(line[:_LONGEST_LINE], self.known)[0]:
                raise ValueError(f"it is longer than {_LONGEST_LINE} characters; expected one rule a line")
            return
        head, value = _split_known(line, self.known)
        if not head:
            line = _NUMBERED.sub("", line)
            head, value = _split_known(line, self.known)
        if head in _EXPECTED:
            self._keyword(head, value, number)
        elif head:
            self._service(head, normalise(_without_brackets(head)), value, number)
        else:
            self._unknown(line, number)

    def _keyword(self, keyword: str, value: str, number: int) -> None:
        try:
            match keyword:
                case "everything else":
                    self._everything_else(_service_rule(value, number))
                case "quiet hours":
                    self._quiet(read_quiet_hours(value), number)
                case "gap alert":
                    self._gap(_gap_minutes(value), number)
                case "closed":
                    closed = read_closed(value)
                    self.closed = self.closed.with_also(closed) if self.closed else closed
                case _:
                    self._opening(read_opening_hours(value))
        except ValueError as problem:
            raise ValueError(f"{problem}; {_EXPECTED[keyword]}") from None

    def _everything_else(self, rule: ServiceRule) -> None:
        if self.everything_else is not None:
            _must_agree(self.everything_else, rule)
        self.everything_else = self.everything_else or rule

    def _quiet(self, quiet: QuietHours | None, number: int) -> None:
        if self.quiet is not None and self.quiet[0] != quiet:
            raise ValueError(f"line {self.quiet[1]} says otherwise")
        self.quiet = self.quiet or (quiet, number)

    def _gap(self, minutes: int, number: int) -> None:
        if self.gap is not None and self.gap[0] != minutes:
            raise ValueError(f"line {self.gap[1]} says otherwise")
        self.gap = self.gap or (minutes, number)

    def _opening(self, opening: OpeningHours) -> None:
        if self.opening is None:
            self.opening = opening
            return
        for day in opening.days:
            if self.opening.days.get(day, opening.days[day]) != opening.days[day]:
                raise ValueError(f"an earlier line says otherwise for {DAY_NAMES[day].capitalize()}")
        self.opening = OpeningHours({**self.opening.days, **opening.days})

    def _service(self, key: str, bare: str, value: str, number: int) -> None:
        try:
            rule = _service_rule(value, number)
        except ValueError as problem:
            raise ValueError(f"{problem}; {_TIMES_EXPECTED}") from None
        if key in self.services and key not in self.in_passing:
            _must_agree(self.services[key], rule)
        self.in_passing.discard(key)
        self.services[key] = rule
        self.bare_names[key] = bare

    def _unknown(self, line: str, number: int) -> None:
        """A line without a known word: a service that the sheet doesn't have now, prose, or a mistake."""
        if not any(letter.isdigit() for letter in _without_brackets(line)):
            self._in_passing(line, number)
            return
        places = _colons(line)
        if not places:
            raise ValueError(f"no colon after a service's name; {_TIMES_EXPECTED}")
        if meant := _meant(normalise(_without_brackets(line[: places[0]]))):
            raise ValueError(f'write "{meant.capitalize()}:"; {_EXPECTED[meant]}')
        place = next((p for p in places if _reads(_service_rule, _without_brackets(line[p + 1 :]))), places[0])
        name, value = line[:place], _without_brackets(line[place + 1 :])
        if not normalise(name):
            raise ValueError(f"no service's name before the colon; {_TIMES_EXPECTED}")
        self._service(normalise(name), normalise(_without_brackets(name)), value, number)

    def _in_passing(self, line: str, number: int) -> None:
        """Prose, unless it says something in words alone: `Walk-ins: none` counts once the sheet has walk-ins."""
        said = _without_brackets(line)
        for keyword, reads in _READERS.items():
            if said.casefold().startswith(keyword + " ") and _reads(reads, said[len(keyword) + 1 :]):
                raise ValueError(f'a colon is missing after "{keyword}"; {_EXPECTED[keyword]}')
        places = _colons(line)
        if not places:
            return
        name, value = line[: places[0]], _without_brackets(line[places[0] + 1 :])
        key = normalise(name)
        if not key or key in self.services or not _reads(_service_rule, value):
            return
        if meant := _meant(normalise(_without_brackets(name))):
            raise ValueError(f'write "{meant.capitalize()}:"; {_EXPECTED[meant]}')
        self.services[key] = _service_rule(value, number)
        self.bare_names[key] = normalise(_without_brackets(name))
        self.in_passing.add(key)

    def book(self) -> RuleBook:
        """The finished book. Raises DocumentError with all problems."""
        services = dict(self.services)
        for bare in {bare for key, bare in self.bare_names.items() if bare and bare != key} - self.services.keys():
            keys = [key for key, name in self.bare_names.items() if name == bare]
            rules = [self.services[key] for key in keys]
            if all(_agree(rules[0], rule) for rule in rules):
                services[bare] = rules[0]
            elif bare in self.known and not self.known.issuperset(keys):
                problem = f'"{bare}" has another line ({rules[0].line}) that says otherwise; expected one line for it'
                self.problems.append(LineProblem(rules[-1].line, problem))
        if self.problems:
            raise DocumentError(sorted(self.problems, key=lambda problem: problem.line))
        return RuleBook(
            services=services,
            everything_else=self.everything_else,
            quiet=self.quiet[0] if self.quiet else None,
            closed=self.closed,
            opening=self.opening,
            gap_minutes=self.gap[0] if self.gap else None,
            no_quiet=self.quiet is not None and self.quiet[0] is None,
        )


def _split_known(line: str, known: set[str]) -> tuple[str, str]:
    """The known word that the line starts with and what comes after its colon; ("", "") if it starts with none.

    A sheet's service may have brackets or colons in its own name, so the longest name that is known counts.
    """
    places = _colons(line)
    for place in reversed(places):
        for name in (line[:place], _without_brackets(line[:place])):
            key = normalise(name)
            if key in known or key in _EXPECTED:
                return key, _without_brackets(line[place + 1 :])
    return "", ""


def _service_rule(value: str, number: int = 0) -> ServiceRule:
    """`remind at 48 and 2 hours. Takes 45 minutes.` Raises ValueError."""
    minutes: int | None = None
    if takes := _TAKES.search(value):
        minutes = read_minutes(takes["length"])
        if minutes > _LONGEST_VISIT:
            raise ValueError(f'"{takes.group().strip()}" is more than a day')
        value = value[: takes.start()].rstrip(" .,;") + value[takes.end() :]
        value = re.sub(r"^[ .,;]+|[ .,;]+$", "", value)
        if not value:
            raise ValueError("it doesn't say when to remind")
    return ServiceRule(read_windows(value, bare_is_hours=False), minutes, number)


def _gap_minutes(value: str) -> int:
    windows = read_windows(value, bare_is_hours=False)
    if len(windows) != 1:
        raise ValueError(f"one time of at least {MIN_LEAD} minutes is needed")
    return windows[0]


_READERS: dict[str, Callable[[str], object]] = {
    "quiet hours": read_quiet_hours,
    "closed": read_closed,
    "opening hours": read_opening_hours,
    "gap alert": _gap_minutes,
    "everything else": _service_rule,
}


def _reads(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _agree(one: ServiceRule, other: ServiceRule) -> bool:
    return (one.windows, one.minutes) == (other.windows, other.minutes)


def _must_agree(former: ServiceRule, rule: ServiceRule) -> None:
    if not _agree(former, rule):
        raise ValueError(f"line {former.line} says otherwise; expected one line for it")


def _meant(head: str) -> str:
    """The keyword that was surely meant by a word that isn't one (`Gap alerts`), or ""."""
    for keyword, forms in _MEANT.items():
        if head in forms:
            return keyword
    close = difflib.get_close_matches(head, _EXPECTED, n=1, cutoff=0.85)
    return close[0] if close else ""


def _colons(line: str) -> list[int]:
    """Where the line has colons that aren't in brackets."""
    hidden = {place for found in _BRACKETS.finditer(line) for place in range(*found.span())}
    return [place for place, letter in enumerate(line) if letter == ":" and place not in hidden]


def _without_brackets(text: str) -> str:
    while (less := _BRACKETS.sub(" ", text)) != text:
        text = less
    return re.sub(r"\s+", " ", text).strip()


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
