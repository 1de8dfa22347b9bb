"""The rules doc: the one door to it. The parts are in `rule_book`, `rules_*` and `house_rules`."""

from __future__ import annotations

from chalicelib.domain.house_rules import HouseRules, house_rules
from chalicelib.domain.rule_book import Closed, OpeningHours, QuietHours, RuleBook, ServiceRule, normalise
from chalicelib.domain.rules_doc import parse_rules
from chalicelib.domain.rules_since import windows_since, windows_taken
from chalicelib.domain.rules_windows import parse_windows

__all__ = [
    "Closed",
    "HouseRules",
    "OpeningHours",
    "QuietHours",
    "RuleBook",
    "ServiceRule",
    "house_rules",
    "normalise",
    "parse_rules",
    "parse_windows",
    "windows_since",
    "windows_taken",
]
