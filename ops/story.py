"""The whole story of one appointment, in order, and why nothing was sent when nothing was.

Told from what the system itself wrote down (audit, ledger, replies, the mirror) and from the same rules that decide:
what is still to come or won't go is the plan's own word. No contact is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib import names
from chalicelib.adapters.dynamodb_items import from_wire, send_of
from chalicelib.domain.appointment import chain_start
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.channel import channels, why_unreachable
from chalicelib.domain.mirror import MirrorRow, appointment_of, read_mirror
from chalicelib.domain.outlook import Fate, outlook
from chalicelib.domain.send import Send, SendState
from chalicelib.ports import PutReply, SendingSwitch
from chalicelib.runtime import Runtime
from chalicelib.usecases.shop import Shop, Visit

_ENDS = {
    SendState.SENT: "taken by the provider",
    SendState.DELIVERED: "delivered",
    SendState.UNDELIVERED: "not delivered",
    SendState.UNKNOWN: "nobody knows whether it went; it isn't sent again",
    SendState.FAILED: "could not be sent",
    SendState.EXPIRED: "given up",
    SendState.CANCELLED: "withdrawn",
    SendState.DEFERRED: "waits for its minute",
    SendState.RETRY: "is tried again",
    SendState.CLAIMED: "is about to go",
    SendState.SENDING: "is on its way",
}
_ACTIONS = {
    "window_passed": "this reminder doesn't go, and nobody need hear of it",
    "window_skipped": "this reminder can't go; staff were told",
    "window_dropped": "at its minute it was found out of date and dropped",
    "moved_by_staff": "the start was changed by staff: a new chain",
    "row_written": "the row was written",
    "reopened": "the visit is on again",
}
_SPOKEN_ELSEWHERE = frozenset({"sent", "confirm", "reschedule", "cancel", "undo"})
"""The ledger and the replies tell these with more."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One thing that happened or will: `at` is shop-local, None for what has no minute."""

    at: datetime | None
    kind: str  # row | plan | send | delivery | reply | sheet | staff | now
    text: str
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        at = self.at.isoformat() if self.at else None
        return {"at": at, "kind": self.kind, "text": self.text, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Story:
    """`now` says in a sentence how the visit stands; `past` and `ahead` are in order."""

    appt_id: str
    now: str
    past: Sequence[Chapter]
    ahead: Sequence[Chapter]

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "appt_id": self.appt_id,
            "now": self.now,
            "past": [chapter.as_json() for chapter in self.past],
            "ahead": [chapter.as_json() for chapter in self.ahead],
        }


def tell(rt: Runtime, dynamodb: Any, appt_id: str) -> Story:
    """The story of this id. Raises LookupError, with ids that are close, if nothing at all is known of it."""
    now, shop = rt.clock(), Shop(rt)
    zone = shop.config.zone
    rows = [row for row in read_mirror(shop.mirror) if row.appt_id == appt_id]
    sends = sends_of(dynamodb, appt_id)
    audit, replies = rt.store.audit(appt_id), rt.store.replies(appt_id)
    standing = rt.store.standings([appt_id]).get(appt_id)
    if not (rows or sends or audit or replies or standing):
        raise LookupError(f"nothing is known of {appt_id}{_close(shop, appt_id)}")
    visit = shop.visit(rows[0], standing) if len(rows) == 1 and shop.ready else None
    past = [
        *_rows(rows, zone),
        *(_audited(entry, zone) for entry in audit if entry.action not in _SPOKEN_ELSEWHERE),
        *(chapter for send in sends for chapter in _sent(send, zone)),
        *(_replied(reply, zone) for reply in replies),
    ]
    past.sort(key=lambda chapter: (chapter.at is None, chapter.at or now))
    ahead = list(_ahead(rt, shop, visit, now))
    return Story(appt_id, _stands(rt, shop, rows, visit, now), past, ahead)


def sends_of(dynamodb: Any, appt_id: str) -> list[Send]:
    """Every send of every chain of this id, by planned minute."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=names.SENDS,
        KeyConditionExpression="appt_id = :id",
        ExpressionAttributeValues={":id": {"S": appt_id}},
        ConsistentRead=True,
    )
    found = [send_of(from_wire(item)) for page in pages for item in page["Items"]]
    return sorted(found, key=lambda send: (send.planned, send.key.window_index))


def _close(shop: Shop, appt_id: str) -> str:
    import difflib

    ids = [row.appt_id for row in read_mirror(shop.mirror) if row.appt_id]
    close = difflib.get_close_matches(appt_id, ids, n=3)
    return f"; did you mean {', '.join(close)}?" if close else f" (the mirrored sheet has {len(ids)} ids)"


# ---------------------------------------------------------------- what happened


def _rows(rows: Sequence[MirrorRow], zone: ZoneInfo) -> Iterator[Chapter]:
    for row in rows:
        at = row.first_seen.astimezone(zone) if row.first_seen else None
        start = f"{row.start.astimezone(zone):%a %d %b %H:%M}" if row.start else "no start that can be read"
        yield Chapter(at, "row", f"row {row.line} of the sheet was first seen at this start: {start}")
        if row.since is not None:
            yield Chapter(row.since.astimezone(zone), "row", "its service or its own reminders were changed")


def _audited(entry: AuditEntry, zone: ZoneInfo) -> Chapter:
    at = datetime.fromisoformat(entry.ts.partition("#")[0]).astimezone(zone)
    window = f"{entry.hours:g}-hour reminder: " if entry.hours is not None else ""
    text = window + _ACTIONS.get(entry.action, entry.action.replace("_", " "))
    change = f" ({entry.before or 'nothing'} → {entry.after or 'nothing'})" if entry.before else ""
    by = "" if entry.by == "system" else f", by {entry.by}"
    kind = "sheet" if entry.channel == "sheet" else "plan" if entry.action.startswith("window") else "staff"
    return Chapter(at, kind, f"{text}{change}{by}", entry.reason)


def _sent(send: Send, zone: ZoneInfo) -> Iterator[Chapter]:
    planned = send.planned.astimezone(zone)
    at = send.sent_at.astimezone(zone) if send.sent_at else planned
    tries = f", try {send.attempt}" if send.attempt > 1 else ""
    late = f", planned {planned:%a %d %b %H:%M}" if at.replace(second=0, microsecond=0) != planned else ""
    instead = ", in place of a text" if send.key.email else ""
    of = f" (for {chain_start(send.key.chain).astimezone(zone):%a %d %b %H:%M})"
    text = f"{_what(send)} by {send.channel.value}{instead}{of}: {_ENDS.get(send.state, send.state.value)}{tries}{late}"
    yield Chapter(at, "send", text, send.detail.get("why") or send.reason)
    if send.alert_pending:
        yield Chapter(at, "staff", "staff have not been told of it yet", send.alert_pending)


def _what(send: Send) -> str:
    what = send.key.what
    if what.startswith("h"):
        return f"{what[1:]}-hour reminder ({send.move.value.replace('_', ' ')})"
    return {"gap": "gap alert", "moved": "the note of the move", "cancelled": "the note of the cancellation"}.get(
        what.partition("#")[0], "the line about the cancellation"
    )


def _replied(reply: PutReply, zone: ZoneInfo) -> Chapter:
    at = datetime.fromisoformat(reply.replied_at.partition("#")[0]).astimezone(zone)
    times = f" from {reply.old_time} to {reply.new_time}" if reply.new_time else ""
    return Chapter(at, "reply", f"{reply.action}{times}, by {reply.by} ({reply.channel})")


# ---------------------------------------------------------------- how it stands, and what comes


def _stands(rt: Runtime, shop: Shop, rows: Sequence[MirrorRow], visit: Visit | None, now: datetime) -> str:
    if not shop.ready:
        return "No sheet or no rules doc has been taken yet, so nothing is sent to anybody."
    if not rows:
        return "No row of the mirrored sheet has this id now, so nothing more is sent."
    if len(rows) > 1:
        return f"Rows {', '.join(str(row.line) for row in rows)} have this id: nothing is sent for either."
    if visit is None:
        problems = [one.problem for one in appointment_of(rows[0], shop.terms).problems]
        told = [fact["problem"] for fact in _told(rt, visit_id=rows[0].appt_id)]
        why = "; ".join(dict.fromkeys([*problems, *told])) or "its id doesn't count yet, or its start can't be read"
        return f"Row {rows[0].line} can't be acted on: {why}"
    if visit.state.closed:
        return f"Nothing more is sent: {visit.state.closed}."
    appointment = visit.appointment
    if appointment.start <= now:
        return "The visit has begun, so nothing more is sent."
    out = rt.store.opted_out([contact for contact in (appointment.phone, appointment.email) if contact])
    usable = channels(appointment, out)
    if not usable:
        return f"Nobody can be reached: {why_unreachable(appointment, out)}. Staff hear of it instead."
    switch = rt.parameters.sending()
    if switch is not SendingSwitch.ON:
        return f"Sending is switched to {switch.value}: nothing reaches the customer."
    return f"Nobody has answered yet. Messages go by {usable[0].value}."


def _told(rt: Runtime, visit_id: str) -> list[Mapping[str, str]]:
    return [json.loads(detail) for key, detail in rt.store.told(f"row#{visit_id}#").items() if key]


def _ahead(rt: Runtime, shop: Shop, visit: Visit | None, now: datetime) -> Iterator[Chapter]:
    if visit is None:
        return
    for line in outlook(visit.state, visit.schedule, shop.hours, visit.seen, now):
        if line.fate is Fate.SENT:
            continue
        at = line.at.astimezone(shop.config.zone) if line.at else None
        kind = "plan" if line.fate is Fate.PLANNED else "now"
        text = line.what if line.fate is Fate.PLANNED else f"{line.what}: doesn't go"
        yield Chapter(at, kind, text, line.reason)
