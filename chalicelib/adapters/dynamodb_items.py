"""How sends, standings, replies, audit entries and work lie in DynamoDB, and how they are read back.

Absent means blank: an attribute that would be "" or None isn't stored, so conditions can ask whether it exists.
Instants are ISO UTC to the second, all of one width, so that comparing the text compares the time.
`ar-sends` and `ar-audit` carry the spec's attribute names; a text's channel is `sms` there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from chalicelib.domain.appointment import Channel
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.send import DELIVERY_DUE, Move, Send, SendKey, SendState
from chalicelib.domain.standing import Answer, Standing
from chalicelib.domain.work import Work, WorkKind, WorkState
from chalicelib.ports import PutReply

Item = dict[str, Any]
"""Plain values, before or after DynamoDB's type tags."""

SENT_PREFIX = "sent:"
"""`sent:h48` is an attribute of its own, so that arm can add one to a standing that isn't there yet."""

ALERT_DUE = "0 alert"
"""`due` of a settled send with an alert pending: sorts before every instant, so it is always due."""

SPENT_PREFIX = "spent#"
HOLD_DAYS_KEPT = 2

_WIRE_CHANNEL = {Channel.TEXT: "sms", Channel.EMAIL: "email", Channel.SLACK: "slack"}
_CHANNEL = {wire: channel for channel, wire in _WIRE_CHANNEL.items()}
_SECOND_WIDTH = len("2026-11-25T01:00:00Z")
_INSTANTS = ("answered_at", "moved_from", "first_seen", "moved_at", "reopened_at", "undo_until")
_TEXTS = ("reply_id", "answered_by", "cell_before", "status_before", "hold_reason")

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def to_wire(item: Mapping[str, Any]) -> Item:
    """Plain values with DynamoDB's type tags; what is blank is left out."""
    return {name: _serialize(value) for name, value in item.items() if value is not None and value != ""}


def from_wire(item: Mapping[str, Any]) -> Item:
    """DynamoDB's item without its type tags. Numbers are Decimals."""
    return {name: _deserialize(value) for name, value in item.items()}


def instant(text: str | None) -> datetime | None:
    """A stored instant; None for an absent one."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def required(text: str) -> datetime:
    """A stored instant that is always there."""
    return datetime.fromisoformat(text).astimezone(UTC)


# ---------------------------------------------------------------- ar-sends


def send_key(key: SendKey) -> Item:
    """The item key of a send."""
    return {"appt_id": key.appt_id, "window_index": key.window_index}


def channel_name(channel: Channel) -> str:
    """The spec's word for a channel in `ar-sends`."""
    return _WIRE_CHANNEL[channel]


def alert_due(message_id: str) -> str:
    """`due` while an alert is pending; the message id at its end lets a repeated delivery report find the send."""
    return f"{ALERT_DUE}#{message_id}" if message_id else ALERT_DUE


def delivery_due(send: Send, message_id: str) -> str:
    """`due` while the vendor's word is awaited, the message id at its end; "" where none is."""
    awaited = instant(send.detail.get(DELIVERY_DUE, ""))
    return f"{iso(awaited)}#{message_id}" if awaited else ""


def send_of(item: Mapping[str, Any]) -> Send:
    """A stored send."""
    due = str(item.get("due", ""))
    return Send(
        key=SendKey.parse(item["appt_id"], item["window_index"]),
        state=SendState(item["state"]),
        channel=_CHANNEL[item["channel"]],
        move=Move(item["move"]),
        planned=required(item["planned"]),
        owner=item.get("owner", ""),
        lease_until=instant(item.get("lease_until")),
        due=None if due.startswith(ALERT_DUE) else instant(due[:_SECOND_WIDTH]),
        useful_until=instant(item.get("useful_until")),
        attempt=int(item.get("attempt", 0)),
        alert_pending=item.get("alert_pending", ""),
        reason=item.get("reason", ""),
        recipient=item.get("recipient", ""),
        message_id=item.get("message_id", ""),
        sent_at=instant(item.get("sent_at")),
        detail=dict(item.get("detail", {})),
    )


# ---------------------------------------------------------------- standings


def standing_key(appt_id: str) -> Item:
    """The item key of a standing."""
    return {"pk": f"standing#{appt_id}", "sk": "-"}


def standing_item(standing: Standing, rev: int) -> Item:
    """A standing as stored with that revision."""
    item: Item = standing_key(standing.appt_id) | {
        "appt_id": standing.appt_id,
        "chain": standing.chain,
        "answer": standing.answer.value,
        "rev": rev,
        "pending": dict(standing.pending) or None,
        "outcomes": dict(standing.outcomes) or None,
        "contested": True if standing.contested else None,
    }
    item |= {name: getattr(standing, name) for name in _TEXTS}
    item |= {name: iso(at) for name in _INSTANTS if (at := getattr(standing, name)) is not None}
    item |= {SENT_PREFIX + window: iso(at) for window, at in standing.sent.items()}
    return item


def standing_of(item: Mapping[str, Any]) -> Standing:
    """A stored standing."""
    return Standing(
        appt_id=item["appt_id"],
        chain=item["chain"],
        answer=Answer(item["answer"]),
        reply_id=item.get("reply_id", ""),
        answered_by=item.get("answered_by", ""),
        answered_at=instant(item.get("answered_at")),
        cell_before=item.get("cell_before", ""),
        status_before=item.get("status_before", ""),
        moved_from=instant(item.get("moved_from")),
        first_seen=instant(item.get("first_seen")),
        moved_at=instant(item.get("moved_at")),
        reopened_at=instant(item.get("reopened_at")),
        pending=dict(item.get("pending", {})),
        contested=bool(item.get("contested", False)),
        hold_reason=item.get("hold_reason", ""),
        sent={
            name.removeprefix(SENT_PREFIX): required(at) for name, at in item.items() if name.startswith(SENT_PREFIX)
        },
        outcomes=dict(item.get("outcomes", {})),
        undo_until=instant(item.get("undo_until")),
        rev=int(item["rev"]),
    )


# ---------------------------------------------------------------- replies, audit, outbox


def reply_item(reply: PutReply) -> Item:
    """A reply as stored in `ar-replies`."""
    return {field.name: getattr(reply, field.name) for field in fields(reply)}


def reply_of(item: Mapping[str, Any]) -> PutReply:
    """A stored reply."""
    return PutReply(**{field.name: item.get(field.name, "") for field in fields(PutReply)})


def audit_item(entry: AuditEntry) -> Item:
    """An audit entry as stored in `ar-audit`."""
    item: Item = {field.name: getattr(entry, field.name) for field in fields(entry)}
    item["hours"] = None if entry.hours is None else Decimal(str(entry.hours))
    return item


def audit_of(item: Mapping[str, Any]) -> AuditEntry:
    """A stored audit entry."""
    texts = {field.name: str(item.get(field.name, "")) for field in fields(AuditEntry) if field.name != "hours"}
    hours = item.get("hours")
    return AuditEntry(**texts, hours=None if hours is None else float(hours))


def work_key(work_id: str) -> Item:
    """The item key of outbox work."""
    return {"pk": "outbox", "sk": work_id}


def work_item(work: Work) -> Item:
    """Outbox work as stored; the payload is JSON text, since only its own kind reads it."""
    return work_key(work.work_id) | {
        "kind": work.kind.value,
        "appt_id": work.appt_id,
        "made_at": iso(work.made_at),
        "payload": json.dumps(dict(work.payload), ensure_ascii=False),
        "state": work.state.value,
    }


def work_of(item: Mapping[str, Any]) -> Work:
    """Stored outbox work."""
    return Work(
        work_id=item["sk"],
        kind=WorkKind(item["kind"]),
        appt_id=item.get("appt_id", ""),
        made_at=required(item["made_at"]),
        payload=json.loads(item["payload"]),
        state=WorkState(item["state"]),
    )


# ---------------------------------------------------------------- the rest of ar-state


def told_key(key: str) -> Item:
    """The item key of a told-once note. DynamoDB's sort keys end at 1024 bytes; a longer key ends in its hash."""
    raw = key.encode()
    if len(raw) > 1000:
        key = raw[:900].decode(errors="ignore") + "#" + hashlib.sha256(raw).hexdigest()
    return {"pk": "told", "sk": key}


def hold_key(resource: str, cell: datetime) -> Item:
    """The item key of one held cell."""
    return {"pk": f"hold#{resource}", "sk": iso(cell)}


def hold_expires(cell: datetime) -> int:
    """When DynamoDB may drop a hold by itself (epoch seconds)."""
    return int((cell + timedelta(days=HOLD_DAYS_KEPT)).timestamp())


def contact_hash(contact: str) -> str:
    """A contact in a key: folded and hashed, since keys show up in logs and metrics of the vendor."""
    return hashlib.sha256(contact.strip().casefold().encode()).hexdigest()[:32]


def opt_out_key(contact: str) -> Item:
    """The item key of an opt-out."""
    return {"pk": f"optout#{contact_hash(contact)}", "sk": "-"}
