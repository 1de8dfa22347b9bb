"""Messages: the shop's words, the product's words, and what a cell may not smuggle in."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.appointment import Appointment, Channel
from chalicelib.domain.sms import segments
from chalicelib.domain.voice import DEFAULT_VOICE, SAMPLE, Template, clean_text, parse_voice, visit_fields
from chalicelib.domain.voice_templates import DEFAULTS, PLACEHOLDER
from chalicelib.domain.voice_values import clean_link

LINK = "https://r.bright.sg/r/" + "a" * 42
SINGAPORE = ZoneInfo("Asia/Singapore")
MEI = Appointment(
    "A-17", "Mei", "Dental cleaning", datetime(2026, 11, 26, 1, tzinfo=UTC), staff="Dr Lim", phone="+6591234567",
    email="mei@example.com", link="https://book.bright.sg/17", status_text="booked",
)  # fmt: skip
LINKS = {"link": LINK, "confirm_link": LINK + "?a=c", "reschedule_link": LINK + "?a=r", "cancel_link": LINK + "?a=x"}
FIELDS = {**visit_fields(MEI, SINGAPORE, "en", "Bright Smile", "+6565550123"), **LINKS, "hours": "3"}
REMINDERS = (Template.FIRST_REMINDER, Template.SECOND_REMINDER)


def text(doc: str, language: str = "en", template: Template = Template.FIRST_REMINDER, **fields: str) -> str:
    return parse_voice(doc, "en").render(template, Channel.TEXT, language, {**FIELDS, **fields}).body


def first_text(line: str, **fields: str) -> str:
    return text("First reminder, text:\n" + line, **fields)


def test_the_fields_of_a_visit_are_in_the_shops_own_time():
    """Promise 21."""
    assert [FIELDS[name] for name in ("day", "date", "time")] == ["Thursday", "26 Nov", "9:00am"]


def test_the_default_text_says_who_what_when_and_where_to_answer():
    """Promise 43."""
    assert DEFAULT_VOICE.render(Template.FIRST_REMINDER, Channel.TEXT, "en", FIELDS).body == (
        f"Bright Smile: Mei, Dental cleaning w/ Dr Lim Thursday 26 Nov, 9:00am. OK/change: {LINK}"
    )


@pytest.mark.parametrize("template", REMINDERS)
@pytest.mark.parametrize("channel", [Channel.TEXT, Channel.EMAIL])
def test_every_default_reminder_carries_service_staff_date_time_and_a_link(template, channel):
    """Promise 43."""
    body = DEFAULT_VOICE.render(template, channel, "en", FIELDS).body
    assert all(
        word in body for word in ("Dental cleaning", "Dr Lim", "Thu", "26 Nov", "9:00am", LINK, "Mei", "Bright Smile")
    )


@pytest.mark.parametrize("template", REMINDERS)
def test_a_default_email_has_three_links_the_booking_and_a_subject(template):
    """Promise 44."""
    message = DEFAULT_VOICE.render(template, Channel.EMAIL, "en", FIELDS)
    wanted = (LINKS["confirm_link"], LINKS["reschedule_link"], LINKS["cancel_link"], MEI.link, "+6565550123")
    assert all(word in message.body for word in wanted)
    assert "Dental cleaning" in message.subject


@pytest.mark.parametrize("template", [each for each in Template if Channel.TEXT in each.channels])
@pytest.mark.parametrize("day", range(7))
def test_a_default_text_fits_one_segment_at_the_promised_sizes(template, day):
    sizes = {"shop": "S" * 18, "customer": "C" * 12, "service": "V" * 16, "staff": "T" * 8, "link": LINK}
    body = DEFAULT_VOICE.render(
        template, Channel.TEXT, "en", {**sizes, "local_start": f"2026-11-2{day + 1}T10:00"}
    ).body
    assert segments(body).count == 1
    assert len(LINK) == 64


@pytest.mark.parametrize("section", DEFAULTS.values())
def test_no_default_asks_a_customer_to_reply_with_a_word(section):
    assert "reply" not in section.body.casefold()


def test_a_message_comes_from_the_shops_own_template():
    """Promise 45."""
    assert first_text("Hi {customer}, {day} at {time}!") == "Hi Mei, Thursday at 9:00am!"


def test_a_template_that_the_doc_lacks_is_the_products():
    doc = "First reminder, text:\nHi {customer}\n"
    assert text(doc, template=Template.MOVED) == DEFAULT_VOICE.render(Template.MOVED, Channel.TEXT, "en", FIELDS).body


def test_a_customer_gets_the_words_of_their_language_with_its_days():
    doc = "First reminder, text:\nHi {customer}\n\nFirst reminder, text, zh:\n{customer}您好 {day} {date} {time}\n"
    assert [text(doc, language) for language in ("zh", "zh-SG", "Chinese")] == ["Mei您好 星期四 11月26日 09:00"] * 3
    assert text(doc, "fr") == "Hi Mei"


def test_a_message_in_the_shops_language_has_the_shops_days_whatever_the_customer_speaks():
    assert text("First reminder, text:\n{day}", "zh") == "Thursday"


def test_a_text_has_the_short_day_where_that_saves_a_segment():
    assert first_text("x" * 152 + " {day}") == "x" * 152 + " Thu"
    assert first_text("x" * 151 + " {day}").endswith(" Thursday")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{service} w/ {staff} on {day}", "Dental cleaning on Thursday"),
        ("{service} with {staff}, {day}", "Dental cleaning, Thursday"),
        ("{service} {staff} {day}", "Dental cleaning Thursday"),
        ("{service} ({staff}) {day}", "Dental cleaning Thursday"),
        ("{service} by {staff}.", "Dental cleaning."),
        ("Your visit\nStaff: {staff}\n{day}", "Your visit\nThursday"),
    ],
)
def test_a_blank_staff_member_takes_the_word_before_along(line, said):
    assert first_text(line, staff="") == said


def test_a_line_that_only_held_a_blank_booking_link_is_left_out():
    doc = "Hi {customer}\nBook: {booking_link}\nSee you"
    assert first_text(doc, booking_link="") == "Hi Mei\nSee you"
    assert first_text(doc) == "Hi Mei\nBook: https://book.bright.sg/17\nSee you"


def test_a_value_is_put_in_once_and_never_read_again():
    body = first_text("{customer}: {link}", customer="{link}{cancel_link}")
    assert body.count(LINK) == 1
    assert "{" not in body


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("Mei\r\nBcc: rex@evil.com", "Mei Bcc:"),
        ("Mei https://evil.com/x", "Mei"),
        ("evil.com/abc Mei", "Mei"),
        ("www.evil.example", ""),
        ("bit.ly/x", ""),
        ("ev\u200bil.com", ""),
        ("\u202eieM\u202c", "ieM"),
        ("Dr.Lim", "Dr. Lim"),
        ("1.5h colour", "1.5h colour"),
        ("Zoë O’Brien-Nguyễn", "Zoë O’Brien-Nguyễn"),
        ("{link}", "(link)"),
    ],
)
def test_a_cell_stays_one_harmless_line(cell, said):
    assert clean_text(cell) == said


def test_a_very_long_name_is_cut():
    assert len(clean_text("Mei " * 10_000)) <= 80


@pytest.mark.parametrize(
    "cell", ["javascript:alert(1)", "ask Dana", "https://a.sg/x y", "https://user@evil.com", "x" * 600]
)
def test_a_booking_link_that_is_no_web_address_is_blank(cell):
    assert clean_link(cell) == ""


@pytest.mark.parametrize("cell", ["https://book.sg/1?a=b#c", "book.sg/1", "http://127.0.0.1:8080/b/1"])
def test_a_booking_link_that_is_one_stays(cell):
    assert clean_link(cell) == cell


def test_the_gap_alert_tells_staff_whom_to_call():
    body = DEFAULT_VOICE.render(Template.GAP_ALERT, Channel.SLACK, "en", FIELDS).body
    assert all(
        word in body for word in ("Mei", "Dental cleaning", "Dr Lim", "+6591234567", "mei@example.com", "booked", "3 h")
    )


def test_a_text_of_more_than_two_segments_is_warned_of_with_the_character_to_blame():
    (warning,) = parse_voice(
        "First reminder, text:\nIt’s time, {customer}! {link}" + " Please come." * 5, "en"
    ).warnings()
    assert warning.line == 1
    assert "3 segments" in warning.problem
    assert "’" in warning.problem


def test_a_template_that_asks_for_cancel_by_reply_is_warned_of():
    (warning,) = parse_voice("First reminder, text:\nReply CANCEL to cancel\n", "en").warnings()
    assert "opt the customer out" in warning.problem


def test_the_products_own_words_need_no_warning():
    doc = "\n\n".join(
        f"{template.heading}, {channel.value}:\n{section.body}" for (template, channel), section in DEFAULTS.items()
    )
    assert parse_voice(doc, "en").warnings() == ()


VALUES = st.fixed_dictionaries(
    {name: st.text(max_size=30) for name in sorted({*SAMPLE, "status", "phone"} - {"local_start"})}
)


@given(st.sampled_from(sorted(DEFAULTS)), VALUES)
def test_no_message_keeps_a_brace_or_breaks_a_subject(which, fields):
    message = DEFAULT_VOICE.render(*which, "en", fields)
    assert not PLACEHOLDER.search(message.body)
    assert "{" not in message.body + message.subject
    assert "\n" not in message.subject


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text):
    assert clean_text(clean_text(text)) == clean_text(text)
