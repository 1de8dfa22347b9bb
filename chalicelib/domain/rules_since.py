"""Which sync took which window of the rules, so that a window that an edit adds is never sent after the fact.

The record is `rules-since.json`: service key, or `*` for all that have no entry of their own -> window in minutes
-> the instant of the sync. Windows that were there at the very first sync have none (DESIGN §5, `since`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from chalicelib.domain.appointment import Window
from chalicelib.domain.events import iso
from chalicelib.domain.rule_book import RuleBook, normalise

EVERYTHING_ELSE = "*"


def windows_since(
    before: RuleBook | None,
    after: RuleBook,
    earlier: Mapping[str, Mapping[str, str]],
    now: datetime,
    default: tuple[Window, ...] = (),
) -> dict[str, dict[str, str]]:
    """The next record, when a sync at `now` replaces `before` (None: there was no doc) by `after`.

    What counts is what each service had, whichever line gave it: a service that gets a line of its own with the
    windows it had under `Everything else` gains nothing. `default` is what a service has that no line speaks of.
    """
    if before is None:
        return {}
    after_sync: dict[str, dict[str, str]] = {}
    for key in {EVERYTHING_ELSE, *before.services, *after.services, *earlier}:
        had = _windows(before, key, default)
        known = earlier.get(key, earlier.get(EVERYTHING_ELSE, {}))
        entries: dict[str, str] = {}
        for window in _windows(after, key, default):
            since = known.get(str(window)) if window in had else iso(now)
            if since:
                entries[str(window)] = since
        after_sync[key] = entries
    general = after_sync[EVERYTHING_ELSE]
    return {
        key: entries
        for key, entries in sorted(after_sync.items())
        if (entries if key == EVERYTHING_ELSE else entries != _inherited(general, _windows(after, key, default)))
    }


def windows_taken(record: Mapping[str, Mapping[str, str]], service: str) -> dict[Window, datetime]:
    """For one service: each window that a later sync took, and when (UTC). No entry: it was always there."""
    entries = record.get(normalise(service), record.get(EVERYTHING_ELSE, {}))
    return {int(window): datetime.fromisoformat(since).astimezone(UTC) for window, since in entries.items()}


def _windows(book: RuleBook, key: str, default: tuple[Window, ...]) -> tuple[Window, ...]:
    rule = book.services.get(key, book.everything_else)
    return default if rule is None else rule.windows


def _inherited(general: Mapping[str, str], windows: tuple[Window, ...]) -> dict[str, str]:
    """What a service without an entry of its own would be told by `*`."""
    return {str(window): general[str(window)] for window in windows if str(window) in general}
