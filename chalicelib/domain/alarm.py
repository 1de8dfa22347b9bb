"""What CloudWatch and AWS Budgets say through SNS, in the front desk's words.

An alarm's description is written for people where the alarm is made (`infra-extras/guardrails_stack.py`): what is
wrong in its first sentence, what that means, and which section of docs/operations.md says what to do. So a new alarm
needs nothing here.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.cell_text import one_line
from chalicelib.domain.wording import local_minute

_SENTENCE = re.compile(r"(?<=[.!?])\s")
_LINE = re.compile(r"^\s*([A-Z][A-Za-z ]+):\s*(\S.*?)\s*$", re.M)
_LONGEST = 600
_BUDGET = ("Budget Name", "Budgeted Amount", "Alert Type", "Alert Threshold")
_AMOUNTS = {"ACTUAL": "has cost {amount}", "FORECASTED": "is expected to cost {amount}"}


class State(StrEnum):
    """How an alarm stands, in CloudWatch's words."""

    ALARM = "ALARM"
    OK = "OK"
    UNKNOWN = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an alarm. `key` names it: the same message again has the same. `name` is the alarm's own."""

    name: str
    key: str
    text: str
    state: State = State.ALARM
    was: State = State.OK


def read_change(message: str, zone: ZoneInfo) -> Change | None:
    """The change that a message tells of: an alarm's JSON, or a budget's text. None if it is neither.

    `text` is one line, at most 600 characters of it the sender's; times are the shop's own.
    """
    try:
        said = json.loads(message)
    except ValueError:
        return _budget(message)
    return _alarm(said, zone) if isinstance(said, dict) else None


def unreadable_key(message: str) -> str:
    """What a message that can't be read is told once by."""
    return hashlib.sha256(message.encode("utf-8", "replace")).hexdigest()[:16]


def cut(text: str, longest: int = _LONGEST) -> str:
    """One line of at most so many characters."""
    line = one_line(text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _alarm(said: dict[str, Any], zone: ZoneInfo) -> Change | None:
    try:
        name, changed = str(said["AlarmName"]), str(said["StateChangeTime"])
        state, at = State(said["NewStateValue"]), datetime.fromisoformat(changed)
    except (KeyError, TypeError, ValueError):
        return None
    if at.tzinfo is None:
        return None
    was = said.get("OldStateValue")
    description = cut(str(said.get("AlarmDescription") or "")) or f"{cut(name)}: {cut(str(said.get('NewStateReason')))}"
    since = local_minute(at, zone)
    what = _SENTENCE.split(description)[0]
    match state:
        case State.ALARM:
            text = f"Alarm, since {since}: {description}"
        case State.OK:
            text = f"Over, since {since}: {what}"
        case State.UNKNOWN:
            text = f"Not known any more, since {since}, for lack of figures: {what}"
    return Change(name, f"{state.value}#{changed}", text, state, State(str(was)) if was in tuple(State) else State.OK)


def _budget(message: str) -> Change | None:
    found = dict(_LINE.findall(message))
    if not all(name in found for name in _BUDGET):
        return None
    name, limit, kind, threshold = (cut(found[name], 100) for name in _BUDGET)
    amount = cut(found.get(f"{kind} Amount", ""), 100)
    cost = _AMOUNTS.get(kind, "has an alert at {amount}").format(amount=amount or f"more than {threshold.lstrip('> ')}")
    text = (
        f"Alarm: this month AWS {cost}; the alert is at {threshold.lstrip('> ')} of a budget of {limit}. Nothing "
        "stops by itself. What to do: docs/operations.md, “The bill”."
    )
    return Change(name, f"{State.ALARM.value}#{unreadable_key(message)}", text)
