"""Whether two sources of one booking agree: what raises a flag, and above all what doesn't."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.agreement import filled, merged, same_booking, with_disagreements, without_repeats
from chalicelib.domain.open_mail import open_mail
from chalicelib.domain.proposal import Draft, Kind, Reader

TODAY = date(2026, 11, 24)
SINGAPORE = ZoneInfo("Asia/Singapore")
NEW_YORK = ZoneInfo("America/New_York")
STAMP = "DTSTART;TZID=Asia/Singapore:20261130T090000"


def a_draft(reader: Reader = Reader.ICS, kind: Kind = Kind.BOOKING, uid: str = "one", **values: str) -> Draft:
    """Mei's dental cleaning on Monday 30 November 2026 at 9:00."""
    all_values = {"customer": "Mei Lee", "service": "Dental cleaning", "date": "2026-11-30", "time": "09:00", **values}
    kept = {field: value for field, value in all_values.items() if value}
    return Draft(kind, reader, kept, {"date": STAMP, "time": STAMP}, uid=uid)


def flags(text: str, draft: Draft | None = None, zone: ZoneInfo = SINGAPORE) -> tuple[str, ...]:
    return with_disagreements(draft or a_draft(), text, TODAY, zone).flags


# Exact against visible


@pytest.mark.parametrize(
    "text",
    [
        "Monday 30 November at 9am",
        "Mon, Nov 30, 2026 9:00 AM - 9:45 AM",
        "November 30th, 2026 at 9 a.m.",
        "30 Nov 2026 · 09:00",
        "2026-11-30 09:00",
        "11/30/2026 9:00",
        "30/11/2026, 9.00",
        "30.11. um 9.00 Uhr",
        "Montag, 30. November 2026, 9 Uhr",
        "lundi 30 novembre 2026 à 9h00",
        "lunes 30 de noviembre de 2026 a las 9:00",
        "lunedì 30 novembre 2026, ore 9.00",
        "segunda-feira, 30 de novembro de 2026 às 9h",
        "maandag 30 november om 9.00 uur",
        "2026年11月30日 上午9時",
        "11月30日（月）9時",
        "2026년 11월 30일 오전 9시",
        "２０２６年１１月３０日 ９：００",
        "30-11-26 0900 hrs",
    ],
)
def test_no_spelling_of_the_same_start_is_a_disagreement(text: str) -> None:
    assert flags(f"Your appointment: {text}. See you!") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Your appointment is on Tuesday, 1 December 2026", "Tuesday, 1 December 2026"),
        ("When: 1 Dec 2026", "1 Dec 2026"),
        ("Termin am 1. Dezember 2026", "1. Dezember 2026"),
        ("votre rendez-vous du 1er décembre 2026", "1er décembre 2026"),
        ("預約 2026年12月1日", "2026年12月1日"),
        ("see you 2026-12-01", "2026-12-01"),
        ("Your visit: Tuesday at 9am", "Tuesday"),
        ("Your visit: Tuesday 30 November, 9am", "Tuesday 30 November"),
    ],
)
def test_another_day_in_the_text_is_told_with_both(text: str, said: str) -> None:
    draft = with_disagreements(a_draft(), text, TODAY, SINGAPORE)
    assert draft.flags == (f'the calendar file says 2026-11-30, the text says "{said}"',)
    assert draft.doubtful == ("date",)
    assert draft.values == a_draft().values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Monday 30 November at 10am", "10am"),
        ("30 Nov 2026\n10:00 - 10:45", "10:00"),
        ("30. November, 10 Uhr 30", "10 Uhr"),
        ("Time: 16.00", "16.00"),
        ("11月30日 下午3時", "下午3時"),
    ],
)
def test_another_time_beside_the_day_is_told_with_both(text: str, said: str) -> None:
    draft = with_disagreements(a_draft(), text, TODAY, SINGAPORE)
    assert draft.flags == (f'the calendar file says 09:00, the text says "{said}"',)
    assert draft.doubtful == ("time",)


def test_another_day_with_another_time_is_told_of_both_fields() -> None:
    draft = with_disagreements(a_draft(), "See you on 1 December 2026 at 10:00", TODAY, SINGAPORE)
    assert draft.doubtful == ("date", "time")


def test_the_source_is_named_by_what_staff_would_call_it() -> None:
    (flag,) = flags("See you on 1 December 2026", a_draft(Reader.JSONLD))
    assert flag.startswith("the mail's structured part says")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Thank you for your booking!",
        "We are open Mon-Fri 9am-6pm, Sat 10am - 1pm.",
        "Invoice of 1 December 2026 for your booking",
        "Please cancel before 29 November 2026, 10:00.",
        "Please arrive at 8:45am for your appointment on 30 Nov",
        "Your booking was made: booked on 25 November 2026 at 14:00",
        "Your former appointment was on 1 December 2026.",
        "Your appointment of 20 November 2026 was a pleasure",  # past
        "From: Booker\nDate: Tue, 1 Dec 2026 10:00:00 +0800\nTo: front@bright.example\nSubject: Your booking\n\nHello",
        "Von: Booker\nGesendet: Dienstag, 1. Dezember 2026 10:00\nAn: uns\nBetreff: Termin\n\nHallo",
        "On Tue, 1 Dec 2026 at 10:00, Mei Lee <mei@example.com> wrote:\n> my appointment",
        "© 2026 Booker. 12/1 Orchard Road, tel 6222 3333, total 25.00",
        "30 November 2026 and 1 December 2026 at 9:00",  # another visit beside this one
        "We close on 25 December 2026.",
    ],
)
def test_dates_and_times_of_something_else_raise_no_alarm(text: str) -> None:
    assert flags(text) == ()


def test_a_time_on_another_zone_s_clock_raises_no_alarm() -> None:
    assert flags("Date: Sunday 29 November 2026\nTime: 8:00 PM EST") == ()


@pytest.mark.parametrize("name", ["EST", "ET", "(Eastern Time - New York)", "America/New_York"])
def test_a_time_with_the_shop_s_own_zone_is_compared(name: str) -> None:
    assert len(flags(f"30 November 2026, 10:00 AM {name}", zone=NEW_YORK)) == 1


def test_the_file_s_own_clock_agrees_though_it_is_another_zone_s() -> None:
    stamp = "DTSTART;TZID=America/New_York:20261129T200000"
    draft = replace(a_draft(), quotes={"date": stamp, "time": stamp})
    assert flags("Your appointment: Sunday, 29 November 2026 at 8pm", draft) == ()


def test_a_file_that_means_local_time_and_says_utc_is_found_out() -> None:
    stamp = "DTSTART:20261130T090000Z"
    draft = replace(a_draft(time="17:00"), quotes={"date": stamp, "time": stamp})
    assert flags("30 November 2026, 9:00 AM", draft) == ('the calendar file says 17:00, the text says "9:00 AM"',)


def test_a_later_visit_of_a_series_needs_no_mention() -> None:
    draft = replace(a_draft(date="2026-12-07"), quotes={"date": "RRULE:FREQ=WEEKLY", "time": STAMP})
    assert flags("Your visits start on Monday, 30 November 2026 at 9am, weekly", draft) == ()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Customer: John Smith", 1),
        ("Patient name: Tan Wei", 1),
        ("Kunde: Hans Müller", 1),
        ("Customer: Mei L.", 0),
        ("Customer: John Smith\nBooked by Mei", 0),
        ("Client: Dental Cleaning Ltd", 0),  # shares a word with the service
        ("Customer: 9123 4567", 0),
        ("Customer: 李美", 0),  # another script may be the same person
        ("Name: John Smith", 0),  # a bare name may be anything's
        ("Dear John,", 0),
    ],
)
def test_somebody_else_is_told_only_where_a_label_names_them(text: str, count: int) -> None:
    assert len(flags(text)) == count


def test_a_blank_field_cannot_disagree() -> None:
    draft = a_draft(date="", time="", customer="")
    assert flags("Customer: John Smith\nWhen: 1 December 2026 at 10:00", draft) == ()


@given(st.text(max_size=400))
def test_no_text_changes_a_value_or_raises(text: str) -> None:
    assert with_disagreements(a_draft(), text, TODAY, SINGAPORE).values == a_draft().values


pieces = st.sampled_from(
    ["30", "Nov", "1/12", "2026", "9:00", "am", "-", "to", "Monday", "\n", "時", "半", "by", ":", "EST"]
)


@given(st.lists(pieces, max_size=30).map(" ".join))
def test_no_jumble_of_date_words_raises(text: str) -> None:
    assert set(with_disagreements(a_draft(), text, TODAY, SINGAPORE).doubtful) <= {"date", "time"}


# The model fills blanks


def the_model(**values: str) -> Draft:
    return Draft(Kind.BOOKING, Reader.MODEL, values, {field: f"quote of {field}" for field in values})


def test_the_model_fills_blanks_with_its_quotes_and_doubts() -> None:
    model = replace(
        the_model(customer="Mei Lee", phone="+6591234567"), doubtful=("phone",), flags=("asked, not agreed",)
    )
    whole = filled(a_draft(customer=""), model)
    assert (whole.values["customer"], whole.quotes["customer"]) == ("Mei Lee", "quote of customer")
    assert whole.doubtful == ("phone",)
    assert whole.flags == ("asked, not agreed",)
    assert (whole.reader, whole.uid) == (Reader.ICS, "one")


def test_the_model_overrides_nothing_and_a_difference_is_told() -> None:
    whole = filled(a_draft(), the_model(date="2026-12-01", time="09:00"))
    assert whole.values == a_draft().values
    assert whole.flags == ("date: 2026-11-30 is taken, the model says 2026-12-01",)
    assert whole.doubtful == ("date",)


@pytest.mark.parametrize(
    "values",
    [{"customer": "Ms Lee"}, {"service": "cleaning"}, {"customer": "MEI LEE"}, {"link": "https://other.example"}],
)
def test_another_spelling_of_the_same_is_no_difference(values: dict[str, str]) -> None:
    assert filled(a_draft(link="https://one.example"), the_model(**values)).flags == ()


def test_a_doubtful_value_of_the_model_contradicts_nothing() -> None:
    assert filled(a_draft(), replace(the_model(time="21:00"), doubtful=("time",))).flags == ()


def test_a_filled_blank_is_no_longer_doubted_for_being_blank() -> None:
    exact = replace(a_draft(time=""), doubtful=("time",), flags=("all day: at what time?",))
    assert filled(exact, the_model(time="09:00")).doubtful == ()


# One visit, read twice


def test_an_invitation_sent_as_part_and_as_file_is_one_booking() -> None:
    assert without_repeats([a_draft(), a_draft()]) == [a_draft()]


def test_a_cancellation_that_names_only_its_uid_is_one_though_sent_twice() -> None:
    bare = Draft(Kind.CANCELLATION, Reader.ICS, uid="one")
    assert without_repeats([bare, bare, replace(bare, uid="two")]) == [bare, replace(bare, uid="two")]


def test_of_two_versions_of_one_event_the_later_counts() -> None:
    later = replace(a_draft(time="10:00"), sequence=2)
    assert without_repeats([later, replace(a_draft(), sequence=1)]) == [later]


def test_two_readers_of_one_visit_are_one_draft_the_richer_filled_from_the_other() -> None:
    page = a_draft(Reader.JSONLD, uid="Booker/7", phone="+6591234567", email="mei@example.com")
    (draft,) = without_repeats([a_draft(staff="Dana", uid="one"), page])
    assert (draft.reader, draft.uid) == (Reader.JSONLD, "Booker/7")
    assert (draft.values["staff"], draft.values["phone"], draft.flags) == ("Dana", "+6591234567", ())


def test_two_readers_that_differ_in_the_time_of_the_only_visit_are_one_flagged_draft() -> None:
    (draft,) = without_repeats([a_draft(), a_draft(Reader.JSONLD, time="10:00")])
    assert draft.flags == ("time: 09:00 is taken, the mail's structured part says 10:00",)
    assert draft.doubtful == ("time",)


def test_visits_of_two_people_at_one_time_are_two() -> None:
    assert len(without_repeats([a_draft(), a_draft(Reader.JSONLD, uid="two", customer="Jo Tan")])) == 2


def test_two_visits_of_one_reader_are_two_though_alike_in_all_but_the_uid() -> None:
    assert len(without_repeats([a_draft(uid="one"), a_draft(uid="two")])) == 2


def test_two_visits_each_read_twice_are_two() -> None:
    drafts = [a_draft(), a_draft(uid="two", time="11:00"), a_draft(Reader.JSONLD, uid=""),
              a_draft(Reader.JSONLD, uid="", time="11:00")]  # fmt: skip
    assert [draft.values["time"] for draft in without_repeats(drafts)] == ["09:00", "11:00"]


def test_drafts_without_a_date_are_one_only_by_their_uid() -> None:
    assert not same_booking(a_draft(date=""), a_draft(Reader.JSONLD, uid="two", date=""))
    assert same_booking(a_draft(date=""), a_draft(Reader.JSONLD, date=""))


def test_of_two_sources_one_of_which_cancels_a_cancellation_is_proposed_and_flagged() -> None:
    draft = merged(a_draft(), a_draft(Reader.JSONLD, Kind.CANCELLATION))
    assert draft.kind is Kind.CANCELLATION
    assert draft.flags == ("one part of the mail cancels the visit, another doesn't",)


def test_a_draft_without_values_stays_by_itself() -> None:
    more = Draft(Kind.BOOKING, Reader.ICS, flags=("more than 25 visits in the calendar file: import the file",))
    assert without_repeats([a_draft(), more]) == [a_draft(), more]


# The corpus

SEEN = Path(__file__).parents[1] / "corpus" / "mails" / "seen"


def sure_bookings() -> Iterator[tuple[str, dict[str, str]]]:
    """Of each mail to build by, the expected fields of what nobody need doubt; no series, whose text tells one date."""
    for name, expected in json.loads((SEEN / "expected.json").read_text()).items():
        for proposal in expected.get("proposals", []):
            fields = {k: v[0] if isinstance(v, list) else v for k, v in proposal["fields"].items()}
            if not proposal["doubtful"] and "weekly" not in name:
                yield name, fields


@pytest.mark.parametrize(("name", "fields"), [*sure_bookings()])
def test_no_mail_of_the_corpus_raises_an_alarm_against_what_it_says(name: str, fields: dict[str, str]) -> None:
    text = open_mail((SEEN / name).read_bytes()).text
    assert with_disagreements(Draft(Kind.BOOKING, Reader.ICS, fields), text, TODAY).flags == ()
