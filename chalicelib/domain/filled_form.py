"""What a person filled in for a proposal: the values, or what is wrong by field, in words that say what is expected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import Problem
from chalicelib.domain.cell_text import one_line
from chalicelib.domain.dates import local_instant
from chalicelib.domain.phone import read_email, read_phone
from chalicelib.domain.proposal import FIELDS, Draft, Kind

_LONGEST = {"link": 500}
_LONGEST_OTHER = 200
_LINK = re.compile(r"https?://[^\s<>\"']+", re.I)


@dataclass(frozen=True, slots=True)
class Filled:
    """The fields that were asked for, cleaned; `errors` by field."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def read_filled(filled: Mapping[str, str], draft: Draft, zone: ZoneInfo, country: str, now: datetime) -> Filled:
    """Read a form's inputs. Date is ISO and time HH:MM as the pickers give them, both shop-local."""
    if draft.kind is Kind.CANCELLATION:
        return Filled()
    booking = draft.kind is Kind.BOOKING
    values = {name: one_line(filled.get(name, "")) for name in (FIELDS if booking else ("date", "time"))}
    errors = {name: "This is needed." for name in ("customer", "service", "date", "time") if values.get(name) == ""}
    for name, text in values.items():
        if len(text) > _LONGEST.get(name, _LONGEST_OTHER):
            errors[name] = f"This is longer than {_LONGEST.get(name, _LONGEST_OTHER)} characters."
    if booking:
        for name, read in (("phone", read_phone(values["phone"], country)), ("email", read_email(values["email"]))):
            if isinstance(read, Problem):
                errors[name] = read.problem
            else:
                values[name] = read
        if not values["phone"] and not values["email"]:
            errors.setdefault("phone", "A phone number or an e-mail address is needed.")
        if values["link"] and not _LINK.fullmatch(values["link"]):
            errors.setdefault("link", "This is not a web address like https://example.com/b/17.")
    errors |= _wrong_start(values, zone, now) if "date" not in errors and "time" not in errors else {}
    return Filled(values, errors)


def _wrong_start(values: Mapping[str, str], zone: ZoneInfo, now: datetime) -> dict[str, str]:
    try:
        day = date.fromisoformat(values["date"])
    except ValueError:
        return {"date": "This is not a date like 2026-11-30."}
    try:
        clock = time.fromisoformat(values["time"])
    except ValueError:
        return {"time": "This is not a time like 14:30."}
    try:
        start = local_instant(day, clock, zone)
    except ValueError as reason:
        return {"time": f"{values['time']} {reason}."}
    return {"date": "This is in the past."} if start <= now else {}
