"""What the weekly summary asks of the world beside `ports.py`: the visits' histories, and a model that tells them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.send import Send
from chalicelib.ports import PutReply


class WeekRecords(Protocol):
    """`ar-sends`, `ar-replies` and `ar-audit` since an instant, of every appointment.

    Read whole, once a week: they are kept by appointment and have no index by time. Reads may be a second behind.
    Each raises UpstreamError.
    """

    def sends(self, since: datetime) -> list[Send]:
        """Every send that was planned or went since then, by its planned minute. Only what is counted is filled in:
        key, state, channel, move, planned, sent_at, recipient, detail."""

    def replies(self, since: datetime) -> list[PutReply]:
        """Every reply since then, oldest first."""

    def audit(self, since: datetime, actions: Collection[str]) -> list[AuditEntry]:
        """Every audit entry of these actions since then, oldest first."""


class Storyteller(Protocol):
    """A model that tells a week in prose. What it says is checked by whoever asks."""

    def tell(self, rules: str, facts: str, again: Sequence[str] = ()) -> str:
        """The text. `again` holds what was wrong with the former one. Raises UpstreamError or Malformed."""


class Charts(Protocol):
    """Bar charts as PNG, legible on a light and on a dark ground; labels are the mail's own text."""

    def bars(self, values: Sequence[int], accented: Collection[int], shaded: Collection[int] = ()) -> bytes:
        """One bar a value, from the same ground line; `accented` bars in the strong colour, the places in `shaded`
        on a tinted ground. The same values give the same bytes."""
