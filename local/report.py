"""The headless run's report: one object, told from what the stand-ins and the tables received.

It imports nothing of the shipped code, so that it can't share its mistakes: which visit a text is about is read from
the link that the customer got, and a duplicate is two such texts, whatever the ledger says.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local import report_intake

_LINK = re.compile(r"/r/([A-Za-z0-9_-]{31,})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REMINDERS = ("first_reminder", "second_reminder")


@dataclass(frozen=True)
class Received:
    """Everything that the stand-ins and the tables hold at the end of a run. Instants are ISO, UTC."""

    timezone: str
    begin: datetime
    end: datetime
    texts: Sequence[Mapping[str, Any]]  # at, to, body, message_id
    mails: Sequence[Mapping[str, Any]]  # at, to, subject, body, message_id
    slack: Sequence[Mapping[str, Any]]  # at, channel, text, metadata
    bus: Sequence[Mapping[str, Any]]  # detail of every ar.* move that the bus carried
    sends: Sequence[Mapping[str, Any]]  # items of ar-sends
    audit: Sequence[Mapping[str, Any]]  # items of ar-audit
    replies: Sequence[Mapping[str, Any]] = ()
    refused: Sequence[Mapping[str, Any]] = ()
    problems: Sequence[Mapping[str, Any]] = ()
    sheet: Sequence[Mapping[str, str]] = ()
    dropped: Sequence[str] = ()  # files of mails that came in, in order
    model_inputs: Sequence[Mapping[str, str]] = ()  # file, text
    syncs: int = 0
    ticks: int = 0


@dataclass
class Report:
    """What is written to OUT."""

    timezone: str
    begin: str
    end: str
    events: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    replies: list[dict[str, Any]] = field(default_factory=list)
    sheet: list[dict[str, str]] = field(default_factory=list)
    proposals: list[dict[str, Any]] = field(default_factory=list)
    mails: list[dict[str, str]] = field(default_factory=list)
    model_inputs: list[dict[str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The object of DESIGN §9."""
        return {
            "timezone": self.timezone,
            "from": self.begin,
            "to": self.end,
            "events": self.events,
            "skipped": self.skipped,
            "refused": self.refused,
            "problems": self.problems,
            "replies": self.replies,
            "sheet": self.sheet,
            "proposals": self.proposals,
            "mails": self.mails,
            "model_inputs": self.model_inputs,
            "counts": self.counts,
        }


def build_report(received: Received) -> Report:
    """Tell the run. Pure: the same material gives the same report."""
    zone = ZoneInfo(received.timezone)
    report = Report(received.timezone, _local(received.begin, zone), _local(received.end, zone))
    ledger = _Ledger(received.sends)
    messages = [
        *(_text(text, ledger, zone) for text in received.texts),
        *(_mail(mail, ledger, zone) for mail in received.mails),
        *(_slack(line, ledger, zone) for line in received.slack),
    ]
    messages.sort(key=lambda message: (message["at"], message["kind"], message["to"]))
    outcomes = _outcomes(received.audit, zone)
    went = {_window_of(message) for message in messages if message["kind"] != "slack"}
    report.skipped = [
        {name: value for name, value in entry.items() if name != "chain"}
        for key, entry in outcomes.items()
        if key not in went
    ]
    report.refused = [dict(entry) for entry in received.refused]
    report.problems = [dict(entry) for entry in received.problems]
    report.replies = [dict(entry) for entry in received.replies]
    report.sheet = [dict(row) for row in received.sheet]
    report.proposals = report_intake.proposals(received.slack)
    report.mails = report_intake.mails(received.dropped, received.audit)
    report.model_inputs = [dict(given) for given in received.model_inputs]
    report.counts = {
        "text": len(received.texts),
        "email": len(received.mails),
        "slack": len(received.slack),
        "duplicates": count_duplicates(messages),
        "lost": len(find_lost(received, messages, set(outcomes))),
        "syncs": received.syncs,
        "ticks": received.ticks,
    }
    report.events = [{k: v for k, v in message.items() if not k.startswith("_")} for message in messages]
    return report


# ---------------------------------------------------------------- messages


def read_token(token: str) -> tuple[str, str, int] | None:
    """(appt_id, chain, window in minutes) of a reply link's token, unverified; None if it isn't one.

    mac 16 bytes, version and key 1, start minute (28 bits) and window (20 bits) 6, the id.
    """
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        moment = int.from_bytes(raw[17:23], "big")
        start = _EPOCH + timedelta(minutes=moment >> 20)
        return raw[23:].decode(), start.strftime("%Y%m%dT%H%MZ"), moment & 0xFFFFF
    except (binascii.Error, ValueError, OverflowError):
        return None


class _Ledger:
    """The items of `ar-sends`, by visit and window, and by the vendor's message id."""

    def __init__(self, sends: Sequence[Mapping[str, Any]]) -> None:
        self._by_message = {str(send["message_id"]): send for send in sends if send.get("message_id")}
        self._by_key = {(str(send["appt_id"]), str(send["window_index"])): send for send in sends}

    def of_message(self, message_id: str) -> Mapping[str, Any]:
        return self._by_message.get(message_id, {})

    def of_window(self, appt_id: str, chain: str, window: int) -> Mapping[str, Any]:
        index = f"{chain}#h{window / 60:g}"
        return self._by_key.get((appt_id, index)) or self._by_key.get((appt_id, index + "#email")) or {}


def _text(text: Mapping[str, Any], ledger: _Ledger, zone: ZoneInfo) -> dict[str, Any]:
    return _message("text", text["at"], text["to"], "", text["body"], text["message_id"], ledger, zone)


def _mail(mail: Mapping[str, Any], ledger: _Ledger, zone: ZoneInfo) -> dict[str, Any]:
    return _message("email", mail["at"], mail["to"], mail["subject"], mail["body"], mail["message_id"], ledger, zone)


def _message(
    kind: str, at: str, to: str, subject: str, body: str, message_id: str, ledger: _Ledger, zone: ZoneInfo
) -> dict[str, Any]:
    """One message to a customer: the visit from its link, the rest from the ledger's item."""
    link = _LINK.search(body)
    named = read_token(link[1]) if link else None
    send = ledger.of_message(message_id)
    if named and not send and named[2]:
        send = ledger.of_window(*named)
    appt_id, chain, window = named or (str(send.get("appt_id") or "") or None, _chain(send), _window(send))
    if send and not str(send["window_index"]).partition("#")[2].startswith("h"):
        window = 0
    return {
        "at": _local(at, zone),
        "planned": _local(send["planned"], zone) if send.get("planned") else _local(at, zone),
        "kind": kind,
        "to": to,
        "appt_id": appt_id,
        "move": send.get("move") or ("first_reminder" if window else "notice"),
        "hours": _hours(window),
        "subject": subject,
        "body": body.replace("\r\n", "\n"),
        "reason": str((send.get("detail") or {}).get("why") or send.get("reason") or ""),
        "_chain": chain,
    }


def _slack(line: Mapping[str, Any], ledger: _Ledger, zone: ZoneInfo) -> dict[str, Any]:
    about = (line.get("metadata") or {}).get("event_payload") or {}
    send = ledger._by_key.get((str(about.get("appt_id")), f"{about.get('chain')}#gap"), {})
    is_gap = about.get("move") == "gap_alert"
    planned = send.get("planned") if is_gap else None
    return {
        "at": _local(line["at"], zone),
        "planned": _local(planned or line["at"], zone),
        "kind": "slack",
        "to": line["channel"],
        "appt_id": about.get("appt_id") or None,
        "move": about.get("move") or "notice",
        "hours": None,
        "subject": "",
        "body": html.unescape(str(line.get("posted") or line["text"])),
        "reason": about.get("reason") or "",
        "_chain": about.get("chain") or "",
        "_about_hours": about.get("hours") or "",
    }


def _chain(send: Mapping[str, Any]) -> str:
    return str(send.get("window_index", "")).partition("#")[0]


def _window(send: Mapping[str, Any]) -> int:
    what = str(send.get("window_index", "")).partition("#")[2].partition("#")[0]
    return round(float(what[1:]) * 60) if re.fullmatch(r"h[\d.]+", what) else 0


def _hours(window: int) -> int | float | None:
    if not window:
        return None
    return window // 60 if window % 60 == 0 else round(window / 60, 4)


def _window_of(message: Mapping[str, Any]) -> tuple[str, str, str]:
    hours = message["hours"]
    return str(message["appt_id"]), str(message["_chain"]), "" if hours is None else f"{hours:g}"


# ---------------------------------------------------------------- what did not go


def _outcomes(audit: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The last word on every window that was passed or skipped, by (appt_id, chain, hours)."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for entry in sorted(audit, key=lambda item: str(item["ts"])):
        if entry["action"] not in ("window_passed", "window_skipped"):
            continue
        window = round(float(entry["hours"]) * 60)
        hours = _hours(window)
        found[str(entry["appt_id"]), str(entry["chain"]), f"{hours:g}"] = {
            "at": _local(str(entry["ts"]).partition("#")[0], zone),
            "appt_id": entry["appt_id"],
            "hours": hours,
            "kind": str(entry["action"]).removeprefix("window_"),
            "reason": entry["reason"],
            "chain": entry["chain"],
        }
    return found


def count_duplicates(messages: Iterable[Mapping[str, Any]]) -> int:
    """Further reminder texts to one (appt_id, start, hours)."""
    seen: set[tuple[str, str, str]] = set()
    duplicates = 0
    for message in messages:
        if message["kind"] != "text" or message["hours"] is None:
            continue
        key = _window_of(message)
        duplicates += key in seen
        seen.add(key)
    return duplicates


def find_lost(
    received: Received, messages: Sequence[Mapping[str, Any]], outcomes: set[tuple[str, str, str]]
) -> list[Mapping[str, Any]]:
    """Planned minutes that passed with neither a message, nor a `skipped` entry, nor a staff line.

    What the bus carried is what was planned. A send that its own minute found answered, moved or gone was dropped on
    purpose; dispatch says so in the audit, at that minute.
    """
    told = {
        (str(m["appt_id"]), str(m["_chain"]), str(m["_about_hours"]))
        for m in messages
        if m["kind"] == "slack" and m["appt_id"]
    }
    went = {_window_of(message) for message in messages if message["kind"] != "slack"}
    dropped = {
        (str(entry["appt_id"]), str(entry["chain"]), f"{float(entry['hours']):g}")
        for entry in received.audit
        if entry["action"] == "window_dropped" and entry.get("hours") is not None
    }
    last: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for detail in received.bus:
        if detail["move"] in REMINDERS and not detail.get("email") and detail.get("hours") is not None:
            last[str(detail["appt_id"]), str(detail["chain"]), f"{float(detail['hours']):g}"] = detail
    lost = []
    for key, detail in last.items():
        passed = datetime.fromisoformat(str(detail["planned"])) + timedelta(minutes=1) <= received.end
        accounted = key in went or key in outcomes or key in told or key in dropped
        if passed and not accounted:
            lost.append(detail)
    return lost


def _local(instant: datetime | str, zone: ZoneInfo) -> str:
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return moment.astimezone(zone).isoformat(timespec="seconds")
