"""The peer: the spec taken literally, "check, send, record", as a run that can be killed too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bench.literal_spec import DynamoTables, LiteralSpec

ZONE = ZoneInfo("Asia/Singapore")


def dispatch_literally() -> Callable[[Mapping[str, Any], datetime], None]:
    """A run of the peer's hourly tick over `event["rows"]`, or of its dispatch of `event["row"]`. Clients are built."""
    import boto3
    from botocore.config import Config

    from chalicelib import names

    dynamodb = boto3.client("dynamodb")
    sns = boto3.client("sns", config=Config(retries={"total_max_attempts": 1}, read_timeout=5))

    def text(phone: str, body: str) -> None:
        sns.publish(PhoneNumber=phone, Message=body)

    def run(event: Mapping[str, Any], now: datetime) -> None:
        peer = LiteralSpec(DynamoTables(dynamodb, names.SENDS, names.REPLIES), text, ZONE)
        if "row" in event:
            peer.dispatch(event["row"], "h48", now)
        else:
            peer.tick(event["rows"], now)

    return run
