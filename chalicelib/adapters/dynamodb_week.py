"""The weeks' histories by scans of three tables: once a week, filtered and cut to what is counted.

The tables have no index by time, since nothing else asks so, and one for a weekly question would be paid with each
write. Every item that was ever kept is read, which is cheap (docs/decisions.md); few of them travel.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from chalicelib import names
from chalicelib.adapters.dynamodb_calls import DynamoCalls
from chalicelib.adapters.dynamodb_items import audit_of, reply_of, send_of
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.send import Send
from chalicelib.ports import PutReply

SENDS = ("appt_id", "window_index", "state", "channel", "move", "planned", "sent_at", "recipient", "detail")
REPLIES = ("appt_id", "replied_at", "action", "channel", "chain", "by", "old_time", "new_time")
AUDIT = ("appt_id", "ts", "action", "channel", "before", "after", "by", "chain", "hours", "reason")
A_REPLY = "#replied_at >= :since AND attribute_exists(#action)"  # a spent nonce has none


class DynamoWeekRecords:
    """`summary_ports.WeekRecords` on DynamoDB."""

    def __init__(self, client: Any) -> None:
        self._calls = client if isinstance(client, DynamoCalls) else DynamoCalls(client)

    def sends(self, since: datetime) -> list[Send]:
        found = self._calls.scan(names.SENDS, SENDS, "#planned >= :since OR #sent_at >= :since", since=iso(since))
        return sorted(map(send_of, found), key=lambda send: (send.planned, send.key.appt_id, send.key.window_index))

    def replies(self, since: datetime) -> list[PutReply]:
        found = self._calls.scan(names.REPLIES, REPLIES, A_REPLY, since=_second(since))
        return sorted(map(reply_of, found), key=lambda reply: (reply.replied_at, reply.appt_id))

    def audit(self, since: datetime, actions: Collection[str]) -> list[AuditEntry]:
        wanted = {f"action_{place}": action for place, action in enumerate(sorted(actions))}
        if not wanted:
            return []
        condition = f"#ts >= :since AND #action IN ({', '.join(f':{name}' for name in wanted)})"
        found = self._calls.scan(names.AUDIT, AUDIT, condition, since=_second(since), **wanted)
        return sorted(map(audit_of, found), key=lambda entry: (entry.ts, entry.appt_id))


def _second(instant: datetime) -> str:
    """What every key of that second or a later one sorts behind, with thousandths or without."""
    return iso(instant).removesuffix("Z")
