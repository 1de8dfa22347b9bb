"""Counts what goes over the wire: every AWS call of a session by its name, and the write units that it cost."""

from __future__ import annotations

from collections import Counter
from typing import Any

READS = ("GetItem", "BatchGetItem", "Query", "Scan")
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")


class Meter:
    """Watches a boto3 session (its clients must be made afterwards) or one client, by botocore's own events."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()  # `dynamodb.Query`, `s3.GetObject`
        self.write_units = 0.0

    def watch(self, events: Any) -> Meter:
        """Count what is called through these events: `session.events` or `client.meta.events`."""
        events.register("before-call", self._count)
        for write in WRITES:
            events.register(f"before-parameter-build.dynamodb.{write}", self._ask_for_the_bill)
            events.register(f"after-call.dynamodb.{write}", self._add_to_the_bill)
        return self

    @property
    def reads(self) -> int:
        """DynamoDB calls that read."""
        return sum(self.calls[f"dynamodb.{name}"] for name in READS)

    @property
    def writes(self) -> int:
        """Calls that write to DynamoDB, and puts of objects, parameters and events."""
        writing = {f"dynamodb.{name}" for name in WRITES}
        return sum(n for call, n in self.calls.items() if call in writing or call.partition(".")[2].startswith("Put"))

    def reset(self) -> None:
        """Begin anew."""
        self.calls.clear()
        self.write_units = 0.0

    def _count(self, event_name: str, **_: Any) -> None:
        self.calls[event_name.partition(".")[2]] += 1

    @staticmethod
    def _ask_for_the_bill(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "INDEXES"

    def _add_to_the_bill(self, parsed: dict[str, Any], **_: Any) -> None:
        spent = parsed.get("ConsumedCapacity") or []
        self.write_units += sum(one["CapacityUnits"] for one in (spent if isinstance(spent, list) else [spent]))
