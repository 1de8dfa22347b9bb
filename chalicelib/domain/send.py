"""The ledger's words: a send, its states and its key. The conditions of each step are in `ports.Ledger`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.appointment import MINUTE, Channel, Window, window_key

LEASE_SECONDS = 45
MAX_ATTEMPTS = 5
RETRY_MINUTES = (1, 2, 5, 15)
DELIVERY_DUE = "delivery_due"
"""Key of `Send.detail`: the ISO instant by which the vendor's word on a SENT text is awaited. Without it none is."""
SEGMENTS = "segments"
"""Key of `Send.detail`: how many segments a text that went is billed as."""


class SendState(StrEnum):
    """Where a send stands (DESIGN §6)."""

    CLAIMED = "CLAIMED"
    DEFERRED = "DEFERRED"
    RETRY = "RETRY"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
    UNKNOWN = "UNKNOWN"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


UNSETTLED = frozenset({SendState.CLAIMED, SendState.DEFERRED, SendState.RETRY, SendState.SENDING})
"""States that the sweep must look at; SENT too while its delivery is awaited, and anything with an alert pending."""


class Move(StrEnum):
    """What a message is. The first four are the spec's; SCHEDULED is never emitted (DESIGN §5.7)."""

    SCHEDULED = "scheduled"
    FIRST_REMINDER = "first_reminder"
    SECOND_REMINDER = "second_reminder"
    GAP_ALERT = "gap_alert"
    MOVED = "moved"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SendKey:
    """One delivery's name: `appt_id` and `<chain>#<what>[#email]`."""

    appt_id: str
    chain: str
    what: str  # `h48`, `gap`, `moved#<reply>`, `cancelled#<reply>` (customer), `cancel#<reply>` (staff)
    email: bool = False  # the fallback of a text

    @property
    def window_index(self) -> str:
        """The range key of `ar-sends`."""
        return f"{self.chain}#{self.what}" + ("#email" if self.email else "")

    @property
    def fallback(self) -> SendKey:
        """The e-mail that goes where this text could not."""
        return SendKey(self.appt_id, self.chain, self.what, email=True)

    @classmethod
    def parse(cls, appt_id: str, window_index: str) -> SendKey:
        """The key of a stored item. Raises ValueError if it isn't one."""
        chain, mark, rest = window_index.partition("#")
        if not mark or not rest:
            raise ValueError(f"not a window_index: {window_index!r}")
        email = rest.endswith("#email")
        return cls(appt_id, chain, rest.removesuffix("#email"), email)

    @classmethod
    def of_window(cls, appt_id: str, chain: str, window: Window) -> SendKey:
        """The key of a reminder."""
        return cls(appt_id, chain, window_key(window))


@dataclass(frozen=True, slots=True)
class Send:
    """One item of `ar-sends` as it stands. `due` is when the sweep should look: lease end, retry or deferral."""

    key: SendKey
    state: SendState
    channel: Channel
    move: Move
    planned: datetime
    owner: str = ""
    lease_until: datetime | None = None
    due: datetime | None = None
    useful_until: datetime | None = None
    attempt: int = 0
    alert_pending: str = ""  # what staff must hear; cleared when they have
    reason: str = ""
    recipient: str = ""
    message_id: str = ""
    sent_at: datetime | None = None
    detail: Mapping[str, str] = field(default_factory=dict)

    def too_late_at(self, now: datetime) -> bool:
        """True once the last minute in which it was of use is over."""
        return self.useful_until is not None and now >= self.useful_until + MINUTE
