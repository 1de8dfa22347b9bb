"""A calendar's event as a booking: whether it is one, and what it says of whom, what and when (DESIGN §8).

`#appt` in the description makes an event a booking. Labelled lines there (`Customer: ...`, `Phone: ...`) are read
first, then the guest, then the title.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import Problem
from chalicelib.domain.cell_text import one_line
from chalicelib.domain.phone import read_email, read_phone
from chalicelib.domain.proposal import Draft, Kind, Reader

TAG = re.compile(r"(?<![\w#])#appt(?!\w)", re.I)
_LABELS: Mapping[str, str] = {
    "customer": "customer", "client": "customer", "patient": "customer", "guest": "customer", "name": "customer",
    "phone": "phone", "tel": "phone", "mobile": "phone", "cell": "phone",
    "email": "email", "e-mail": "email", "mail": "email",
    "service": "service", "treatment": "service",
    "staff": "staff", "with": "staff", "provider": "staff", "therapist": "staff", "stylist": "staff",
    "link": "link", "booking link": "link",
}  # fmt: skip
_LABELLED = re.compile(rf"^\W*({'|'.join(sorted(_LABELS, key=len, reverse=True))})\s*[:=]\s*(\S.*)$", re.I)
_SEPARATOR = re.compile(r"\s+[-–—|/]\s+|\s*:\s+|\s+(?:for|with)\s+", re.I)
_LINK = re.compile(r"https?://[^\s<>\"]+", re.I)
_LONGEST = 200


def is_booking(description: str) -> bool:
    """Whether the description (as text) has the tag."""
    return bool(TAG.search(description))


def read_event(
    summary: str,
    description: str,
    start: datetime | None,
    all_day: str,
    attendees: Sequence[tuple[str, str]],
    zone: ZoneInfo,
    country: str,
    own_addresses: frozenset[str],
    services: Sequence[str] = (),
) -> Draft:
    """The booking that a tagged event is. `description` is text; `start` aware, or None for an event of a day.

    The service is a labelled one, else the known service that the title names, else the whole title; what the title
    has besides a known service is taken for the customer, where nobody else is named, and marked doubtful.
    """
    values: dict[str, str] = {}
    quotes: dict[str, str] = {}
    doubtful: list[str] = []
    flags: list[str] = []

    def take(name: str, value: str, quote: str) -> None:
        if value and not values.get(name):
            values[name], quotes[name] = value[:_LONGEST], one_line(quote)[:_LONGEST]

    for line in TAG.sub("\n", description).splitlines():
        if not (found := _LABELLED.match(line.strip())):
            continue
        name, text = _LABELS[found[1].lower()], one_line(found[2])
        value: str | Problem = text
        if name == "phone":
            value = read_phone(text, country)
        elif name == "email":
            value = read_email(text)
        elif name == "link":
            value = found_link[0] if (found_link := _LINK.search(text)) else ""
        if isinstance(value, Problem):
            flags.append(f"The {name} in the event can't be used: {value.problem}")
        else:
            take(name, value, line.strip())
    for person, address in attendees:
        if address and address not in own_addresses:
            take("customer", one_line(person), f"guest {person}")
            take("email", address, f"guest {address}")
            break
    title = one_line(summary)
    known, rest = _known_service(title, services)
    take("service", known or title, title)
    if known and rest and not values.get("customer"):
        take("customer", rest, title)
        doubtful.append("customer")
    if start is not None:
        local = start.astimezone(zone)
        take("date", local.date().isoformat(), start.isoformat(timespec="minutes"))
        take("time", f"{local:%H:%M}", start.isoformat(timespec="minutes"))
        if start.utcoffset() != local.utcoffset() and start.utcoffset():
            doubtful.append("time")
            flags.append(f"The event is kept in another zone ({start:%H:%M %z}); here that is {local:%H:%M}.")
    else:
        take("date", all_day, all_day)
        doubtful.append("time")
        flags.append("The event is for the whole day: at what time is the visit?")
    return Draft(Kind.BOOKING, Reader.CALENDAR, values, quotes, tuple(doubtful), tuple(flags))


def _known_service(title: str, services: Sequence[str]) -> tuple[str, str]:
    """The known service that a part of the title is, and the one part beside it; "" where there is none."""
    parts = [part.strip() for part in _SEPARATOR.split(title) if part.strip()]
    by_fold = {service.casefold(): service for service in services}
    for part in parts:
        if part.casefold() in by_fold:
            others = [other for other in parts if other != part]
            return by_fold[part.casefold()], others[0] if len(others) == 1 else ""
    return "", ""
