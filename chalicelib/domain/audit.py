"""One entry of the append-only audit: what changed an appointment, when, by whom, from what to what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """`ts` is ISO UTC plus `#` and a random tail. `action` is a reply's or `sent`, `window_passed`, `window_skipped`,
    `moved_by_staff`, `reopened`, `row_written`, `brake_taken`, ... `before` and `after` are short texts, never a
    phone number or an address."""

    appt_id: str
    ts: str
    action: str
    channel: str  # text | email | slack | page | sheet | system
    before: str = ""
    after: str = ""
    by: str = "system"
    chain: str = ""
    hours: float | None = None
    reason: str = ""
