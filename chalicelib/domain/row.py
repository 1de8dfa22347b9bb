"""One row as an appointment, or as what is wrong with it. A row is untrusted: nothing in it raises (DESIGN §4.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from chalicelib.domain.appointment import Appointment, Channel, Problem, RowReading, Window
from chalicelib.domain.cell_text import is_spreadsheet_error, one_line, plain, quoted, trimmed
from chalicelib.domain.dates import NOTHING_UNTIL_MENDED
from chalicelib.domain.phone import read_email, read_phone
from chalicelib.domain.rules import parse_windows
from chalicelib.domain.status import read_status
from chalicelib.domain.terms import Terms

T = TypeVar("T")

_NO_START = datetime.min.replace(tzinfo=UTC)
_DAY_MINUTES = 24 * 60
_LONGEST_NAME = 200
"""Characters of a customer's, service's or staff member's name. It travels in events, keys and pages, which all have
an end; a cell goes on for fifty thousand."""
_LONGEST_LINK = 500
_LONGEST_TAG = 35
"""Characters of a language tag (RFC 5646, section 4.4.1)."""
_READ = (
    *("appt_id", "customer", "service", "staff", "phone", "email", "status", "link", "reminders", "language"),
    *("channel", "minutes", "date", "time"),
)
"""The columns that a row is read from."""
_CHANNELS = {"text": Channel.TEXT, "sms": Channel.TEXT, "email": Channel.EMAIL, "mail": Channel.EMAIL}
_LINK = re.compile(r"https?://[^\s<>\"']+", re.I)
_LINK_WITHOUT_SCHEME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::[0-9]+)?(?:/[^\s<>\"']*)?", re.I)


def read_row(values: Mapping[str, str], line: int, start: datetime | None, terms: Terms) -> RowReading:
    """Everything but the date: the appointment at that start, and every problem found.

    A wrong contact, channel, link, length or `reminders` leaves an appointment without it, the problem beside; without
    customer, service or start there is none. An unknown status word is no problem of the row (DESIGN §4.1).
    """
    return _read(tuple(values.get(column, "") for column in _READ), line, start, terms.country)


@lru_cache(maxsize=1024)  # tick after tick reads the same candidates
def _read(cells: Sequence[str], line: int, start: datetime | None, country: str) -> RowReading:
    """`cells` are those of `_READ`, in its order."""
    values = dict(zip(_READ, map(trimmed, cells), strict=True))
    problems: list[Problem] = []

    def taken(read: T | Problem, otherwise: T) -> T:
        if isinstance(read, Problem):
            problems.append(read)
            return otherwise
        return read

    customer = taken(_needed("customer", values["customer"]), "")
    service = taken(_needed("service", values["service"]), "")
    appointment = Appointment(
        appt_id=values["appt_id"],
        customer=customer,
        service=service,
        start=start or _NO_START,
        staff=taken(_without_error("staff", values["staff"]), ""),
        phone=taken(read_phone(values["phone"], country), ""),
        email=taken(read_email(values["email"]), ""),
        status=read_status(values["status"])[0],
        link=taken(_read_link(values["link"]), ""),
        reminders=taken(_read_reminders(values["reminders"]), None),
        language=one_line(values["language"][:_LONGEST_TAG]).casefold(),
        channel=taken(_read_channel(values["channel"]), None),
        minutes=taken(_read_minutes(values["minutes"]), None),
        line=line,
        date_text=values["date"],
        time_text=values["time"],
        status_text=values["status"],
    )
    for column in ("customer", "service", "staff"):
        if len(one_line(values[column])) > _LONGEST_NAME:
            problems.append(Problem(column, f"{quoted(values[column])} is cut after {_LONGEST_NAME} characters."))
    usable = bool(customer and service and start)
    return RowReading(line, appointment.appt_id, appointment if usable else None, tuple(problems))


def _needed(column: str, text: str) -> str | Problem:
    if not one_line(text):
        return Problem(column, f"The {column} is blank. {NOTHING_UNTIL_MENDED}")
    if is_spreadsheet_error(text):
        return Problem(column, f"{quoted(text)} is a spreadsheet's error, not a {column}. {NOTHING_UNTIL_MENDED}")
    return one_line(text)[:_LONGEST_NAME]


def _without_error(column: str, text: str) -> str | Problem:
    if is_spreadsheet_error(text):
        return Problem(column, f"{quoted(text)} is a spreadsheet's error. It is read as blank.")
    return one_line(text)[:_LONGEST_NAME]


def _read_link(text: str) -> str | Problem:
    """A web address that may be shown to a customer; `https` where no scheme is given."""
    link = one_line(text)
    if len(link) > _LONGEST_LINK:
        return Problem("link", f"{quoted(text)} is longer than {_LONGEST_LINK} characters. Messages go without.")
    if not link or _LINK.fullmatch(link):
        return link
    if _LINK_WITHOUT_SCHEME.fullmatch(link):
        return f"https://{link}"
    return Problem("link", f"{quoted(text)} is not a web address like https://example.com/b/17. Messages go without.")


def _read_reminders(text: str) -> tuple[Window, ...] | Problem | None:
    """This row's own windows; None where the cell is blank."""
    if not plain(text):
        return None
    try:
        return parse_windows(text)
    except ValueError as reason:
        return Problem(
            "reminders", f'{quoted(text)}: {reason}. Write "72, 24, 3" (hours) or "none". The service\'s own count.'
        )


def _read_channel(text: str) -> Channel | Problem | None:
    word = plain(text).casefold().replace("-", "")
    if not word or word in _CHANNELS:
        return _CHANNELS.get(word)
    return Problem("channel", f"{quoted(text)} is neither text nor email. The usual order counts.")


def _read_minutes(text: str) -> int | Problem | None:
    cell = plain(text)
    if not cell:
        return None
    match = re.fullmatch(r"([0-9]{1,4})(?:\.0+)?\s*(?:min|mins|minutes|m)?\.?", cell, re.I)
    if match and 0 < int(match[1]) <= _DAY_MINUTES:
        return int(match[1])
    return Problem("minutes", f"{quoted(text)} is not a length in whole minutes, like 45. The service's own counts.")
