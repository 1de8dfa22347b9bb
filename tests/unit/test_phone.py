"""Phone and e-mail cells: one sendable contact, nothing, or a plain reason that doesn't repeat the contact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.appointment import Problem
from chalicelib.domain.phone import read_email, read_phone


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("91234567", "SG", "+6591234567"),
        ("9123 4567", "SG", "+6591234567"),
        ("+65 9123-4567", "SG", "+6591234567"),
        ("(65) 9123.4567", "SG", "+6591234567"),
        ("6591234567", "SG", "+6591234567"),
        ("006591234567", "SG", "+6591234567"),
        ("'+6591234567", "SG", "+6591234567"),
        ("91234567.0", "SG", "+6591234567"),
        ("９１２３４５６７", "SG", "+6591234567"),
        ("\u202a+65\u00a09123\u00a04567\u202c", "SG", "+6591234567"),
        ("Tel: 9123 4567", "SG", "+6591234567"),
        ("+44 (0)7911 123456", "SG", "+447911123456"),
        ("07911 123456", "GB", "+447911123456"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("1-415-555-2671", "US", "+14155552671"),
        ("0412 345 678", "AU", "+61412345678"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("", "SG", ""),
        (" \u00a0", "SG", ""),
        ("-", "SG", ""),
    ],
)
def test_a_number_becomes_e164_in_the_shops_country(text: str, country: str, number: str) -> None:
    """Promise 46."""
    assert read_phone(text, country) == number


@pytest.mark.parametrize(
    ("text", "country", "reason"),
    [
        ("9123", "SG", "is too short"),
        ("9123456", "SG", "too short for a number of SG"),
        ("912345678", "SG", "of the wrong length for a number of SG"),
        ("11234567", "SG", "not a valid number of SG"),
        ("555-2671", "US", "without its area code"),
        ("+1 204 000 0000", "CA", "not a valid number of CA"),
        ("+44 7911 12345", "SG", "of GB"),
        ("+999 1234567", "SG", "country code that doesn't exist"),
        ("1234567890123456789", "SG", "too long"),
        ("6.591234567E9", "SG", "by a spreadsheet"),
        ("6.59123E+09", "SG", "by a spreadsheet"),
        ("91234567 / 81234567", "SG", "more than one number"),
        ("9123 4567, 8123 4567", "SG", "more than one number"),
        ("91234567\n81234567", "SG", "more than one number"),
        ("91234567 or 81234567", "SG", "more than one number"),
        ("+1 415 555 2671 ext 5", "US", "has an extension"),
        ("1-800-FLOWERS", "US", "has letters"),
        ("n/a", "SG", "has letters"),
        ("call Mei's mum", "SG", "has letters"),
        ("mei@example.com", "SG", "is an e-mail address"),
    ],
)
def test_what_is_not_one_valid_number_is_refused_with_its_reason(text: str, country: str, reason: str) -> None:
    """Promise 46."""
    refused = read_phone(text, country)
    assert isinstance(refused, Problem)
    assert refused.field == "phone"
    assert reason in refused.problem


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("mei@example.com", "mei@example.com"),
        (" Mei.Tan+dental@mail.example.co.uk ", "Mei.Tan+dental@mail.example.co.uk"),
        ("Mei Tan <mei@example.com>", "mei@example.com"),
        ("mailto:mei@example.com", "mei@example.com"),
        ("mei@münchen.example", "mei@xn--mnchen-3ya.example"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("", ""),
        ("—", ""),
    ],
)
def test_an_address_is_taken_as_it_is_meant(text: str, address: str) -> None:
    assert read_email(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "mei", "mei@", "@example.com", "mei@example", "mei@example..com", "mei@-example.com", "mei..tan@example.com",
        ".mei@example.com", "mei tan@example.com", "mei@exam ple.com", "mei@example.com, arun@example.com",
        "mei@example.com arun@example.com", "mei@example.com\nBcc: rex@example.com", "mei@@example.com", "n/a",
        "méi@example.com", f"{'m' * 65}@example.com", f"mei@{'e' * 64}.com", "mei@example.c", "mei@1.2.3.4",
        "+6591234567",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_refused_as_email(text: str) -> None:
    refused = read_email(text)
    assert isinstance(refused, Problem)
    assert refused.field == "email"


@given(st.text(alphabet="0123456789+-() ./x,e", max_size=24))
def test_a_reason_never_repeats_the_number(text: str) -> None:
    read = read_phone(text, "SG")
    if isinstance(read, Problem):
        said = read.problem.replace("like +65 9123 4567", "")
        assert not any(character.isdigit() for character in said)
    else:
        assert read == "" or (read.startswith("+") and read[1:].isdigit())


@given(st.text(max_size=40))
def test_any_text_is_a_contact_nothing_or_a_problem(text: str) -> None:
    assert isinstance(read_phone(text, "SG"), str | Problem)
    address = read_email(text)
    assert isinstance(address, Problem) or "\n" not in address
