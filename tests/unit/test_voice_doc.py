"""The voice doc: which text is whose, and which lines are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.voice import Template, VoiceBook, parse_voice
from chalicelib.errors import DocumentError


def sections(doc: str, language: str = "en") -> dict[tuple[str, str, str], tuple[str, str]]:
    book = parse_voice(doc, language)
    return {(key[0].value, key[1].value, key[2]): (said.subject, said.body) for key, said in book.sections.items()}


def bad_lines(doc: str) -> list[int]:
    with pytest.raises(DocumentError) as refused:
        parse_voice(doc, "en")
    return [problem.line for problem in refused.value.problems]


def test_headings_cut_the_doc_into_texts():
    doc = (
        "\ufeffOur messages\r\n\r\nFirst reminder, text:\r\n{shop}: {customer}\r\n\r\n"
        "FIRST REMINDER, E-mail:\r\nSubject: Your {service} on {day}\r\nHello {customer},\r\n\r\nsee you.\r\n"
        "________________\r\nSecond reminder, text, zh：\r\n您好 {customer}\r\n"
    )
    assert sections(doc) == {
        ("first_reminder", "text", "en"): ("", "{shop}: {customer}"),
        ("first_reminder", "email", "en"): ("Your {service} on {day}", "Hello {customer},\n\nsee you."),
        ("second_reminder", "text", "zh"): ("", "您好 {customer}"),
    }


def test_a_heading_without_a_channel_speaks_for_all_of_them():
    assert sections("Moved:\nSubject: Moved\nSee you {day}") == {
        ("moved", "text", "en"): ("", "See you {day}"),
        ("moved", "email", "en"): ("Moved", "See you {day}"),
    }


def test_a_channels_own_heading_counts_before_the_general_one():
    doc = "First reminder, text:\nshort\n\nFirst reminder:\nlong\n"
    assert sections(doc)["first_reminder", "text", "en"] == ("", "short")
    assert sections(doc)["first_reminder", "email", "en"] == ("", "long")


@pytest.mark.parametrize(
    ("heading", "template"),
    [("Reschedule confirmation", "moved"), ("Cancellation note", "cancelled"), ("Gap alert", "gap_alert")],
)
def test_templates_have_their_other_names(heading, template):
    assert {key[0] for key in sections(f"{heading}:\nwords")} == {template}


def test_a_heading_without_a_language_is_in_the_shops_own():
    assert {key[2] for key in sections("First reminder, text:\n您好", "zh")} == {"zh"}


def test_an_email_without_a_subject_has_the_default_one():
    assert sections("First reminder, email:\nHello")["first_reminder", "email", "en"] == ("", "Hello")


def test_placeholders_may_be_spelled_as_people_spell_them():
    assert sections("Moved, text:\n{ Customer } {Booking link}")["moved", "text", "en"] == (
        "",
        "{customer} {booking_link}",
    )


def test_an_empty_doc_is_the_products_words():
    assert parse_voice("", "en") == VoiceBook("en", {})


@pytest.mark.parametrize(
    ("doc", "lines"),
    [
        ("First reminder, text:\nHi {custmer}\nand {nobody}", [2, 3]),
        ("First reminder, text:\nHi {customer", [2]),
        ("First reminder, text:\nCall {phone}", [2]),
        ("First reminder, txet:\nHi", [1]),
        ("Frist reminder, text:\nHi", [1]),
        ("Third reminder, text:\nHi", [1]),
        ("Gap alert, text:\nHi", [1]),
        ("First reminder, text\nHi", [1]),
        ("First reminder: Hi there", [1]),
        ("Moved:\nHi\nFirst reminder, text: Hi there", [3]),
        ("First reminder, text:\n\nMoved:\nHi", [1]),
        ("First reminder, text:\nSubject: no\nHi", [1]),
        ("Moved, text:\nHi\nMoved, text:\nHo", [3]),
    ],
)
def test_a_line_that_is_not_clear_refuses_the_doc_with_its_number(doc, lines):
    assert bad_lines(doc) == lines


def test_a_problem_says_what_was_expected():
    with pytest.raises(DocumentError, match=r"expected \{customer\}"):
        parse_voice("First reminder, text:\nHi {custmer}", "en")


def test_what_a_misspelt_heading_stands_over_is_not_blamed_on_the_one_before():
    assert bad_lines("Moved:\nHi\nGap alrt:\n{phone}") == [3]


def test_a_sentence_that_ends_in_a_colon_is_no_heading():
    body = "Your visit:\n{day}\n\nPlease remember:\nyour card"
    assert sections("Moved, email:\n" + body)["moved", "email", "en"] == ("", body)


@given(
    st.lists(
        st.one_of(
            st.text(max_size=30),
            st.sampled_from([f"{template.heading}:" for template in Template]),
            st.sampled_from(["First reminder, text:", "Subject: x", "{customer}", "{", "Moved, zh:", "hello"]),
        )
    ).map("\n".join)
)
def test_any_doc_is_a_book_or_a_list_of_bad_lines(doc):
    try:
        parse_voice(doc, "en").warnings()
    except DocumentError as refused:
        assert refused.problems
