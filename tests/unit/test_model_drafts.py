"""What becomes of a model's report: only words of the source, read by code; the rest is dropped and said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.model_drafts import drafts_of
from chalicelib.domain.proposal import FIELDS, Draft, Kind, Reader
from chalicelib.domain.rule_book import STANDARD_OPENING
from chalicelib.domain.source_words import SourceText, tidy
from chalicelib.domain.terms import Terms
from chalicelib.intake_ports import ModelBooking, ShopWords

SENT = datetime(2026, 11, 24, 10, 0, tzinfo=timezone(timedelta(hours=8)))
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TERMS = Terms(ZoneInfo("Asia/Singapore"), "SG", "", STANDARD_OPENING)
SHOP = ShopWords(
    "Asia/Singapore",
    "SG",
    "Bright Dental",
    frozenset({"hello@bright.example", "ann@bright.example"}),
    phone="6234 5678",
)
MAIL = """Your booking at Bright Dental
Dear Jane Doe, your Check-up with Dr Lim on Monday 30 November 2026 at 9:00 am is confirmed.
Call us: 6234 5678, hello@bright.example. Yours: +65 9123 4567, jane@mail.example.
Change it: https://book.example/m/17?x=1."""
QUOTES = {
    "customer": "Jane Doe",
    "phone": "+65 9123 4567",
    "email": "jane@mail.example",
    "service": "Check-up",
    "staff": "Dr Lim",
    "date": "Monday 30 November 2026",
    "time": "9:00 am",
    "link": "https://book.example/m/17?x=1.",
}


def drafts(*bookings: ModelBooking, mail: str = MAIL) -> list[Draft]:
    return drafts_of(bookings, mail, SENT, TERMS, SHOP, NOW)


def draft(quotes: dict[str, str], mail: str = MAIL, kind: str = "booking") -> Draft:
    (only,) = drafts(ModelBooking(kind, quotes), mail=mail)
    return only


def test_every_value_is_read_from_its_quote() -> None:
    read = draft(QUOTES)
    assert read.values == {
        "customer": "Jane Doe",
        "phone": "+6591234567",
        "email": "jane@mail.example",
        "service": "Check-up",
        "staff": "Dr Lim",
        "date": "2026-11-30",
        "time": "09:00",
        "link": "https://book.example/m/17?x=1",
    }
    assert (read.kind, read.reader, read.doubtful, read.flags) == (Kind.BOOKING, Reader.MODEL, (), ())
    assert read.quotes["date"] == "Monday 30 November 2026"


def test_a_value_without_its_quote_in_the_source_is_dropped_and_said() -> None:
    read = draft({"customer": "Jane Doe", "service": "Root canal", "email": "eve@evil.example"})
    assert read.values == {"customer": "Jane Doe"}
    assert read.flags == (
        "the model gave an e-mail address that the mail doesn't have",
        "the model gave a service that the mail doesn't have",
    )


@pytest.mark.parametrize("quote", ["jane  doe", "JANE\nDOE", "Ｊａｎｅ Doe", "\u200bJane Doe"])
def test_a_quote_may_differ_in_case_space_and_width_and_the_sources_spelling_counts(quote: str) -> None:
    assert draft({"customer": quote}).values["customer"] == "Jane Doe"


@pytest.mark.parametrize("quote", ["Jan Doe", "JaneDoe", "Jane D", "ane Doe", "Jané Doe", "30 Nov", "0 am"])
def test_nothing_looser_is_a_quote(quote: str) -> None:
    assert SourceText(MAIL).find(quote) == []


def test_dashes_and_quotation_marks_are_one_and_stay_as_the_source_has_them() -> None:
    (place,) = SourceText("the “Spa–Day” at O’Hara").find('"spa-day" at O\'Hara')
    assert place.words == "“Spa–Day” at O’Hara"


def test_what_was_left_out_of_a_quote_is_seen_in_the_source() -> None:
    read = draft({"date": "30 November", "time": "9:00"}, mail="On 30 November 2026 at 9:00 pm EST.")
    assert (read.values["date"], read.values["time"]) == ("2026-12-01", "10:00")
    assert set(read.doubtful) == {"date", "time"}


def test_the_shops_own_phone_is_not_the_customers() -> None:
    read = draft({"customer": "Jane Doe", "phone": "6234 5678"})
    assert "phone" not in read.values
    assert "the phone number given is the shop's own; left blank" in read.flags


@pytest.mark.parametrize("address", ["hello@bright.example", "Ann@Bright.Example"])
def test_the_shops_and_the_forwarders_address_are_not_the_customers(address: str) -> None:
    read = draft({"email": address}, mail=f"{MAIL} {address}")
    assert "email" not in read.values
    assert any("the shop's or the forwarder's" in flag for flag in read.flags)


def test_the_shop_is_not_the_customer() -> None:
    assert draft({"customer": "Bright Dental"}).values == {}


def test_an_invalid_phone_is_left_blank_with_its_reason_and_its_quote() -> None:
    read = draft({"phone": "9123"}, mail="Phone 9123 of Jane")
    assert "phone" not in read.values
    assert read.quotes["phone"] == "9123"
    assert read.doubtful == ("phone",)
    assert "too short" in read.flags[0]


def test_a_label_in_the_quote_of_a_phone_is_read_past() -> None:
    assert draft({"phone": "Téléphone : 9123 4567"}, mail="Téléphone : 9123 4567").values["phone"] == "+6591234567"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "ftp://x.example/", "https://u:p@evil.example/", "https://[::1", "book.example"]
)
def test_a_link_that_is_no_plain_web_address_is_left_blank(link: str) -> None:
    read = draft({"link": link}, mail=f"see {link} now")
    assert "link" not in read.values
    assert read.doubtful == ("link",)


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+cmd", "-1+1", "@SUM(A1)"])
def test_a_formula_stays_text_and_is_flagged(name: str) -> None:
    read = draft({"customer": name}, mail=f"Name: {name} end")
    assert read.values["customer"] == name
    assert "formula" in read.flags[0]


@pytest.mark.parametrize("name", ["<!channel> Jane", "see http://evil.example", "Jane @here"])
def test_a_name_that_is_no_name_is_flagged(name: str) -> None:
    assert draft({"customer": name}, mail=f"Name: {name} end").doubtful == ("customer",)


def test_a_value_is_one_line_and_not_endless() -> None:
    name = "Jane\n\r\tDoe " + "x " * 100
    read = draft({"customer": name}, mail=name)
    assert read.values["customer"].startswith("Jane Doe x")
    assert len(read.values["customer"]) <= 80
    assert "was cut" in read.flags[0]


def test_an_unclear_day_stays_blank_with_its_quote_shown() -> None:
    read = draft({"date": "03/04/2027"}, mail="on 03/04/2027")
    assert read.values == {}
    assert read.quotes["date"] == "03/04/2027"
    assert read.doubtful == ("date",)


def test_a_time_in_another_zone_without_a_day_stays_blank() -> None:
    read = draft({"time": "9:00 EST"}, mail="at 9:00 EST")
    assert "time" not in read.values
    assert "no day is known" in read.flags[0]


def test_a_reminder_says_that_it_only_reminds() -> None:
    assert draft(QUOTES, kind="reminder").is_reminder


def test_no_booking_gives_no_draft() -> None:
    assert drafts(ModelBooking("none", {"customer": "Jane Doe"})) == []


def test_a_wish_is_asked_not_agreed() -> None:
    (read,) = drafts(ModelBooking("change", QUOTES, {}, requested_only=True))
    assert "asked, not agreed" in read.flags


def test_a_change_has_its_former_start_beside_the_new_one() -> None:
    mail = "Moved from Friday 27 November 2026 at 10am to Monday 30 November 2026 at 9:00 am"
    old = {"date": "Friday 27 November 2026", "time": "10am"}
    (read,) = drafts(ModelBooking("change", {k: QUOTES[k] for k in ("date", "time")}, old), mail=mail)
    assert read.kind is Kind.CHANGE
    assert read.old_values == {"date": "2026-11-27", "time": "10:00"}
    assert (read.values["date"], read.values["time"]) == ("2026-11-30", "09:00")


def test_a_former_start_that_the_source_does_not_have_is_no_ones() -> None:
    (read,) = drafts(ModelBooking("change", QUOTES, {"date": "1 May 2026"}))
    assert read.old_values == {}


def test_several_bookings_are_several_drafts_and_a_repeat_is_one() -> None:
    ann, ben = ModelBooking("booking", {"customer": "Ann"}), ModelBooking("booking", {"customer": "Ben"})
    assert [d.values["customer"] for d in drafts(ann, ben, ann, mail="Ann and Ben")] == ["Ann", "Ben"]


def test_beyond_twenty_five_the_last_one_says_so() -> None:
    names = [f"Guest{n}" for n in range(26)]
    made = drafts(*(ModelBooking("booking", {"customer": name}) for name in names), mail=" ".join(names))
    assert len(made) == 25
    assert "the mail has more than 25 bookings: import the rest as a file" in made[-1].flags
    assert not made[-2].flags


def test_bookings_of_which_the_source_has_no_word_come_to_one_flagged_draft() -> None:
    (read,) = drafts(*(ModelBooking("booking", {"customer": f"Mallory{n}"}) for n in range(20)))
    assert read.values == {}
    assert read.flags[0] == "the model reports bookings of which the mail has no word: 20"


words = st.one_of(st.sampled_from(MAIL.split()), st.text(max_size=30))


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), words), max_size=30), st.text(max_size=80))
def test_whatever_a_model_says_only_words_of_the_source_come_out(reports: list[dict[str, str]], more: str) -> None:
    mail = f"{MAIL}\n{more}"
    made = drafts(*(ModelBooking("booking", quotes) for quotes in reports), mail=mail)
    assert len(made) <= 25
    for read in made:
        for name in ("customer", "service", "staff", "link"):
            assert tidy(read.values.get(name, "")) in tidy(mail)
        if "date" in read.values:
            date.fromisoformat(read.values["date"])
        assert all(tidy(quote) in tidy(mail) for quote in read.quotes.values())
