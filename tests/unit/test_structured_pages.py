"""What is read out of the schema.org data in a mail's HTML: JSON-LD and microdata, as sent and as broken."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.structured_pages import StructuredPages
from chalicelib.domain.proposal import Draft, Kind, Reader
from chalicelib.errors import Unreadable
from chalicelib.intake_ports import ShopWords

SHOP = ShopWords(
    "Asia/Singapore", "SG", "Bright Smile", frozenset({"front@bright.example"}), staff=("Dana",), phone="6222 3333"
)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def reservation(**changes: Any) -> dict[str, Any]:
    return {
        "@context": "http://schema.org",
        "@type": "EventReservation",
        "reservationNumber": "R-7",
        "reservationStatus": "http://schema.org/ReservationConfirmed",
        "provider": {"@type": "Organization", "name": "Booker"},
        "underName": {"@type": "Person", "name": "Mei Lee", "email": "mei@example.com", "telephone": "9123 4567"},
        "reservationFor": {"@type": "Event", "name": "Dental cleaning", "startDate": "2026-11-30T09:00:00+08:00"},
        "url": "https://book.example.com/R-7",
        **changes,
    }


def script(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f'<script type="application/ld+json">{text}</script>'


def page(*parts: str) -> str:
    return f"<!DOCTYPE html><html><head>{parts[0]}</head><body><p>Hello</p>{''.join(parts[1:])}</body></html>"


MICRODATA = """
<div itemscope itemtype="http://schema.org/EventReservation">
  <meta itemprop="reservationNumber" content="R-7"/>
  <link itemprop="reservationStatus" href="http://schema.org/Confirmed"/>
  <div itemprop="provider" itemscope itemtype="http://schema.org/Organization">
    <meta itemprop="name" content="Booker"></div>
  <div itemprop="underName" itemscope itemtype="http://schema.org/Person">
    <span itemprop="name">Mei <b>Lee</b></span> <meta itemprop="email" content="mei@example.com"/>
    <span itemprop="telephone">9123 4567</span></div>
  <table><tr><td itemprop="reservationFor" itemscope itemtype="http://schema.org/Event">
    <span itemprop="name">Dental cleaning</span>
    <time itemprop="startDate" datetime="2026-11-30T09:00:00+08:00">Monday at nine</time></td></tr></table>
  <a itemprop="url" href="https://book.example.com/R-7">Your booking</a>
</div>"""


def read(content: bytes | str, shop: ShopWords = SHOP) -> list[Draft]:
    return StructuredPages().read(content, shop, NOW)


def read_one(value: Any, shop: ShopWords = SHOP) -> Draft:
    (draft,) = read(page(script(value)), shop)
    return draft


@pytest.mark.parametrize(
    ("content", "reader"), [(page(script(reservation())), Reader.JSONLD), (page("", MICRODATA), Reader.MICRODATA)]
)
def test_a_reservation_is_a_booking_in_either_form(content: str, reader: Reader) -> None:
    (draft,) = read(content)
    assert (draft.kind, draft.reader, draft.uid) == (Kind.BOOKING, reader, "Booker/R-7")
    assert draft.values == {
        "customer": "Mei Lee",
        "email": "mei@example.com",
        "phone": "+6591234567",
        "service": "Dental cleaning",
        "date": "2026-11-30",
        "time": "09:00",
        "link": "https://book.example.com/R-7",
    }
    assert draft.quotes["time"] == "2026-11-30T09:00:00+08:00"
    assert (draft.doubtful, draft.flags) == ((), ())


@pytest.mark.parametrize(
    "value",
    [
        [reservation()],
        {"@context": "https://schema.org", "@graph": [{"@type": "Organization", "name": "Booker"}, reservation()]},
        {"@type": "EmailMessage", "about": reservation()},
        {"@type": "ReservationPackage", "subReservation": [reservation()]},
        reservation(**{"@type": ["Thing", "http://schema.org/EventReservation"]}),
        f"<!-- {json.dumps(reservation())} -->",
        f"//<![CDATA[\n{json.dumps(reservation())}\n//]]>",
        f"/* <![CDATA[ */{json.dumps(reservation())}/* ]]> */",
        html.escape(json.dumps(reservation())),
        json.dumps(reservation()).replace("Dental cleaning", "Dental\ncleaning"),
    ],
    ids=[
        "list",
        "graph",
        "within a message",
        "package",
        "types",
        "comment",
        "cdata",
        "cdata 2",
        "escaped",
        "line break",
    ],
)
def test_a_reservation_is_found_however_it_is_wrapped(value: Any) -> None:
    assert read_one(value).values["service"] == "Dental cleaning"


def test_what_is_told_by_reference_is_followed() -> None:
    graph = {
        "@graph": [
            {"@id": "#mei", "@type": "Person", "name": "Mei Lee"},
            reservation(underName={"@id": "#mei"}, broker={"@id": "#nowhere"}),
        ]
    }
    assert read_one(graph).values["customer"] == "Mei Lee"


def test_several_reservations_are_several_bookings_in_order() -> None:
    two = [reservation(), reservation(underName="Jo Tan")]
    assert [draft.values["customer"] for draft in read(page(script(two), script(reservation(underName="Al"))))] == [
        "Mei Lee",
        "Jo Tan",
        "Al",
    ]


@pytest.mark.parametrize(
    "kind",
    [
        "FlightReservation",
        "TrainReservation",
        "LodgingReservation",
        "RentalCarReservation",
        "Order",
        "Invoice",
        "Event",
    ],
)
def test_what_is_no_visit_to_a_shop_proposes_nothing(kind: str) -> None:
    assert read(page(script(reservation(**{"@type": kind})))) == []


def test_an_event_that_somebody_attends_is_a_booking() -> None:
    event = {
        "@type": "Event",
        "name": "Salon haircut",
        "startDate": "2026-11-30T09:00+08:00",
        "attendee": [
            {"@type": "Person", "name": "Front desk", "email": "front@bright.example"},
            {"@type": "Person", "name": "Mei", "email": "mailto:mei@example.com"},
        ],
        "performer": {"@type": "Person", "name": "Dana"},
    }
    draft = read_one(event)
    assert (draft.values["customer"], draft.values["staff"], draft.values["service"]) == (
        "Mei",
        "Dana",
        "Salon haircut",
    )


@pytest.mark.parametrize(
    "status", ["http://schema.org/ReservationCancelled", "https://schema.org/Cancelled", "cancelled"]
)
def test_a_cancelled_reservation_is_a_cancellation(status: str) -> None:
    assert read_one(reservation(reservationStatus=status)).kind is Kind.CANCELLATION


def test_a_cancelled_event_s_reservation_is_a_cancellation() -> None:
    event = {**reservation()["reservationFor"], "eventStatus": "https://schema.org/EventCancelled"}
    assert read_one(reservation(reservationFor=event)).kind is Kind.CANCELLATION


@pytest.mark.parametrize(("status", "flag"), [("ReservationPending", "pending"), ("ReservationHold", "on hold")])
def test_a_reservation_that_is_not_confirmed_says_so(status: str, flag: str) -> None:
    draft = read_one(reservation(reservationStatus=f"http://schema.org/{status}"))
    assert draft.kind is Kind.BOOKING
    assert draft.flags[0].startswith(flag)


def test_a_modified_time_or_a_link_to_modify_makes_no_change() -> None:
    draft = read_one(reservation(modifiedTime="2026-11-20T09:00Z", modifyReservationUrl="https://book.example.com/m"))
    assert draft.kind is Kind.BOOKING


def test_a_rescheduled_event_is_a_change_with_its_former_start() -> None:
    event = {
        **reservation()["reservationFor"],
        "eventStatus": "https://schema.org/EventRescheduled",
        "previousStartDate": "2026-11-28T14:00:00+08:00",
    }
    draft = read_one(reservation(reservationFor=event))
    assert draft.kind is Kind.CHANGE
    assert draft.old_values == {"date": "2026-11-28", "time": "14:00"}


def test_a_table_for_four_is_named_by_its_size_and_not_by_the_restaurant() -> None:
    draft = read_one(
        reservation(
            **{"@type": "FoodEstablishmentReservation"},
            reservationFor={"@type": "FoodEstablishment", "name": "Bright Table"},
            startTime="2026-11-30T19:30:00+08:00",
            partySize=4,
        )
    )
    assert (draft.values["service"], draft.values["time"]) == ("Table for 4", "19:30")


# When


@pytest.mark.parametrize(
    ("zone", "start", "local"),
    [
        ("Asia/Singapore", "2026-11-30T01:00:00Z", "2026-11-30 09:00"),
        ("Asia/Singapore", "20261130T090000+0800", "2026-11-30 09:00"),
        ("Asia/Singapore", "2026-11-30 09:00:00 +08:00", "2026-11-30 09:00"),
        ("Asia/Singapore", "2026-11-30 09:00:00+08:00", "2026-11-30 09:00"),
        ("Europe/Berlin", "2027-03-27T09:00:00+01:00", "2027-03-27 09:00"),
        ("Europe/Berlin", "2027-03-28T09:00:00+02:00", "2027-03-28 09:00"),
        ("America/Los_Angeles", "2027-03-13T09:00:00-08:00", "2027-03-13 09:00"),
        ("America/Los_Angeles", "2027-03-14T09:00:00-07:00", "2027-03-14 09:00"),
    ],
)
def test_an_offset_is_put_on_the_shop_s_clock_on_both_sides_of_a_clock_change(
    zone: str, start: str, local: str
) -> None:
    draft = read_one(reservation(reservationFor={"name": "x", "startDate": start}), replace(SHOP, zone=zone))
    assert f"{draft.values['date']} {draft.values['time']}" == local
    assert draft.doubtful == ()


def test_another_zone_s_offset_is_named_and_doubted() -> None:
    draft = read_one(reservation(reservationFor={"name": "x", "startDate": "2026-11-30T09:00:00-05:00"}))
    assert draft.values["time"] == "22:00"
    assert draft.flags == ("09:00 in its own zone, -0500 is 22:00 here (Asia/Singapore)",)
    assert draft.doubtful == ("time",)


def test_a_start_without_an_offset_is_the_shop_s_own_and_doubted() -> None:
    draft = read_one(reservation(reservationFor={"name": "x", "startDate": "2026-11-30T09:00"}))
    assert (draft.values["time"], draft.doubtful) == ("09:00", ("time",))


def test_a_date_alone_asks_for_the_time() -> None:
    draft = read_one(reservation(reservationFor={"name": "x", "startDate": "2026-11-30"}))
    assert draft.values["date"] == "2026-11-30"
    assert ("time" in draft.values, draft.doubtful) == (False, ("time",))


@pytest.mark.parametrize(
    "start", ["next Tuesday", "2026-13-45T09:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59Z"]
)
def test_a_start_that_cannot_be_read_is_left_blank_and_flagged(start: str) -> None:
    draft = read_one(reservation(reservationFor={"name": "x", "startDate": start}))
    assert "date" not in draft.values
    assert "can't be read" in draft.flags[0]


# Who


@pytest.mark.parametrize(
    ("person", "customer"),
    [
        ("Mei Lee", "Mei Lee"),
        ({"givenName": "Mei", "familyName": "Lee"}, "Mei Lee"),
        ({"name": "Bright Smile"}, ""),
        ([{"name": "Dana"}, {"name": "Mei Lee"}], "Mei Lee"),
    ],
)
def test_the_customer_is_whose_name_it_is_under_and_never_the_shop(person: Any, customer: str) -> None:
    assert read_one(reservation(underName=person)).values.get("customer", "") == customer


def test_the_shop_s_own_address_and_phone_are_nobody_s() -> None:
    draft = read_one(
        reservation(underName={"name": "Mei", "email": "FRONT@bright.example", "telephone": "+65 6222 3333"})
    )
    assert {"email", "phone"} & draft.values.keys() == set()
    assert draft.values["customer"] == "Mei"


def test_an_invalid_phone_is_left_blank_with_its_reason() -> None:
    draft = read_one(reservation(underName={"name": "Mei", "telephone": "123"}))
    assert "phone" not in draft.values
    assert draft.flags == ("phone left blank: number is too short for a number of SG",)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "ftp://x.example/", "https://a@evil.example/", "data:text/html,x"]
)
def test_only_a_plain_web_address_is_a_link(link: str) -> None:
    assert "link" not in read_one(reservation(url=link)).values


def test_two_shops_reservations_of_one_number_have_unlike_uids() -> None:
    other = reservation(provider={"name": "Other"})
    assert read_one(reservation()).uid != read_one(other).uid


# Damage and attack


def test_a_broken_script_costs_only_itself() -> None:
    broken = json.dumps(reservation())[:-1] + ",}"
    assert len(read(page(script(broken), script(reservation())))) == 1


def test_a_broken_reservation_that_is_all_there_is_is_unreadable_and_told() -> None:
    with pytest.raises(Unreadable, match=r"structured reservation \(JSON-LD\) is broken, line 1"):
        read(page(script(json.dumps(reservation())[:-1] + ",}")))


def test_a_broken_script_about_something_else_is_nothing() -> None:
    assert read(page(script('{"@type": "Organization",}'))) == []


@pytest.mark.parametrize(
    "value",
    [
        "[" * 100_000 + '"reservation',
        '{"a":' * 100_000 + '"reservation',
        '{"@type":"Reservation","partySize":1' + "0" * 600_000 + "}",
        "[" * 400 + json.dumps(reservation()) + "]" * 400,
        json.dumps({"@type": "x", "a": {"a": None}}).replace("null", '{"a":' * 60 + '"reservation"' + "}" * 60),
    ],
    ids=["lists", "objects", "too long", "closed lists", "too deep"],
)
def test_json_that_is_nested_or_long_without_end_proposes_nothing(value: str) -> None:
    try:
        assert read(page(script(value))) == []
    except Unreadable as refused:
        assert "broken" in refused.reason


def test_references_that_multiply_are_cut_off() -> None:
    nodes = [{"@id": f"#{n}", "@type": "Thing", "a": [{"@id": f"#{n + 1}"}] * 10} for n in range(30)]
    with pytest.raises(Unreadable):
        read(page(script({"@graph": [*nodes, reservation()]})))


def test_references_in_a_circle_are_cut_off() -> None:
    with pytest.raises(Unreadable):
        read(page(script({"@graph": [reservation(**{"@id": "#a"}, broker={"@id": "#a"})]})))


def test_a_huge_number_is_only_a_text() -> None:
    assert read_one(json.dumps(reservation()).replace('"R-7"', "9" * 5_000, 1)).values["customer"] == "Mei Lee"


def test_a_page_too_large_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="larger"):
        read("<p>" * 1_000_000)


def test_deeply_nested_items_are_read_to_a_depth_and_no_further() -> None:
    assert read("<div itemscope itemprop='a' itemtype='http://schema.org/Thing'>" * 20_000) == []


def test_what_is_only_in_a_comment_is_not_read() -> None:
    assert read(page("", f"<!-- {MICRODATA} -->")) == []


fragments = st.sampled_from(
    [
        "<div itemscope itemtype='http://schema.org/Reservation'>",
        "<div itemscope itemprop=reservationFor>",
        "<meta itemprop=startDate content='2026-11-30T09:00'>",
        "<time itemprop=startDate datetime=x>",
        "<a itemprop=url href='https://[x'>",
        "</div>",
        "<table><tr>",
        "<script type='application/ld+json'>",
        "</script>",
        '{"@type":"Reservation","underName":[1,null,{"name":[]}],"startTime":"-1-1"}',
        "<!--",
        "-->",
        "<?xml version='1.0' encoding='x'?>",
    ]
)


@given(st.lists(fragments | st.text(max_size=20), max_size=20).map("".join))
def test_no_page_raises_anything_but_unreadable(content: str) -> None:
    try:
        drafts = read(content)
    except Unreadable:
        return
    assert all("\n" not in value for draft in drafts for value in draft.values.values())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(reservation())), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values, st.sampled_from([*reservation()]))
def test_a_reservation_with_anything_in_any_property_raises_nothing_but_unreadable(value: Any, name: str) -> None:
    try:
        read(page(script(reservation(**{name: value}))))
    except Unreadable as refused:
        assert refused.reason


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_unreadable(content: bytes) -> None:
    assert read(b"<p itemscope>" + content) == []
