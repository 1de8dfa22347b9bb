"""Each `ports.Write` as one DynamoDB write, its condition by name.

Whoever commits writes its own random `writer` into the items it puts: when a single write's answer is lost and the
SDK's repeat is refused, the stored item says whether it was ours. (A transaction has its token for that.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

from chalicelib import names
from chalicelib.adapters import dynamodb_expressions as expressions
from chalicelib.adapters.dynamodb_items import (
    SPENT_PREFIX,
    Item,
    audit_item,
    hold_expires,
    hold_key,
    opt_out_key,
    reply_item,
    standing_item,
    told_key,
    work_item,
    work_key,
)
from chalicelib.adapters.dynamodb_proposals import proposal_item, scan_item, scan_key
from chalicelib.domain.events import iso
from chalicelib.ports import (
    HoldSlot,
    MarkWork,
    PutAudit,
    PutProposal,
    PutReply,
    PutScan,
    PutWork,
    ReleaseSlot,
    RemoveScan,
    RemoveWork,
    ReplaceProposal,
    ReplaceStanding,
    SetOptOut,
    SpendNonce,
    TellOnce,
    Untell,
    Write,
)

NEW_STATE_ITEM = "attribute_not_exists(#pk)"
NEW_APPT_ITEM = "attribute_not_exists(#appt_id)"
SAME_REVISION = "#rev = :rev"
STILL_THERE = "attribute_exists(#pk)"
FREE_OR_MINE = "attribute_not_exists(#pk) OR #appt_id = :appt_id"


@dataclass(frozen=True, slots=True)
class Request:
    """A write ready to go: the action (`Put`, `Update`, `Delete`), its request, and what a refusal means."""

    action: str
    body: dict[str, Any]
    refusal: str = ""


def request_of(write: Write, writer: str) -> Request:
    """The DynamoDB write that keeps the promise of this `ports.Write`."""
    match write:
        case ReplaceStanding(standing):
            item = standing_item(standing, standing.rev + 1)
            condition = SAME_REVISION if standing.rev else NEW_STATE_ITEM
            return _put(names.STATE, item, writer, condition, "the standing has changed", rev=standing.rev)
        case PutReply():
            return _put(names.REPLIES, reply_item(write), writer, NEW_APPT_ITEM, "the reply is there")
        case SpendNonce():
            item = {"appt_id": write.appt_id, "replied_at": SPENT_PREFIX + write.nonce, "at": iso(write.at)}
            return _put(names.REPLIES, item, writer, NEW_APPT_ITEM, "the nonce is spent")
        case PutAudit(entry):
            return _put(names.AUDIT, audit_item(entry), writer, NEW_APPT_ITEM, "the audit entry is there")
        case PutWork(work):
            return _put(names.STATE, work_item(work), writer, NEW_STATE_ITEM, "the work is there")
        case MarkWork():
            changes = {"state": write.state.value}
            body = expressions.update(names.STATE, work_key(write.work_id), changes, STILL_THERE)
            return Request("Update", body, "the work is gone")
        case RemoveWork():
            return Request("Delete", expressions.delete(names.STATE, work_key(write.work_id)))
        case HoldSlot():
            item = hold_key(write.resource, write.cell)
            item |= {"appt_id": write.appt_id, "chain": write.chain, "expires": hold_expires(write.cell)}
            return _put(names.STATE, item, writer, FREE_OR_MINE, "the slot is taken", appt_id=write.appt_id)
        case ReleaseSlot():
            key = hold_key(write.resource, write.cell)
            body = expressions.delete(names.STATE, key, FREE_OR_MINE, appt_id=write.appt_id)
            return Request("Delete", body, "the slot is another's")
        case TellOnce():
            item = told_key(write.key) | {"told": write.key, "detail": write.detail}
            return _put(names.STATE, item, writer, NEW_STATE_ITEM, "staff were told")
        case Untell():
            return Request("Delete", expressions.delete(names.STATE, told_key(write.key)))
        case PutProposal(proposal):
            item = proposal_item(proposal, proposal.rev)
            return _put(names.STATE, item, writer, NEW_STATE_ITEM, "the proposal is there")
        case ReplaceProposal(proposal):
            item = proposal_item(proposal, proposal.rev + 1)
            return _put(names.STATE, item, writer, SAME_REVISION, "the proposal has changed", rev=proposal.rev)
        case PutScan(scan):
            return Request("Put", expressions.put(names.STATE, scan_item(scan)))
        case RemoveScan():
            body = expressions.delete(names.STATE, scan_key(write.job), STILL_THERE)
            return Request("Delete", body, "the scan is gone")
        case SetOptOut():
            key = opt_out_key(write.contact)
            if write.out:
                return Request("Put", expressions.put(names.STATE, key | {"at": iso(write.at)}))
            return Request("Delete", expressions.delete(names.STATE, key))
        case _:
            assert_never(write)


def item_key(request: Request) -> tuple[object, ...]:
    """Which item a request is on: one commit may touch each but once."""
    item: Item = request.body.get("Key") or request.body["Item"]
    hash_name, range_name = _KEYS[request.body["TableName"]]
    return request.body["TableName"], item[hash_name]["S"], item[range_name]["S"]


_KEYS = {names.STATE: ("pk", "sk"), names.REPLIES: ("appt_id", "replied_at"), names.AUDIT: ("appt_id", "ts")}


def _put(table: str, item: Item, writer: str, condition: str, refusal: str, **values: Any) -> Request:
    return Request("Put", expressions.put(table, item | {"writer": writer}, condition, **values), refusal)
