"""Where a fault may strike: each port call is a numbered point, and what may go wrong there depends on its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from chalicelib.domain.events import MoveDue
from chalicelib.domain.work import StaffLine
from chalicelib.errors import BadRecipient, DefiniteNo, NoAnswer, StoreConflict, StoreNoAnswer, UpstreamError
from chalicelib.ports import Document, EmailMessage, ReplyKeys, SendingSwitch, Stored
from tests.fakes.runtime import KEYS


class Fault(StrEnum):
    """One thing that goes wrong at one call; from REPLY on, what happens there or becomes of a whole event."""

    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    NO = "a definite no"
    BAD = "a no for good"
    CONFLICT = "conflict"
    LOST_BEFORE = "no answer, not done"
    LOST_AFTER = "no answer, done"
    REPLY = "the customer's answer is committed"
    DOUBLED = "delivered twice"
    UNDELIVERED = "the text does not arrive"
    NO_WORD = "no word on the text's delivery"


_VENDORS = {
    "sms.send": (Fault.NO, Fault.BAD, Fault.LOST_BEFORE, Fault.LOST_AFTER),
    "email.send": (Fault.NO, Fault.BAD, Fault.LOST_BEFORE, Fault.LOST_AFTER),
    "staff.post": (Fault.NO, Fault.LOST_BEFORE, Fault.LOST_AFTER),
    "bus.put": (Fault.NO, Fault.LOST_AFTER),
    "bus.request": (Fault.NO, Fault.LOST_AFTER),
    "schedules.book": (Fault.NO, Fault.LOST_AFTER),
}
_WRITES = (Fault.NO, Fault.CONFLICT, Fault.LOST_BEFORE, Fault.LOST_AFTER)
_WRITE_CALLS = {"store.commit", "store.count_text", "store.beat"} | {
    f"ledger.{step}"
    for step in ("claim", "arm", "sent", "retry", "defer", "fail", "unknown", "settle", "deliver", "clear_alert")
}


def faults_of(call: str) -> tuple[Fault, ...]:
    """What a vendor may answer to this call, besides yes. A read that fails has changed nothing, whatever it says."""
    if call in _VENDORS:
        return _VENDORS[call]
    return _WRITES if call in _WRITE_CALLS else (Fault.NO,)


def error_of(call: str, fault: Fault) -> Exception:
    """The error that the adapter of this port raises for it."""
    vendor = call.partition(".")[0]
    if vendor in ("sms", "email", "staff"):
        kind = {Fault.NO: DefiniteNo, Fault.BAD: BadRecipient}.get(fault, NoAnswer)
        return kind(vendor, "refused" if issubclass(kind, DefiniteNo) else "the connection was lost")
    if vendor in ("store", "ledger"):
        match fault:
            case Fault.CONFLICT:
                return StoreConflict("TransactionConflict")
            case Fault.LOST_BEFORE | Fault.LOST_AFTER:
                return StoreNoAnswer("the connection was lost")
    return UpstreamError(vendor, "down")


class Probe:
    """The hooks around every call of one run: numbers it, lets others look, and strikes where the plan says."""

    def __init__(self) -> None:
        self.met: set[str] = set()
        self.begin({})
        self.on = False

    def begin(
        self,
        plan: Mapping[int, Fault],
        before: Callable[[int, str], None] | None = None,
        after: Callable[[int, str], None] | None = None,
    ) -> None:
        """Count from 0. `before` and `after` look at each call; a REPLY is theirs to play."""
        self.plan, self._before, self._after = plan, before, after
        self.calls: list[str] = []
        self.on = True

    def before(self, call: str) -> None:
        if not self.on:
            return
        at = len(self.calls)
        self.calls.append(call)
        self.met.add(call)
        if self._before:
            self._before(at, call)
        fault = self.plan.get(at)
        if fault in (Fault.NO, Fault.BAD, Fault.CONFLICT, Fault.LOST_BEFORE):
            raise error_of(call, fault)

    def after(self, call: str) -> None:
        if not self.on:
            return
        at = len(self.calls) - 1
        if self._after:
            self._after(at, call)
        if self.plan.get(at) is Fault.LOST_AFTER:
            raise error_of(call, Fault.LOST_AFTER)


class Outside:
    """What left the system and what waits to reach it, and the ports that lead there, each call a point."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.texts: list[tuple[str, str]] = []
        self.mails: list[EmailMessage] = []
        self.lines: list[StaffLine] = []
        self.put: list[MoveDue] = []
        self.requested: list[str] = []
        self.words: list[str] = []  # texts of which the delivery log will speak, where there is one
        self.booked: dict[str, tuple[Any, MoveDue]] = {}


class ProbedSms:
    def __init__(self, outside: Outside) -> None:
        self._outside, self.probe = outside, outside.probe

    def send(self, phone: str, text: str) -> str:
        self._outside.probe.before("sms.send")
        self._outside.texts.append((phone, text))
        message_id = f"sms-{len(self._outside.texts)}"
        self._outside.words.append(message_id)
        self._outside.probe.after("sms.send")
        return message_id


class ProbedEmail:
    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def send(self, message: EmailMessage) -> str:
        self._outside.probe.before("email.send")
        self._outside.mails.append(message)
        self._outside.probe.after("email.send")
        return "mail"


class ProbedStaff:
    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def post(self, channel: str, line: StaffLine) -> str:
        self._outside.probe.before("staff.post")
        self._outside.lines.append(line)
        self._outside.probe.after("staff.post")
        return "line"

    def settle(self, channel: str, message: str, text: str) -> None:
        raise AssertionError("nobody presses a button here")


class ProbedBus:
    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def put(self, events: Sequence[MoveDue]) -> None:
        if events:
            self._outside.probe.before("bus.put")
            self._outside.put.extend(events)
            self._outside.probe.after("bus.put")

    def request(self, detail_type: str, detail: Mapping[str, object]) -> None:
        self._outside.probe.before("bus.request")
        self._outside.requested.append(detail_type)
        self._outside.probe.after("bus.request")


class ProbedSchedules:
    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def book(self, event: MoveDue, at: Any) -> None:
        self._outside.probe.before("schedules.book")
        self._outside.booked.setdefault(event.schedule_name, (at, event))
        self._outside.probe.after("schedules.book")


class ProbedDocuments:
    """The mirror, which nobody writes here."""

    def __init__(self, probe: Probe, texts: Mapping[Document, str]) -> None:
        self._probe = probe
        self._stored = {document: Stored(text, document.value) for document, text in texts.items()}

    def read(self, document: Document) -> Stored | None:
        self._probe.before("documents.read")
        self._probe.after("documents.read")
        return self._stored.get(document)

    def write(self, document: Document, text: str, replaces: Stored | None) -> Stored:
        raise AssertionError("nothing here writes the mirror")


class ProbedParameters:
    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def all(self) -> dict[str, str]:
        return {}

    def sending(self) -> SendingSwitch:
        self._probe.before("parameters.sending")
        self._probe.after("parameters.sending")
        return SendingSwitch.ON


class ProbedSecrets:
    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def reply_keys(self, reload: bool = False) -> ReplyKeys:
        self._probe.before("secrets.reply_keys")
        self._probe.after("secrets.reply_keys")
        return KEYS

    def slack_signing_secret(self) -> str:
        raise AssertionError("nothing here comes from Slack")


class SheetThatIsDown:
    """Sheet edits stay promised: their own faults are the simulated world's subject."""

    def __getattr__(self, name: str) -> Any:
        def down(*_: Any, **__: Any) -> Any:
            raise UpstreamError("Google", "down")

        return down
