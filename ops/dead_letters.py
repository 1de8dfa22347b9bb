"""What lies in the dead-letter queue, whoever put it there.

Four writers, four forms: EventBridge (the event, the error in attributes), EventBridge Scheduler (the target's input,
the same), a Lambda function's dead-letter queue (the event, other attributes), and a Lambda failure destination (the
event inside a record of its own). Inside each is what one of our functions should have been given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from urllib.parse import unquote_plus

from chalicelib import names
from chalicelib.domain.events import STAFF_ACTION, TICK_REQUESTED, MoveDue
from chalicelib.logs import scrub

_CODES = ("ERROR_CODE", "ErrorCode")
_TRIES = ("RETRY_ATTEMPTS",)


class Kind(Enum):
    """What a letter is, as far as it decides how it is replayed."""

    MOVE = "move"  # one message: dispatch reads everything again
    TICK = "tick"  # a request for a tick: harmless at any time
    PRESS = "press"  # a button in Slack: what was meant then may not be meant now
    DELIVERY = "delivery"  # lines of the SMS delivery log
    MAIL = "mail"  # a new mail: read again, it proposes what wasn't proposed
    SCAN = "scan"  # Textract's word that a scan has ended
    ALARM = "alarm"  # CloudWatch's or the budget's word about the system: staff are told, once
    SCHEDULED = "scheduled"  # a run of the clock's: the next one has done its work
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Letter:
    """One message of the queue. `what` says what it is about, without a contact."""

    message_id: str
    receipt: str
    sent: datetime
    kind: Kind
    what: str
    error: str = ""
    function: str = ""  # the function that it was for, if the letter says so
    event: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """What the operator calls it."""
        return self.message_id[:8]

    @property
    def line(self) -> str:
        """One line for the operator: no contact, no token, whatever the letter holds."""
        why = f"  ({self.error})" if self.error else ""
        return f"{self.name}  {self.sent:%Y-%m-%d %H:%M}Z  {scrub(self.what + why)}"


def read_letter(message: Mapping[str, Any]) -> Letter:
    """The letter of an SQS message, received with all its attributes."""
    attributes = {name: str(v.get("StringValue", "")) for name, v in message.get("MessageAttributes", {}).items()}
    sent = int(message.get("Attributes", {}).get("SentTimestamp", "0")) / 1000
    event, function, error = _unwrapped(message.get("Body", ""), attributes)
    kind, what = _told(event)
    return Letter(
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        sent=datetime.fromtimestamp(sent, UTC),
        kind=kind,
        what=what,
        error=error,
        function=function,
        event=event,
    )


def _unwrapped(body: str, attributes: Mapping[str, str]) -> tuple[dict[str, Any], str, str]:
    """The event, the function that it was for, and why it is here."""
    try:
        event = json.loads(body)
    except ValueError:
        event = None
    error = next((attributes[name] for name in _CODES if attributes.get(name)), "")
    tries = next((attributes[name] for name in _TRIES if attributes.get(name)), "")
    error += f", {tries} retries" if tries else ""
    if not isinstance(event, dict):
        return {}, "", error
    context, payload = event.get("requestContext"), event.get("requestPayload")
    if isinstance(context, dict) and isinstance(payload, dict):
        # What the function said is left out: it may hold anything.
        return payload, str(context.get("functionArn", "")), error or str(context.get("condition", ""))
    return event, "", error


def _told(event: Mapping[str, Any]) -> tuple[Kind, str]:
    records = event.get("Records")
    if isinstance(records, list) and records:
        return _record_told(records[0] if isinstance(records[0], dict) else {})
    detail_type, source = str(event.get("detail-type", "")), event.get("source")
    detail = event.get("detail")
    if isinstance(event.get("awslogs"), dict):
        return Kind.DELIVERY, "lines of the SMS delivery log"
    if source == "aws.events" and detail_type == "Scheduled Event":
        return Kind.SCHEDULED, f"a scheduled run of {event.get('time', 'an unknown time')}"
    if source != names.EVENT_SOURCE or not isinstance(detail, dict):
        return Kind.UNREADABLE, "not an event of this system"
    if detail_type == TICK_REQUESTED:
        return Kind.TICK, TICK_REQUESTED
    if detail_type == STAFF_ACTION:
        return Kind.PRESS, f"{STAFF_ACTION}: {detail.get('action', '?')} by {detail.get('user', '?')}"
    try:
        due = MoveDue.from_detail(detail)
    except ValueError as wrong:
        return Kind.UNREADABLE, f"{detail_type}: {wrong}"
    email = " by e-mail" if due.key.email else ""
    planned = f"{due.planned:%Y-%m-%d %H:%M}Z"
    return Kind.MOVE, f"{due.detail_type}{email} for {due.key.appt_id} ({due.key.what}), planned {planned}"


def mail_key(event: Mapping[str, Any]) -> str:
    """The object that an S3 notification is about. Raises KeyError, IndexError or TypeError for anything else."""
    return unquote_plus(str(event["Records"][0]["s3"]["object"]["key"]))


def topic_message(event: Mapping[str, Any]) -> str:
    """What SNS delivered. Raises KeyError, IndexError or TypeError for anything else."""
    return str(event["Records"][0]["Sns"]["Message"])


def _record_told(record: Mapping[str, Any]) -> tuple[Kind, str]:
    try:
        if "s3" in record:
            return Kind.MAIL, f"the mail {mail_key({'Records': [record]})}"
        topic_message({"Records": [record]})
        topic = str(record["Sns"].get("TopicArn", "")).rpartition(":")[2]
    except (KeyError, TypeError):
        return Kind.UNREADABLE, "not an event of this system"
    if topic in (names.ALARMS_TOPIC, names.COST_TOPIC):
        return Kind.ALARM, "an alarm"
    return Kind.SCAN, "the end of a scan"
