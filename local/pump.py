"""The pump: carries EventBridge, Scheduler, S3, SNS and delivery-log messages to the handlers of `app.py`.

The targets of EventBridge, of a bucket's notifications and of a topic are SQS queues, one per function, made from what
`app.py` itself declares; a poller calls the function with the message, as Lambda would. A handler that raises is tried
again, twice, and then its event is put aside.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from local.standins.doors import SmsDoor
from local.standins.scheduler import SchedulerStandIn

ATTEMPTS = 3
Event = dict[str, Any]
Handler = Callable[[Event, Any], Any]


@dataclass(frozen=True)
class Run:
    """One run of a function, for the log that the desk shows: what called it, and what it brought about."""

    at: str
    function: str
    result: str
    failed: bool = False
    about: str = ""


@dataclass
class Functions:
    """The app's functions by name, called as Lambda calls them; every run is noted by the moved clock.

    `counts` says how many of what the stand-ins hold: what a run adds is noted as what it did.
    """

    handlers: Mapping[str, Handler]
    clock: Callable[[], datetime]
    runs: list[Run] = field(default_factory=list)
    counts: Callable[[], Mapping[str, int]] = dict

    def invoke(self, name: str, event: Event) -> Any:
        """Call a function. Raises whatever it raises, after noting it."""
        at, about, before = self.clock().isoformat(), _about(event), self.counts()
        try:
            result = self.handlers[name](event, _Context(name))
        except Exception as failure:
            self.runs.append(Run(at, name, f"{type(failure).__name__}: {failure}", failed=True, about=about))
            raise
        did = _added(before, self.counts()) if result is None else _shown(result)
        self.runs.append(Run(at, name, did, about=about))
        return result

    def scheduled(self, name: str) -> bool:
        """Call a function as its schedule does; a failure is noted, for its next time. Returns whether it went well."""
        now = self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
        event = {
            "version": "0",
            "account": "000000000000",
            "region": "ap-southeast-1",
            "detail": {},
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "time": now,
            "id": f"{name}-{now}",
            "resources": [f"arn:aws:events:ap-southeast-1:000000000000:rule/{name}"],
        }
        try:
            self.invoke(name, event)
        except Exception:
            return False
        return True


@dataclass(frozen=True)
class Sources:
    """What calls the app's functions, by their names: event patterns, buckets whose new objects, topics' ARNs."""

    patterns: Mapping[str, Mapping[str, Any]]
    buckets: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Context:
    """What a handler may ask Lambda's context for."""

    function_name: str
    aws_request_id: str = "local"
    memory_limit_in_mb: int = 256
    function_version: str = "$LATEST"

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:ap-southeast-1:000000000000:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


class Pump:
    """Queues for every event source of the app, and `run_until_quiet`. `clients` are AWS's, by service."""

    def __init__(
        self,
        functions: Functions,
        sources: Sources,
        clients: Mapping[str, Any],
        scheduler: SchedulerStandIn,
        sms: SmsDoor,
    ) -> None:
        self._functions = functions
        self._sources = sources
        self._clients = clients
        self._sqs = clients["sqs"]
        self._scheduler = scheduler
        self._sms = sms
        self.carried: list[Event] = []
        self.set_aside: list[tuple[str, Event]] = []
        self._tries: dict[str, int] = {}
        self._queues: dict[str, str] = {}
        self._connect()

    def _connect(self) -> None:
        """Point every source at its function's queue. Safe to repeat, so a saved world may be taken up."""
        events, s3, sns = (self._clients[service] for service in ("events", "s3", "sns"))
        for name, pattern in self._sources.patterns.items():
            arn = self._queue(name)
            events.put_rule(Name=f"local-{name}", EventPattern=json.dumps(pattern), State="ENABLED")
            events.put_targets(Rule=f"local-{name}", Targets=[{"Id": name, "Arn": arn}])
        for name, bucket in self._sources.buckets.items():
            wanted = [{"Id": name, "QueueArn": self._queue(name), "Events": ["s3:ObjectCreated:*"]}]
            s3.put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration={"QueueConfigurations": wanted}
            )
        for name, topic in self._sources.topics.items():
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self._queue(name))

    def _queue(self, name: str) -> str:
        """The queue of a function, made if need be: its ARN."""
        url = str(self._sqs.create_queue(QueueName=f"local-{name}")["QueueUrl"])
        self._queues[name] = url
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(found["Attributes"]["QueueArn"])

    def run_until_quiet(self, held: Collection[str] = ()) -> None:
        """Carry everything that is waiting or due, and what that brings about, until nothing is left.

        Events for the functions in `held` wait for a later call; with `dispatch` among them the one-offs wait, too.
        """
        while ("dispatch" not in held and self._fire_due()) or self._report_deliveries() or self._poll(held):
            pass

    def _fire_due(self) -> bool:
        due = self._scheduler.take_due()
        for schedule in due:
            event = json.loads(schedule.input)
            self.carried.append(event)
            self._deliver("dispatch", event, schedule.name)
        return bool(due)

    def _report_deliveries(self) -> bool:
        reports = self._sms.take_reports()
        if reports and "sms_delivery" in self._functions.handlers:
            lines = {
                "messageType": "DATA_MESSAGE",
                "owner": "000000000000",
                "logGroup": "sns/ap-southeast-1/000000000000/DirectPublishToPhoneNumber",
                "logEvents": [
                    {
                        "id": str(place),
                        "timestamp": int(self._functions.clock().timestamp() * 1000),
                        "message": json.dumps(r),
                    }
                    for place, r in enumerate(reports)
                ],
            }
            data = base64.b64encode(gzip.compress(json.dumps(lines).encode())).decode()
            self._deliver("sms_delivery", {"awslogs": {"data": data}}, reports[0]["notification"]["messageId"])
        return bool(reports)

    def _poll(self, held: Collection[str]) -> bool:
        found = False
        for name, url in self._queues.items():
            if name in held:
                continue
            messages = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get(
                "Messages", []
            )
            for message in messages:
                found = True
                event = self._event(name, message["Body"])
                if event is None:  # S3's word that the notifications are set up
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    continue
                if self._tries.get(message["MessageId"], 0) == 0:
                    self.carried.append(event)
                if self._deliver(name, event, message["MessageId"]):
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def _event(self, name: str, body: str) -> Event | None:
        """What Lambda would hand to the function; None for a message that is none of its events."""
        said: Event = json.loads(body)
        if name in self._sources.topics:
            notification = {"Subject": None, "MessageAttributes": {}, **said}
            return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": notification}]}
        return None if said.get("Event") == "s3:TestEvent" else said

    def _deliver(self, name: str, event: Event, message: str) -> bool:
        """Call the function. True when the event is done with: it went well, or failed for the last time."""
        try:
            self._functions.invoke(name, event)
        except Exception:
            self._tries[message] = self._tries.get(message, 0) + 1
            if self._tries[message] < ATTEMPTS:
                return False
            self.set_aside.append((name, event))
        self._tries.pop(message, None)
        return True


def _about(event: Event) -> str:
    """What an event is about, in a few words: `ar.first_reminder A-17, 48 h`. Nothing of a customer but the id."""
    if "awslogs" in event:
        return "the delivery log"
    for record in event.get("Records", ()):
        key = unquote_plus(str(((record.get("s3") or {}).get("object") or {}).get("key", "")))
        topic = str((record.get("Sns") or {}).get("TopicArn", ""))
        return f"the object {key}" if key else "an alarm" if topic.endswith("alarms") else "a scan"
    detail = event.get("detail") or {}
    kind = str(event.get("detail-type", ""))
    if kind == "Scheduled Event" or not isinstance(detail, dict):
        return "its schedule"
    hours = detail.get("hours")
    visit = " ".join(str(detail[name]) for name in ("appt_id", "action") if detail.get(name))
    return f"{kind} {visit}".strip() + (f", {hours:g} h" if isinstance(hours, int | float) else "")


def _added(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    """`2 texts, 1 Slack line`: what there is more of. Blank if nothing left the system."""
    more = {what: after[what] - before.get(what, 0) for what in after}
    return ", ".join(f"{count} {what}{'s' if count > 1 else ''}" for what, count in more.items() if count > 0)


def _shown(result: Any) -> str:
    return result if isinstance(result, str) else json.dumps(result, default=str, ensure_ascii=False)
