"""Bookings from the schema.org reservations in a mail's HTML: what JSON-LD or microdata say, and no guess."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.adapters.structured_items import Item, read_page, schema_name
from chalicelib.domain.cell_text import one_line
from chalicelib.domain.draft_fields import FLOATING, DraftFields
from chalicelib.domain.proposal import Draft, Kind, Reader
from chalicelib.errors import Unreadable
from chalicelib.intake_ports import ShopWords

_RESERVATIONS = frozenset({"Reservation", "EventReservation", "FoodEstablishmentReservation"})
"""A shop's visits. Flights, trains, rooms and cars are reservations too, and none of its."""
_TABLE = "FoodEstablishmentReservation"
_MOST_WALKED = 5_000
_MOST_DRAFTS = 200
_PLACES = ("Place", "Organization", "LocalBusiness", "FoodEstablishment", "Restaurant")
"""What is reserved here is the shop itself; its name is no service."""
_ISO_DAY = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}")


class StructuredPages:
    """An `intake_ports.ExactReader` of HTML pages."""

    def read(self, content: bytes | str, shop: ShopWords, now: datetime) -> list[Draft]:
        """The reservations in it, in order, JSON-LD's before microdata's.

        Raises Unreadable for a page too large, and where a broken script is all that speaks of a reservation.
        """
        page = read_page(content if isinstance(content, str) else content.decode("utf-8", "replace"))
        drafts = [
            _draft(item, reader, shop, now)
            for items, reader in ((page.json_items, Reader.JSONLD), (page.microdata_items, Reader.MICRODATA))
            for item in list(_bookings(items))[:_MOST_DRAFTS]
        ]
        if page.problem and not drafts:
            raise Unreadable(page.problem)
        return drafts


def _bookings(items: list[Item]) -> Iterator[Item]:
    """The reservations, and the events that somebody attends, wherever they stand; none within another."""
    walk = list(reversed(items))
    walked = 0
    while walk and walked < _MOST_WALKED:
        item = walk.pop()
        walked += 1
        if _RESERVATIONS & set(item.types) or (_is_event(item) and item.properties.get("attendee")):
            yield item
        elif not any(name.endswith("Reservation") for name in item.types):
            inner = [one for values in item.properties.values() for one in values if isinstance(one, Item)]
            walk += reversed(inner)


def _is_event(item: Item) -> bool:
    return any(name.endswith("Event") for name in item.types)


def _draft(item: Item, reader: Reader, shop: ShopWords, now: datetime) -> Draft:
    fields = DraftFields(ZoneInfo(shop.zone), shop.country, shop.addresses, shop.phone)
    is_reservation = not _is_event(item)
    subject = next(iter(item.items("reservationFor")), Item(())) if is_reservation else item
    kind = _kind(item, subject, fields)
    people = item.items("underName") if is_reservation else item.items("attendee")
    _take_customer([p for p in people if is_reservation or not fields.is_own(_bare(p.text("email")))], shop, fields)
    _take_service(item, subject, fields)
    _take_staff(item, subject, shop, fields)
    start = item.text("startTime", "startDate") or subject.text("startDate", "startTime")
    _take_start(start, fields, now)
    for name in ("url", "checkinUrl", "modifyReservationUrl"):
        fields.take_link(item.text(name), item.text(name))
    draft = fields.draft(kind, reader, _uid(item))
    former = subject.text("previousStartDate")
    if kind is Kind.CHANGE and former:
        old = DraftFields(ZoneInfo(shop.zone), shop.country, shop.addresses, shop.phone)
        _take_start(former, old, now)
        return Draft(draft.kind, reader, draft.values, draft.quotes, draft.doubtful, draft.flags, draft.uid,
                     old_values=old.values)  # fmt: skip
    return draft


def _kind(item: Item, subject: Item, fields: DraftFields) -> Kind:
    status = _status(item.text("reservationStatus"), "Reservation")
    event = _status(subject.text("eventStatus"), "Event")
    if status.startswith("cancel") or event.startswith("cancel"):
        return Kind.CANCELLATION
    if status in ("pending", "hold"):
        fields.flag("pending, not confirmed" if status == "pending" else "on hold, not confirmed")
    if event == "postponed":
        fields.flag("postponed: the new date isn't told", "date", "time")
    return Kind.CHANGE if event == "rescheduled" else Kind.BOOKING


def _status(text: str, prefix: str) -> str:
    """`http://schema.org/ReservationConfirmed` and `Confirmed` alike, in lower case."""
    return schema_name(text).removeprefix(prefix).casefold()


def _take_customer(people: list[Item], shop: ShopWords, fields: DraftFields) -> None:
    """Of several the first who isn't the shop; the others are named."""
    known = {shop.name.casefold(), *(name.casefold() for name in shop.staff)}
    names = {id(person): one_line(_person_name(person)) for person in people}
    theirs = [
        person
        for person in people
        if names[id(person)].casefold() not in known and (names[id(person)] or person.text("email", "telephone"))
    ]
    if not theirs:
        return
    first = theirs[0]
    fields.take("customer", names[id(first)], names[id(first)])
    fields.take_email(_bare(first.text("email")), first.text("email"))
    fields.take_phone(first.text("telephone"), first.text("telephone"))
    if len(theirs) > 1:
        named = ", ".join(names[id(person)] or _bare(person.text("email")) for person in theirs[:5])
        fields.flag(f"several people are named: {named}", "customer", "email")


def _person_name(person: Item) -> str:
    return person.text("name") or " ".join(filter(None, (person.text("givenName"), person.text("familyName"))))


def _bare(address: str) -> str:
    return re.sub(r"^mailto:", "", address.strip(), flags=re.I).casefold()


def _take_service(item: Item, subject: Item, fields: DraftFields) -> None:
    is_place = any(name in _PLACES or name.endswith(("Restaurant", "Store", "Business")) for name in subject.types)
    party = item.text("partySize")
    if not is_place:
        name = subject.text("name", "serviceType")
        fields.take("service", name, name)
    elif _TABLE in item.types and re.fullmatch(r"[0-9]{1,3}", party):
        fields.take("service", f"Table for {party}", party)


def _take_staff(item: Item, subject: Item, shop: ShopWords, fields: DraftFields) -> None:
    """Whoever provides it, where that is one of the shop's staff."""
    staff = {name.casefold() for name in shop.staff}
    for person in [*subject.items("performer", "organizer", "provider"), *item.items("provider", "attendee")]:
        name = one_line(_person_name(person))
        if name.casefold() in staff:
            fields.take("staff", name, name)


def _take_start(text: str, fields: DraftFields, now: datetime) -> None:
    """An ISO start; with an offset it is put on the shop's clock, without one it is doubted."""
    if not text:
        return
    stamp = one_line(text)[:40]
    try:
        start = datetime.fromisoformat(re.sub(r"(?<=[0-9])\s+(?=[+Z-])", "", stamp))
        instant = start.replace(second=0, microsecond=0)
        if _ISO_DAY.fullmatch(stamp):
            fields.take_day(instant.date(), stamp, now)
            return
        fields.take_start(instant, f"its own zone, {start:%z}" if start.tzinfo else FLOATING, stamp, now)
    except (ValueError, OverflowError):
        fields.flag(f'the start "{stamp}" can\'t be read', "date", "time")


def _uid(item: Item) -> str:
    """The reservation's number behind who gave it, so that two shops' numbers don't meet; "" without a number."""
    number = item.text("reservationNumber", "reservationId", "confirmationNumber")
    giver = item.text("provider", "broker", "bookingAgent", "organizer")
    return f"{giver}/{number}" if number and giver else number
