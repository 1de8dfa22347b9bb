"""Bookings from .ics files (RFC 5545, 5546): what each entry says of customer, service and start, and no guess.

SUMMARY is the service, the attendee who isn't the shop the customer, ORGANIZER the shop (DESIGN §8).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.adapters.icalendar_lines import Component, Line, calendars
from chalicelib.adapters.icalendar_visits import Visit, visits
from chalicelib.adapters.icalendar_zones import Zones
from chalicelib.domain.cell_text import one_line
from chalicelib.domain.draft_fields import FLOATING, DraftFields, is_link
from chalicelib.domain.labelled_phone import labelled_phone
from chalicelib.domain.proposal import MOST_OF_ONE_MAIL, Draft, Kind, Reader
from chalicelib.errors import Unreadable
from chalicelib.intake_ports import ShopWords

_ANSWERS = ("REPLY", "REFRESH", "DECLINECOUNTER")
"""What attendees' programs send back: no booking."""
_NOT_PEOPLE = ("RESOURCE", "ROOM", "GROUP")
_CANCEL_PREFIX = re.compile(r"(?:cancel+ed(?: event)?|cancel+ation|abgesagt|annulée?|cancelad[oa])\s*[:：]\s*", re.I)


class IcalendarInvites:
    """An `intake_ports.ExactReader` of .ics files."""

    def read(self, content: bytes | str, shop: ShopWords, now: datetime) -> list[Draft]:
        """The visits in it, in order; past 25, one more with a flag that says so. Raises Unreadable."""
        drafts: list[Draft] = []
        broken = False
        for calendar in calendars(content):
            broken = broken or calendar.broken or any(event.broken for event in calendar.inner)
            for draft in _drafts(calendar, shop, now):
                if len(drafts) == MOST_OF_ONE_MAIL:
                    more = f"more than {MOST_OF_ONE_MAIL} visits in the calendar file: import the file"
                    return [*drafts, Draft(draft.kind, Reader.ICS, flags=(more,))]
                drafts.append(draft)
        if broken and not drafts:
            raise Unreadable("the calendar file is damaged: no entry of it can be read")
        return drafts


def _drafts(calendar: Component, shop: ShopWords, now: datetime) -> Iterator[Draft]:
    method = calendar.value("METHOD").upper()
    if method in _ANSWERS:
        return
    zones = Zones(component for component in calendar.inner if component.name == "VTIMEZONE")
    by_uid: dict[str, list[Component]] = {}
    for place, event in enumerate(e for e in calendar.inner if e.name == "VEVENT"):
        if event.lines.keys() & {"DTSTART", "SUMMARY", "UID"}:
            by_uid.setdefault(event.value("UID") or f"\n{place}", []).append(event)
    for events in by_uid.values():
        for visit in visits(sorted(events, key=_sequence), zones, now):
            yield _draft(visit, method, shop, now)


def _draft(visit: Visit, method: str, shop: ShopWords, now: datetime) -> Draft:
    event = visit.event
    fields = DraftFields(ZoneInfo(shop.zone), shop.country, shop.addresses, shop.phone)
    kind = _kind(event, method, fields)
    if kind is not Kind.CANCELLATION or method != "CANCEL":
        _say_whether_tentative(event, fields)
    summary = event.first("SUMMARY")
    if summary:
        service = _CANCEL_PREFIX.sub("", summary.value, count=1) if kind is Kind.CANCELLATION else summary.value
        fields.take("service", service, summary.text)
    _take_start(visit, fields, now)
    _take_people(event, shop, fields)
    _take_phone(event, shop, fields)
    for name in ("URL", "LOCATION"):
        line = event.first(name)
        if line and is_link(one_line(line.value)):
            fields.take_link(line.value, line.text)
    if visit.problem:
        fields.flag(visit.problem, "date")
    if event.broken:
        fields.flag("a part of the calendar file is damaged and was left unread")
    uid = event.value("UID")
    if uid and visit.instance:
        uid = f"{uid}#{visit.instance}"
    return fields.draft(kind, Reader.ICS, uid, _sequence(event))


def _kind(event: Component, method: str, fields: DraftFields) -> Kind:
    if method == "CANCEL" or event.value("STATUS").upper() == "CANCELLED":
        return Kind.CANCELLATION
    if method == "COUNTER":
        fields.flag("asked, not agreed")
        return Kind.CHANGE
    return Kind.BOOKING


def _say_whether_tentative(event: Component, fields: DraftFields) -> None:
    if event.value("STATUS").upper() == "TENTATIVE":
        fields.flag("tentative, not confirmed")
    recurrence = event.first("RECURRENCE-ID")
    if recurrence and recurrence.params.get("RANGE", "").upper() == "THISANDFUTURE":
        fields.flag("the file says that later visits of this series change too: look at them")


def _take_start(visit: Visit, fields: DraftFields, now: datetime) -> None:
    line = visit.event.first("DTSTART")
    moment = visit.moment
    if moment is None:
        if line:
            fields.flag("the start can't be read", "date", "time")
        return
    text = line.text if line else ""
    if moment.at is None:
        fields.take_day(moment.day, visit.repeated_by or text, now)
        return
    if moment.unknown_zone:
        fields.flag(f"nobody knows the time zone {one_line(moment.zone)[:60]}", "time")
    fields.take_start(moment.at, moment.zone or FLOATING, text, now)
    if visit.repeated_by:
        fields.quotes["date"] = one_line(visit.repeated_by)


def _take_people(event: Component, shop: ShopWords, fields: DraftFields) -> None:
    """Customer, e-mail and, where a name is one of the shop's staff, staff."""
    staff = {name.casefold(): name for name in shop.staff}
    organizer = event.first("ORGANIZER")
    host = _address(organizer) if organizer else ""
    if organizer and _name(organizer).casefold() in staff:
        fields.take("staff", _name(organizer), organizer.text)
    customers = []
    for line in event.lines.get("ATTENDEE", ()):
        address, name = _address(line), _name(line)
        is_room = line.params.get("CUTYPE", "").upper() in _NOT_PEOPLE
        if is_room or fields.is_own(address) or (address and address == host):
            continue
        if name.casefold() in staff:
            fields.take("staff", name, line.text)
        elif address or name:
            customers.append(line)
    if not customers:
        return
    first = customers[0]
    fields.take("customer", _name(first), first.text)
    if _address(first):
        fields.take_email(_address(first), first.text)
    if len(customers) > 1:
        named = ", ".join(_name(line) or _address(line) for line in customers[:5])
        fields.flag(f"several people are invited: {named}", "customer", "email")


def _name(line: Line) -> str:
    """An attendee's name; "" where the name is only the address again."""
    name = one_line(line.params.get("CN", "")).strip("'\" ")
    return "" if "@" in name else name


def _address(line: Line) -> str:
    """An attendee's address, bare and lower case; "" where there is none."""
    for text in (line.params.get("EMAIL", ""), line.value):
        address = re.sub(r"^mailto:", "", text.strip(), flags=re.I).casefold()
        if "@" in address and ":" not in address:
            return address
    return ""


def _take_phone(event: Component, shop: ShopWords, fields: DraftFields) -> None:
    """A number from an attendee's `tel:` address, or one that the description labels. Whose an unnamed label's
    number is, isn't said: it is doubted."""
    for line in event.lines.get("ATTENDEE", ()):
        if line.value.casefold().startswith("tel:"):
            fields.take_phone(line.value, line.text)
    description = event.first("DESCRIPTION")
    phone = labelled_phone(description.value, shop.country, shop.phone) if description else None
    if phone and "phone" not in fields.values:
        fields.take_phone(phone.number, phone.line)
        if not phone.is_theirs:
            fields.doubt("phone")


def _sequence(event: Component) -> int:
    text = event.value("SEQUENCE")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0
