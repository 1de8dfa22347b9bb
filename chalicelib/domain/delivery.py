"""What SNS's delivery log says of a text, and what its words mean for what follows.

The form and the words are AWS's (SNS developer guide, SMS delivery status), except for the used-up quota, which its
guide doesn't list and accounts report as "No quota left for account". A word that nobody knows yet is kept as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

DELIVERED = "SUCCESS"
FAILED = "FAILURE"
_LONGEST = 120


class WhyNot(StrEnum):
    """Why a text did not arrive, as far as it changes what is done about it."""

    QUOTA = "quota"  # the account's money for this month is spent: it hits every text
    OPTED_OUT = "opted out"  # at the provider: this number gets no text any more
    OTHER = "other"  # this text, this time: unreachable, blocked, invalid, unknown


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """The last word on one text. `reason` is the provider's own, on one line."""

    message_id: str
    delivered: bool
    reason: str


def read_report(entry: Mapping[str, Any]) -> DeliveryReport | None:
    """The report of one log entry; None for what names no text or no outcome.

    A status that is neither of the two documented ones counts as not delivered, and is kept beside the words.
    """
    message_id = _text(_part(entry, "notification").get("messageId"))
    status = _text(entry.get("status"))
    if not message_id or not status:
        return None
    reason = _text(_part(entry, "delivery").get("providerResponse")) or "no reason given"
    if status.upper() not in (DELIVERED, FAILED):
        reason = f"{reason} (status {status})"
    return DeliveryReport(message_id, status.upper() == DELIVERED, reason)


def why_not(reason: str) -> WhyNot:
    """What the provider's words come to."""
    words = reason.casefold()
    if "quota" in words:
        return WhyNot.QUOTA
    return WhyNot.OPTED_OUT if "opted out" in words else WhyNot.OTHER


def _part(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = entry.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: object) -> str:
    return " ".join(value.split())[:_LONGEST] if isinstance(value, str) else ""
