"""What a CloudWatch Logs subscription hands to a function: gzip in base64 around JSON lines."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any


def entries(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The subscribed log's lines, as the objects that they are; lines of other kinds are left out.

    CloudWatch's check of a new subscription (a CONTROL_MESSAGE) has none.
    """
    batch = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    if batch.get("messageType") != "DATA_MESSAGE":
        return []
    found = (_line(entry.get("message")) for entry in batch["logEvents"])
    return [line for line in found if line is not None]


def _line(text: object) -> dict[str, Any] | None:
    try:
        line = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None
