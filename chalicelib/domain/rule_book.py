"""What a rules doc says, once it is understood: the values that `rules.parse_rules` builds and others read.

Apart from the parsing so that those who only need the values don't carry the grammar along.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache

from chalicelib.domain.appointment import Window

MonthDay = tuple[int, int]
"""A day of every year: (month, day)."""

_DASHES = "‐‑‒–—―−﹣－"
_SINGLE_QUOTES = "‘’‚‛′`´"
_DOUBLE_QUOTES = "“”„‟″«»"
_AS_TYPED = {
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _SINGLE_QUOTES), "'"),
    **dict.fromkeys(map(ord, _DOUBLE_QUOTES), '"'),
}


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """One service's line: its windows (largest first, each once), and the visit's length in minutes if it says so."""

    windows: tuple[Window, ...]
    minutes: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class QuietHours:
    """[begin, end), shop-local; past midnight where `end` is the earlier one. The two are never equal."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True)
class Closed:
    """Days that are quiet whole, shop-local. Ranges include both ends; a yearly range may pass New Year's Eve."""

    weekdays: frozenset[int] = frozenset()  # Monday is 0
    public_holidays: bool = False
    dates: frozenset[date] = frozenset()
    yearly: frozenset[MonthDay] = frozenset()
    ranges: tuple[tuple[date, date], ...] = ()
    yearly_ranges: tuple[tuple[MonthDay, MonthDay], ...] = ()

    def with_also(self, more: Closed) -> Closed:
        """Both lists in one: a doc may have several `Closed` lines."""
        return Closed(
            weekdays=self.weekdays | more.weekdays,
            public_holidays=self.public_holidays or more.public_holidays,
            dates=self.dates | more.dates,
            yearly=self.yearly | more.yearly,
            ranges=self.ranges + more.ranges,
            yearly_ranges=self.yearly_ranges + more.yearly_ranges,
        )


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The open spans of each weekday (Monday is 0), shop-local, in order; a weekday without an entry offers no slots.

    A span that runs until midnight ends at 23:59, so that begin < end always holds.
    """

    days: Mapping[int, tuple[tuple[time, time], ...]]


STANDARD_OPENING = OpeningHours({weekday: ((time(9), time(17)),) for weekday in range(5)})
"""Mon-Fri 9am-5pm, where the doc has no line (DESIGN §4.2)."""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """A whole rules doc. None means that the doc doesn't say; `no_quiet` that it says `Quiet hours: none`."""

    services: Mapping[str, ServiceRule] = field(default_factory=dict)  # by `normalise`d name
    everything_else: ServiceRule | None = None
    quiet: QuietHours | None = None
    closed: Closed | None = None
    opening: OpeningHours | None = None
    gap_minutes: int | None = None
    no_quiet: bool = False

    def rule_for(self, service: str) -> ServiceRule | None:
        """The line that counts for a service: its own, else `Everything else`, else None."""
        return self.services.get(normalise(service), self.everything_else)


def as_typed(text: str) -> str:
    """One line with the finery of word processors undone: odd spaces, dashes, quotes, digits, invisible marks."""
    text = unicodedata.normalize("NFKC", text.translate(_AS_TYPED))
    if text.isascii() and text.isprintable():
        return " ".join(text.translate(_AS_TYPED).split())
    letters = []
    for letter in text:
        category = unicodedata.category(letter)
        if category in ("Cf", "Cs"):
            continue
        if category == "Nd":
            letter = str(unicodedata.decimal(letter))
        elif category in ("Cc", "Zl", "Zp"):
            letter = " "
        letters.append(letter)
    return re.sub(r"\s+", " ", "".join(letters).translate(_AS_TYPED)).strip()


@lru_cache(maxsize=4096)
def normalise(service: str) -> str:
    """The key of a service's name: `New‑Patient  Consult` and `new-patient consult` are one."""
    text = as_typed(service).casefold().replace('"', " ").replace("&", " and ")
    return re.sub(r"[\s_-]+", " ", text).strip(" .:;,*'")
