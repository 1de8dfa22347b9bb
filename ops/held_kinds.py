"""The kinds of things that are held on a person, and one line for people about each."""

from __future__ import annotations

from enum import StrEnum

from chalicelib.adapters.dynamodb_items import Item


class Kind(StrEnum):
    """What kind of thing is held, in the order in which it is told and deleted: what finds the rest goes last."""

    ROW = "row of the sheet"
    EVENT = "booking of a calendar"
    FILE = "file that this command can't mend"
    STANDING = "standing"
    REPLY = "answer"
    AUDIT = "audit entry"
    OUTBOX = "promise in the outbox"
    TOLD = "what staff were told"
    HOLD = "held slot"
    COUNTER = "count of texts"
    SCAN = "awaited scan"
    OPT_OUT = "opt-out"
    OTHER = "other note"
    PROPOSAL = "proposal"
    ATTACHMENT = "attachment of a mail"
    MAIL = "mail"
    DEPARTED = "row that left the sheet"
    VERSION = "earlier version of a file"
    ARCHIVED = "archived send"
    SEND = "send"


def send_words(item: Item) -> str:
    """A send, in the ledger or archived."""
    at = item.get("sent_at") or f"planned {item.get('planned', '')}"
    return f"{item['appt_id']}: {item['move']} by {item['channel']}, {item['state']}, {at}"


def reply_words(item: Item) -> str:
    """An answer, or the mark of a press."""
    if "action" not in item:
        return f"{item['appt_id']}: a button that was pressed"
    return f"{item['appt_id']}: {item['action']} by {item.get('by', '')}, {item['replied_at']}"


def audit_words(item: Item) -> str:
    """An entry of the audit."""
    change = f" {item.get('before', '')} → {item.get('after', '')}".rstrip(" →")
    return f"{item['appt_id']}: {str(item['ts']).partition('#')[0]} {item['action']}{change}"


def state_words(kind: Kind, item: Item) -> str:
    """What lies in `ar-state`."""
    match kind:
        case Kind.STANDING:
            return f"{item['appt_id']}: {item['answer']} at {item['chain']}"
        case Kind.OUTBOX:
            return f"{item['kind']} of {item['made_at']}, {item['state']}"
        case Kind.TOLD:
            return str(item["told"])
        case Kind.HOLD:
            return f"{item.get('appt_id', '')}: {item['sk']}"
        case Kind.COUNTER:
            return f"{item['count']} on {str(item['pk']).partition('#')[2]}"
        case Kind.OPT_OUT:
            return f"since {item['at']}"
        case Kind.PROPOSAL:
            return f"{item['sk']}: {item['state']}, made {item['made_at']}"
        case _:
            return str(item["sk"])
