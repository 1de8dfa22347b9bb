"""The rules in force: the doc where it speaks, Parameter Store's defaults where it doesn't (DESIGN §4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Protocol

from chalicelib.domain.appointment import Window
from chalicelib.domain.rule_book import STANDARD_OPENING, Closed, OpeningHours, QuietHours, RuleBook

VISIT_MINUTES = 30
"""A visit's length unless the rules say (DESIGN §7)."""


class Defaults(Protocol):
    """What `Config` holds for a doc that doesn't say."""

    @property
    def windows(self) -> tuple[Window, ...]:
        """For a service without a line and no `Everything else`."""

    @property
    def quiet(self) -> tuple[time, time] | None:
        """Quiet hours; None: there are none."""

    @property
    def gap_minutes(self) -> int:
        """How long before the start staff hear of a customer who went quiet."""


@dataclass(frozen=True, slots=True)
class HouseRules:
    """A rule book with every blank filled in."""

    book: RuleBook
    default_windows: tuple[Window, ...]
    quiet: QuietHours | None  # None: texts may go at any hour
    closed: Closed
    opening: OpeningHours
    gap_minutes: int

    def windows(self, service: str) -> tuple[tuple[Window, ...], bool]:
        """The service's windows, and False if neither a line nor `Everything else` speaks of it (staff are told)."""
        rule = self.book.rule_for(service)
        return (self.default_windows, False) if rule is None else (rule.windows, True)

    def minutes(self, service: str) -> int:
        """The length of such a visit in minutes."""
        rule = self.book.rule_for(service)
        return VISIT_MINUTES if rule is None or rule.minutes is None else rule.minutes


def house_rules(book: RuleBook | None, defaults: Defaults) -> HouseRules:
    """The rules in force. `book` is None where no doc was ever taken: then only the defaults speak."""
    book = book or RuleBook()
    quiet = book.quiet
    if quiet is None and not book.no_quiet and defaults.quiet is not None:
        quiet = QuietHours(*defaults.quiet)
    return HouseRules(
        book=book,
        default_windows=defaults.windows,
        quiet=quiet,
        closed=book.closed or Closed(),
        opening=book.opening or STANDARD_OPENING,
        gap_minutes=book.gap_minutes if book.gap_minutes is not None else defaults.gap_minutes,
    )
