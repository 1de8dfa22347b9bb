"""What is read out of .ics files as booking tools, Google, Outlook and attackers send them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.icalendar_invites import IcalendarInvites
from chalicelib.domain.proposal import MOST_OF_ONE_MAIL, Draft, Kind, Reader
from chalicelib.errors import Unreadable
from chalicelib.intake_ports import ShopWords

SHOP = ShopWords(
    "Asia/Singapore", "SG", "Bright Smile", frozenset({"front@bright.example"}), staff=("Dana",), phone="6222 3333"
)
BERLIN = replace(SHOP, zone="Europe/Berlin", country="DE")
NEW_YORK = replace(SHOP, zone="America/New_York", country="US")
NOW = datetime(2026, 11, 24, tzinfo=UTC)

OUTLOOK_BERLIN = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def event(*lines: str, start: str = "DTSTART;TZID=Asia/Singapore:20261130T090000") -> str:
    own = {line.split(":")[0].split(";")[0] for line in lines}
    usual = [
        line for line in ("UID:one@example.com", "SUMMARY:Dental cleaning", start) if line.split(":")[0] not in own
    ]
    return "\r\n".join(["BEGIN:VEVENT", *(line for line in usual if line), *lines, "END:VEVENT", ""])


def ics(*parts: str, method: str = "") -> str:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", *([f"METHOD:{method}"] if method else []), ""]
    return "\r\n".join(head) + "".join(parts) + "END:VCALENDAR\r\n"


def read(content: bytes | str, shop: ShopWords = SHOP, now: datetime = NOW) -> list[Draft]:
    return IcalendarInvites().read(content, shop, now)


def read_one(content: bytes | str, shop: ShopWords = SHOP, now: datetime = NOW) -> Draft:
    (draft,) = read(content, shop, now)
    return draft


def starts(drafts: list[Draft]) -> list[str]:
    return [f"{draft.values['date']} {draft.values.get('time', '')}".strip() for draft in drafts]


def test_an_invitation_is_a_booking_with_the_file_s_own_lines_as_quotes() -> None:
    draft = read_one(
        ics(
            event(
                "SEQUENCE:3",
                'ATTENDEE;CN="Lee, Mei";PARTSTAT=NEEDS-ACTION:mailto:Mei.Lee@example.com',
                "ATTENDEE;CN=Front desk:mailto:front@bright.example",
                "ORGANIZER;CN=Bright Smile:mailto:front@bright.example",
                "URL:https://book.example.com/b/1",
            ),
            method="REQUEST",
        )
    )
    assert (draft.kind, draft.reader, draft.uid, draft.sequence) == (Kind.BOOKING, Reader.ICS, "one@example.com", 3)
    assert draft.values == {
        "customer": "Lee, Mei",
        "email": "mei.lee@example.com",
        "service": "Dental cleaning",
        "date": "2026-11-30",
        "time": "09:00",
        "link": "https://book.example.com/b/1",
    }
    assert draft.quotes["time"] == "DTSTART;TZID=Asia/Singapore:20261130T090000"
    assert draft.quotes["service"] == "SUMMARY:Dental cleaning"
    assert (draft.doubtful, draft.flags) == ((), ())


@pytest.mark.parametrize("method", ["", "PUBLISH", "REQUEST", "ADD"])
def test_a_method_that_tells_of_an_event_is_a_booking(method: str) -> None:
    assert read_one(ics(event(), method=method)).kind is Kind.BOOKING


@pytest.mark.parametrize("method", ["REPLY", "REFRESH", "DECLINECOUNTER"])
def test_an_attendee_s_answer_is_no_booking(method: str) -> None:
    assert read(ics(event(), method=method)) == []


@pytest.mark.parametrize("content", [ics(event(), method="CANCEL"), ics(event("STATUS:CANCELLED"))])
def test_a_cancelled_event_is_a_cancellation(content: str) -> None:
    assert read_one(content).kind is Kind.CANCELLATION


def test_a_cancellation_s_service_is_named_without_the_word_that_cancels() -> None:
    draft = read_one(ics(event("SUMMARY:Canceled: Dental cleaning"), method="CANCEL"))
    assert draft.values["service"] == "Dental cleaning"


def test_a_cancellation_may_name_nothing_but_its_uid() -> None:
    draft = read_one(ics("BEGIN:VEVENT\r\nUID:one@example.com\r\nEND:VEVENT\r\n", method="CANCEL"))
    assert (draft.kind, draft.uid, draft.values) == (Kind.CANCELLATION, "one@example.com", {})


def test_a_counter_proposal_is_a_change_that_was_asked_and_not_agreed() -> None:
    draft = read_one(ics(event(), method="COUNTER"))
    assert draft.kind is Kind.CHANGE
    assert draft.flags == ("asked, not agreed",)


def test_a_tentative_event_says_so() -> None:
    assert "tentative, not confirmed" in read_one(ics(event("STATUS:TENTATIVE"))).flags


# When


def test_utc_is_put_on_the_shop_s_clock_without_a_doubt() -> None:
    draft = read_one(ics(event(start="DTSTART:20261129T233000Z")))
    assert starts([draft]) == ["2026-11-30 07:30"]
    assert draft.doubtful == ()


@pytest.mark.parametrize(
    ("shop", "stamp", "local"),
    [
        (BERLIN, "20261024T220000Z", "2026-10-25 00:00"),  # summer time, hours before it ends
        (BERLIN, "20261025T080000Z", "2026-10-25 09:00"),  # winter time, the same day
        (BERLIN, "20270328T080000Z", "2027-03-28 10:00"),  # summer time again
        (NEW_YORK, "20261101T140000Z", "2026-11-01 09:00"),
        (NEW_YORK, "20261101T033000Z", "2026-10-31 23:30"),
        (NEW_YORK, "20270314T130000Z", "2027-03-14 09:00"),
    ],
)
def test_both_clock_changes_are_kept_west_and_east(shop: ShopWords, stamp: str, local: str) -> None:
    assert starts(read(ics(event(start=f"DTSTART:{stamp}")), shop, datetime(2026, 10, 1, tzinfo=UTC))) == [local]


def test_an_instant_in_the_hour_that_happens_twice_is_doubted() -> None:
    draft = read_one(ics(event(start="DTSTART:20261101T063000Z")), NEW_YORK, datetime(2026, 10, 1, tzinfo=UTC))
    assert draft.values["time"] == "01:30"
    assert draft.doubtful == ("time",)
    assert "happens twice" in draft.flags[0]


def test_another_zone_s_start_is_put_on_the_shop_s_clock_and_both_are_named() -> None:
    draft = read_one(ics(event(start="DTSTART;TZID=America/Los_Angeles:20261207T180000")))
    assert starts([draft]) == ["2026-12-08 10:00"]
    assert set(draft.doubtful) == {"date", "time"}
    assert draft.flags == ("18:00 in America/Los_Angeles is 10:00 on 8 Dec here (Asia/Singapore)",)


@pytest.mark.parametrize(
    "name",
    [
        "Singapore Standard Time",
        "/mozilla.org/20050126_1/Asia/Singapore",
        "/freeassociation.sourceforge.net/Asia/Singapore",
        "Asia/Kuala_Lumpur",
        '"Singapore Standard Time"',
    ],
)
def test_a_zone_by_any_usual_name_is_known(name: str) -> None:
    draft = read_one(ics(event(start=f"DTSTART;TZID={name}:20261130T090000")))
    assert (draft.values["time"], draft.flags) == ("09:00", ())


@pytest.mark.parametrize("name", ["Our own time", "(UTC+01:00) Amsterdam, Berlin, Bern", "tzone://Microsoft/Custom"])
@pytest.mark.parametrize(
    ("stamp", "local"),
    [
        ("20261024T090000", "2026-10-24 09:00"),
        ("20261025T090000", "2026-10-25 09:00"),
        ("20270327T090000", "2027-03-27 09:00"),
        ("20270328T090000", "2027-03-28 09:00"),
    ],
)
def test_the_file_s_own_zone_is_followed_through_both_clock_changes(name: str, stamp: str, local: str) -> None:
    zone = OUTLOOK_BERLIN.format(name=name).replace("\n", "\r\n")
    content = ics(zone, event(start=f"DTSTART;TZID={name}:{stamp}"))
    draft = read_one(content, BERLIN, datetime(2026, 10, 1, tzinfo=UTC))
    assert (starts([draft]), draft.flags) == ([local], ())


def test_a_zone_that_nobody_knows_leaves_the_shop_s_own_time_and_a_doubt() -> None:
    draft = read_one(ics(event(start="DTSTART;TZID=../../etc/passwd:20261130T090000")))
    assert starts([draft]) == ["2026-11-30 09:00"]
    assert draft.doubtful == ("time",)
    assert "nobody knows the time zone ../../etc/passwd" in draft.flags


def test_a_time_without_a_zone_is_the_shop_s_own_and_doubted() -> None:
    draft = read_one(ics(event(start="DTSTART:20261130T090000")))
    assert starts([draft]) == ["2026-11-30 09:00"]
    assert draft.doubtful == ("time",)


def test_an_all_day_event_has_a_date_and_asks_for_the_time() -> None:
    draft = read_one(ics(event(start="DTSTART;VALUE=DATE:20261130")))
    assert starts([draft]) == ["2026-11-30"]
    assert (draft.doubtful, draft.flags) == (("time",), ("all day: at what time?",))


def test_a_start_that_cannot_be_read_is_left_blank_and_flagged() -> None:
    draft = read_one(ics(event(start="DTSTART:20261345T250000")))
    assert "date" not in draft.values
    assert draft.flags == ("the start can't be read",)


def test_a_past_event_is_kept_and_says_so() -> None:
    assert read_one(ics(event(start="DTSTART:20261101T010000Z"))).flags == ("already past",)


# Who


def test_a_room_the_organizer_and_the_shop_are_no_customers() -> None:
    draft = read_one(
        ics(
            event(
                "ORGANIZER;CN=Bookings:mailto:tool@booker.example",
                "ATTENDEE;CN=Room 2;CUTYPE=ROOM:mailto:room2@bright.example",
                "ATTENDEE;CN=Bookings:mailto:tool@booker.example",
                "ATTENDEE;CN=Front:MAILTO:FRONT@bright.example",
                "ATTENDEE;CN=Mei:mailto:mei@example.com",
            )
        )
    )
    assert (draft.values["customer"], draft.values["email"]) == ("Mei", "mei@example.com")


def test_without_an_attendee_the_customer_is_blank_and_the_summary_stays_whole() -> None:
    draft = read_one(ics(event("SUMMARY:Dental cleaning - Jane Doe")))
    assert draft.values["service"] == "Dental cleaning - Jane Doe"
    assert "customer" not in draft.values


def test_a_name_that_is_only_the_address_is_no_name() -> None:
    draft = read_one(ics(event("ATTENDEE;CN=mei@example.com:mailto:mei@example.com")))
    assert "customer" not in draft.values
    assert draft.values["email"] == "mei@example.com"


def test_an_attendee_named_like_a_member_of_staff_is_the_staff() -> None:
    draft = read_one(ics(event("ATTENDEE;CN=Dana:mailto:d@x.example", "ATTENDEE;CN=Mei:mailto:mei@example.com")))
    assert (draft.values["staff"], draft.values["customer"]) == ("Dana", "Mei")


def test_several_attendees_are_named_and_the_first_is_doubted() -> None:
    draft = read_one(ics(event("ATTENDEE;CN=Mei:mailto:mei@example.com", "ATTENDEE;CN=Jo:mailto:jo@example.com")))
    assert draft.values["customer"] == "Mei"
    assert "customer" in draft.doubtful
    assert draft.flags == ("several people are invited: Mei, Jo",)


@pytest.mark.parametrize(
    ("description", "phone", "doubtful"),
    [
        ("Customer phone: 9123 4567", "+6591234567", False),
        (r"Notes\nPhone: +65 9123 4567\nbye", "+6591234567", True),
        ("Your mobile: 9123 4567", "+6591234567", False),
        (r"Tel: 6222 3333\nPhone: 9123 4567", "+6591234567", True),  # the first is the shop's own
        ("Tel: 6222 3333", "", False),
        ("call 9123 4567", "", False),
        ("Phone: 123", "", False),
        (r"Phone: 9123 4567\nPhone: 9123 4568", "", False),
        ("One tap mobile: +16465588656", "", False),
    ],
)
def test_a_phone_is_taken_only_where_the_description_labels_it(description: str, phone: str, doubtful: bool) -> None:
    draft = read_one(ics(event(f"DESCRIPTION:{description}")))
    assert (draft.values.get("phone", ""), "phone" in draft.doubtful) == (phone, doubtful)


@pytest.mark.parametrize(
    "line",
    [
        "URL:javascript:alert(1)",
        "LOCATION:12 Orchard Road",
        "URL:https://user:pw@evil.example/",
        "URL:https://a b.example/",
    ],
)
def test_what_is_no_plain_web_address_is_no_link(line: str) -> None:
    assert "link" not in read_one(ics(event(line))).values


def test_values_are_one_line_of_visible_text() -> None:
    draft = read_one(ics(event("SUMMARY:Dental\\ncleaning\\, \u202efull\u202c\x07")))
    assert draft.values["service"] == "Dental cleaning, full"


# Series


def test_a_series_gives_each_visit_of_sixty_days_a_uid_of_its_own() -> None:
    drafts = read(ics(event("RRULE:FREQ=WEEKLY;COUNT=3")))
    assert starts(drafts) == ["2026-11-30 09:00", "2026-12-07 09:00", "2026-12-14 09:00"]
    assert [draft.uid for draft in drafts] == [f"one@example.com#202{day}T010000Z" for day in (61130, 61207, 61214)]


def test_a_series_keeps_its_local_time_over_a_clock_change() -> None:
    content = ics(event("RRULE:FREQ=WEEKLY;COUNT=2", start="DTSTART;TZID=Europe/Berlin:20261019T090000"))
    assert starts(read(content, BERLIN, datetime(2026, 10, 1, tzinfo=UTC))) == ["2026-10-19 09:00", "2026-10-26 09:00"]


def test_a_series_seen_from_a_zone_without_that_clock_change_moves_by_its_hour() -> None:
    content = ics(event("RRULE:FREQ=WEEKLY;COUNT=2", start="DTSTART;TZID=Europe/Berlin:20261019T090000"))
    assert starts(read(content, now=datetime(2026, 10, 1, tzinfo=UTC))) == ["2026-10-19 15:00", "2026-10-26 16:00"]


def test_excluded_added_and_moved_dates_are_as_the_file_says() -> None:
    moved = event(
        "RECURRENCE-ID;TZID=Asia/Singapore:20261214T090000", start="DTSTART;TZID=Asia/Singapore:20261215T110000"
    )
    series = event(
        "RRULE:FREQ=WEEKLY;COUNT=3",
        "EXDATE;TZID=Asia/Singapore:20261207T090000",
        "RDATE;TZID=Asia/Singapore:20261209T100000",
    )
    drafts = read(ics(series, moved))
    assert starts(drafts) == ["2026-11-30 09:00", "2026-12-09 10:00", "2026-12-15 11:00"]
    assert drafts[2].uid == "one@example.com#20261214T010000Z"


def test_one_cancelled_visit_of_a_series_is_one_cancellation() -> None:
    gone = event("RECURRENCE-ID:20261207T010000Z", "STATUS:CANCELLED", start="DTSTART:20261207T010000Z")
    drafts = read(ics(event("RRULE:FREQ=WEEKLY;COUNT=3"), gone))
    assert [draft.kind for draft in drafts] == [Kind.BOOKING, Kind.CANCELLATION, Kind.BOOKING]


def test_past_visits_of_a_series_are_left_out() -> None:
    drafts = read(ics(event("RRULE:FREQ=WEEKLY;UNTIL=20261208", start="DTSTART;TZID=Asia/Singapore:20260105T090000")))
    assert starts(drafts) == ["2026-11-30 09:00", "2026-12-07 09:00"]


@pytest.mark.parametrize(("until", "count"), [("20261207T010000Z", 2), ("20261207T005959Z", 1), ("20261207", 2)])
def test_until_is_an_instant_where_it_has_a_time(until: str, count: int) -> None:
    assert len(read(ics(event(f"RRULE:FREQ=WEEKLY;UNTIL={until}")))) == count


def test_a_series_that_begins_after_the_horizon_gives_its_first_visit() -> None:
    draft = read_one(ics(event("RRULE:FREQ=WEEKLY", start="DTSTART:20270601T010000Z")))
    assert starts([draft]) == ["2027-06-01 09:00"]
    assert "it repeats, but not within the next 60 days" in draft.flags


def test_past_twenty_five_visits_staff_are_told_to_import_the_file() -> None:
    drafts = read(ics(event("RRULE:FREQ=DAILY")))
    assert len(drafts) == MOST_OF_ONE_MAIL + 1
    assert drafts[-1].values == {}
    assert drafts[-1].flags == ("more than 25 visits in the calendar file: import the file",)


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY;INTERVAL=1", "FREQ=DAILY;BYSECOND=1,2,3", "nonsense"])
def test_a_rule_that_no_booking_follows_gives_the_first_visit_and_a_flag(rule: str) -> None:
    draft = read_one(ics(event(f"RRULE:{rule}")))
    assert starts([draft]) == ["2026-11-30 09:00"]
    assert "only its first date is proposed" in draft.flags[0]


def test_the_later_of_two_versions_of_an_event_counts() -> None:
    later = event("SEQUENCE:2", start="DTSTART;TZID=Asia/Singapore:20261201T100000")
    assert starts(read(ics(later, event("SEQUENCE:1")))) == ["2026-12-01 10:00"]


def test_several_events_are_several_bookings_in_order() -> None:
    assert starts(read(ics(event(), event("UID:two", start="DTSTART:20261126T010000Z")))) == [
        "2026-11-30 09:00",
        "2026-11-26 09:00",
    ]


# Damage and attack


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\x1f\x8b\x08\x00packed",
        b"PK\x03\x04packed",
        "BEGIN:VCARD\r\nEND:VCARD\r\n",
        "BEGIN:VCALENDAR\r\n" * 100,
        ics(event() * 1100),
        ics("X-A:1\r\n" * 21_000),
        "BEGIN:VCALENDAR\r\n" + "x" * 2_100_000,
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTA",
    ],
    ids=["empty", "text", "gzip", "zip", "card", "nested", "too many", "too long", "too large", "cut"],
)
def test_what_is_no_usable_calendar_is_unreadable_with_a_reason(content: bytes | str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content)
    assert refused.value.reason


def test_of_a_file_that_breaks_off_what_is_readable_is_read_and_flagged() -> None:
    draft = read_one(ics(event()).split("END:VEVENT")[0] + "ATTEN")
    assert starts([draft]) == ["2026-11-30 09:00"]
    assert draft.flags == ("a part of the calendar file is damaged and was left unread",)


def test_a_damaged_line_costs_no_other() -> None:
    assert starts(read(ics(event("ATTENDEE;;=:x", "=:;")))) == ["2026-11-30 09:00"]


def test_an_attached_file_within_the_calendar_is_left_unread() -> None:
    draft = read_one(ics(event("ATTACH;ENCODING=BASE64;VALUE=BINARY:" + "QUJD" * 50_000)))
    assert draft.flags == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_folded_lines_are_joined_whatever_ends_them(newline: str) -> None:
    content = ics(event("SUMMARY:Dental cle\r\n aning")).replace("\r\n", newline)
    assert read_one(content).values["service"] == "Dental cleaning"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encodings_that_calendars_come_in_are_read(encoding: str) -> None:
    assert read_one(ics(event("SUMMARY:Prophylaxe für Müller")).encode(encoding)).values["service"].endswith("Müller")


def test_an_endless_rule_in_the_file_s_own_zone_is_not_followed() -> None:
    zone = OUTLOOK_BERLIN.format(name="Own").replace("FREQ=YEARLY;BYDAY=-1SU", "FREQ=SECONDLY").replace("\n", "\r\n")
    assert len(read(ics(zone, event(start="DTSTART;TZID=Own:20261130T090000")))) == 1


words = st.sampled_from(
    """
    BEGIN:VCALENDAR BEGIN:VEVENT END:VEVENT END:VCALENDAR BEGIN:VTIMEZONE BEGIN:STANDARD TZID:X TZOFFSETTO:+0100
    TZOFFSETTO:-9999 UID:a UID:b DTSTART:20261130T090000Z DTSTART;TZID=X:20261130T090000 DTSTART:00010101T000000Z
    DTSTART:99991231T235959Z DTSTART;TZID=Asia/Tokyo:00010101T000000 DTSTART;VALUE=DATE:20261130 RRULE:FREQ=DAILY
    RRULE:FREQ=YEARLY;COUNT=9999 RRULE:FREQ=MONTHLY;UNTIL=00010101 RDATE:20261201,20261202T090000Z/P1D EXDATE:20261130
    RECURRENCE-ID:20261130T090000Z SEQUENCE:-1 SEQUENCE:99999999999 DURATION:P99999999999999W STATUS:CANCELLED
    METHOD:CANCEL SUMMARY:x ATTENDEE;CN=A:mailto:a@b.example ATTENDEE:tel:+6591234567 DESCRIPTION:Phone:
    """.split()  # noqa: SIM905
)
line = st.one_of(words, st.text(max_size=30), st.builds("{}{}".format, words, st.text(max_size=10)))


@given(st.lists(line, max_size=25).map("\r\n".join))
def test_no_lines_raise_anything_but_unreadable(content: str) -> None:
    try:
        drafts = read("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + content)
    except Unreadable:
        return
    assert all("\n" not in value for draft in drafts for value in draft.values.values())


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_unreadable(content: bytes) -> None:
    for file in (content, b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + content):
        try:
            assert all(draft.reader is Reader.ICS for draft in read(file))
        except Unreadable:
            continue


def test_a_thousand_endless_series_are_no_more_than_one_mail_s_worth() -> None:
    many = "".join(event(f"UID:{n}", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30") for n in range(900))
    assert len(read(ics(many), now=NOW + timedelta(days=1))) == MOST_OF_ONE_MAIL + 1
