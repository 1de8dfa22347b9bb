"""The rules in force: the doc where it speaks, Parameter Store's defaults where it doesn't (DESIGN §4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import Window
from chalicelib.domain.rule_book import STANDARD_OPENING, Closed, OpeningHours, QuietHours, RuleBook
from chalicelib.domain.sending_hours import SendingHours

VISIT_MINUTES = 30
"""A visit's length unless the rules say (DESIGN §7)."""


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

    def all_windows(self) -> frozenset[Window]:
        """Every window that any service may have: how far ahead a tick must look (DESIGN §5.10)."""
        rules = [*self.book.services.values(), *([self.book.everything_else] if self.book.everything_else else [])]
        return frozenset(self.default_windows).union(*(rule.windows for rule in rules))

    def minutes(self, service: str) -> int:
        """The length of such a visit in minutes."""
        rule = self.book.rule_for(service)
        return VISIT_MINUTES if rule is None or rule.minutes is None else rule.minutes

    def sending_hours(self, zone: ZoneInfo, country: str, region: str) -> SendingHours:
        """When these rules let a customer be written to, in the shop's zone and by its public holidays."""
        return SendingHours(zone, self.quiet, self.closed, country, region)


def house_rules(
    book: RuleBook | None,
    windows: tuple[Window, ...],
    quiet: QuietHours | tuple[time, time] | None,
    gap_minutes: int,
) -> HouseRules:
    """The rules in force. `book` is None where no doc was ever taken; the rest are Parameter Store's defaults."""
    book = book or RuleBook()
    if book.quiet or book.no_quiet:
        quiet = book.quiet
    return HouseRules(
        book=book,
        default_windows=windows,
        quiet=quiet if quiet is None or isinstance(quiet, QuietHours) else QuietHours(*quiet),
        closed=book.closed or Closed(),
        opening=book.opening or STANDARD_OPENING,
        gap_minutes=gap_minutes if book.gap_minutes is None else book.gap_minutes,
    )
