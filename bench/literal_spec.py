"""The peer: the spec taken literally. Every hour every row, two queries each; a send is recorded after it went.

Written to be as good as that order allows: it asks `ar-sends` again right before it sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

WINDOWS: Mapping[str, tuple[int, ...]] = {
    "Dental cleaning": (48, 2),
    "Check-up": (24, 2),
    "New-patient consult": (72, 24, 3),
}
OTHERS = (48, 2)
TICK = timedelta(hours=1)


class Tables(Protocol):
    """The spec's two tables."""

    def sends(self, appt_id: str) -> set[str]:
        """The windows that `ar-sends` has of this appointment."""

    def replies(self, appt_id: str) -> list[str]:
        """The actions that `ar-replies` has of it."""

    def record(self, appt_id: str, window: str, phone: str, at: datetime) -> None:
        """Put the row of a send into `ar-sends`."""


@dataclass
class LiteralSpec:
    """The hourly tick and its dispatch."""

    tables: Tables
    text: Callable[[str, str], None]
    zone: ZoneInfo

    def tick(self, rows: Iterable[Mapping[str, str]], now: datetime) -> int:
        """Look at every row, send what fell due since the last tick. Returns how many rows were looked at."""
        looked_at = 0
        for row in rows:
            looked_at += 1
            sent, replies = self.tables.sends(row["appt_id"]), self.tables.replies(row["appt_id"])
            if {"confirm", "cancel"} & set(replies):
                continue
            start = start_of(row, self.zone)
            for hours in WINDOWS.get(row["service"], OTHERS):
                if now - TICK < start - timedelta(hours=hours) <= now and f"h{hours}" not in sent:
                    self.dispatch(row, f"h{hours}", now)
        return looked_at

    def dispatch(self, row: Mapping[str, str], window: str, now: datetime) -> None:
        """Check, send, record."""
        if window in self.tables.sends(row["appt_id"]):
            return
        self.text(row["phone"], f"{row['customer']}, {row['service']} {row['date']} {row['time']}")
        self.tables.record(row["appt_id"], window, row["phone"], now)


def start_of(row: Mapping[str, str], zone: ZoneInfo) -> datetime:
    """When a row starts."""
    return datetime.fromisoformat(f"{row['date']}T{row['time']}").replace(tzinfo=zone).astimezone(UTC)


class DynamoTables:
    """`Tables` on DynamoDB."""

    def __init__(self, client: Any, sends: str, replies: str) -> None:
        self._client, self._sends, self._replies = client, sends, replies

    def sends(self, appt_id: str) -> set[str]:
        return {item["window_index"]["S"] for item in self._query(self._sends, appt_id)}

    def replies(self, appt_id: str) -> list[str]:
        return [item["action"]["S"] for item in self._query(self._replies, appt_id)]

    def record(self, appt_id: str, window: str, phone: str, at: datetime) -> None:
        texts = {
            "appt_id": appt_id,
            "window_index": window,
            "sent_at": at.isoformat(),
            "channel": "sms",
            "recipient": phone,
            "move": "first_reminder",
        }
        self._client.put_item(TableName=self._sends, Item={name: {"S": text} for name, text in texts.items()})

    def _query(self, table: str, appt_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._client.query(
            TableName=table,
            KeyConditionExpression="appt_id = :appt_id",
            ExpressionAttributeValues={":appt_id": {"S": appt_id}},
        )["Items"]
        return found
