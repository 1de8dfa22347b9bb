"""The wire contract of `ar.*` events (docs/events.md): a move that is due, to and from EventBridge's form.

No contact travels on the bus: dispatch reads the row again anyway.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib import names
from chalicelib.domain.send import Move, SendKey

VERSION = 1
TICK_REQUESTED = "ar.tick_requested"
STAFF_ACTION = "ar.staff_action"


@dataclass(frozen=True, slots=True)
class MoveDue:
    """One message that is due at `planned`. `context` is for people and logs: customer, service, staff, local start."""

    key: SendKey
    move: Move
    planned: datetime
    hours: float | None = None
    reason: str = ""
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def detail_type(self) -> str:
        """`ar.first_reminder` and so on."""
        return f"ar.{self.move.value}"

    def detail(self) -> dict[str, object]:
        """The event's detail, JSON-able."""
        return {
            "version": VERSION,
            "appt_id": self.key.appt_id,
            "chain": self.key.chain,
            "what": self.key.what,
            "email": self.key.email,
            "move": self.move.value,
            "planned": iso(self.planned),
            "hours": self.hours,
            "reason": self.reason,
            "appointment": dict(self.context),
        }

    def envelope(self, account: str = "", region: str = "") -> dict[str, object]:
        """The full event as EventBridge would deliver it: what a one-off schedule must carry (notes: chalice)."""
        return {
            "version": "0",
            "id": self.schedule_name,
            "source": names.EVENT_SOURCE,
            "detail-type": self.detail_type,
            "account": account,
            "region": region,
            "time": iso(self.planned),
            "resources": [],
            "detail": self.detail(),
        }

    @property
    def schedule_name(self) -> str:
        """The one-off's name: a hash of id, chain, window and minute."""
        text = "\n".join((self.key.appt_id, self.key.window_index, iso(self.planned)))
        return "ar-" + hashlib.sha256(text.encode()).hexdigest()[:40]

    @classmethod
    def from_detail(cls, detail: Mapping[str, object]) -> MoveDue:
        """The move of a received detail. Raises ValueError, saying what is wrong, for any other shape or version."""
        if detail.get("version") != VERSION:
            raise ValueError(f"event version {detail.get('version')!r}: expected {VERSION}")
        try:
            raw_hours = detail.get("hours")
            context = detail.get("appointment") or {}
            if not isinstance(context, Mapping):
                raise ValueError("appointment is not an object")
            return cls(
                key=SendKey(
                    str(detail["appt_id"]),
                    str(detail["chain"]),
                    str(detail["what"]),
                    bool(detail.get("email")),
                ),
                move=Move(str(detail["move"])),
                planned=datetime.fromisoformat(str(detail["planned"])).astimezone(UTC),
                hours=float(str(raw_hours)) if raw_hours is not None else None,
                reason=str(detail.get("reason") or ""),
                context={str(k): str(v) for k, v in context.items()},
            )
        except KeyError as missing:
            raise ValueError(f"event without {missing}") from missing


def iso(instant: datetime) -> str:
    """An instant on the wire: `2026-11-25T01:00:00Z`."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
