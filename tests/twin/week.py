"""The weeks' histories in memory, over the same world as the store and the ledger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.send import Send
from chalicelib.ports import PutReply
from tests.twin.store import TwinStore


class TwinWeekRecords:
    """`summary_ports.WeekRecords` beside a `TwinStore`."""

    def __init__(self, beside: TwinStore) -> None:
        self.world = beside.world

    def sends(self, since: datetime) -> list[Send]:
        with self.world.call("week.sends"):
            every = [send for of_visit in self.world.sends.values() for send in of_visit.values()]
        kept = [_counted(send) for send in every if send.planned >= since or (send.sent_at and send.sent_at >= since)]
        return sorted(kept, key=lambda send: (send.planned, send.key.appt_id, send.key.window_index))

    def replies(self, since: datetime) -> list[PutReply]:
        with self.world.call("week.replies"):
            every = [reply for of_visit in self.world.replies.values() for reply in of_visit.values()]
        kept = (reply for reply in every if reply.replied_at >= iso(since)[:-1])
        return sorted(kept, key=lambda reply: (reply.replied_at, reply.appt_id))

    def audit(self, since: datetime, actions: Collection[str]) -> list[AuditEntry]:
        with self.world.call("week.audit"):
            every = [entry for of_visit in self.world.audit.values() for entry in of_visit.values()]
        kept = (entry for entry in every if entry.ts >= iso(since)[:-1] and entry.action in actions)
        return sorted(kept, key=lambda entry: (entry.ts, entry.appt_id))


def _counted(send: Send) -> Send:
    return Send(
        send.key,
        send.state,
        send.channel,
        send.move,
        send.planned,
        recipient=send.recipient,
        sent_at=send.sent_at,
        detail=send.detail,
    )
