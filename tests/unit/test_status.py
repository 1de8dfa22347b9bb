"""The status cell's words."""

import pytest

from chalicelib.domain.appointment import Status
from chalicelib.domain.status import read_status, status_word


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("confirmed", Status.CONFIRMED), ("CONFIRMED", Status.CONFIRMED), ("Confirmed by phone", Status.CONFIRMED),
        ("✅ Confirmed", Status.CONFIRMED), ("confirmed!", Status.CONFIRMED), ("Canceled", Status.CANCELLED),
        ("cancelled", Status.CANCELLED), ("Cancelled - sick", Status.CANCELLED), ("No show", Status.NO_SHOW),
        ("no-show", Status.NO_SHOW), ("NoShow", Status.NO_SHOW), ("NO_SHOW", Status.NO_SHOW),
        ("No-show (twice)", Status.NO_SHOW),
        ("done", Status.DONE), ("Booked", Status.BOOKED), ("booked online", Status.BOOKED), ("moved", Status.NONE),
        ("Moved by Mei", Status.NONE), ("", Status.NONE), (" \u00a0", Status.NONE), ("-", Status.NONE),
    ],
)  # fmt: skip
def test_a_known_word_is_read_in_any_spelling(text: str, status: Status) -> None:
    assert read_status(text) == (status, True)


@pytest.mark.parametrize("text", ["tentative", "not confirmed", "confirm", "donee", "unconfirmed", "no", "show"])
def test_an_unknown_word_says_as_much_as_a_blank_and_is_told_apart(text: str) -> None:
    assert read_status(text) == (Status.NONE, False)


def test_spellings_of_one_word_have_one_key() -> None:
    assert status_word(" Ten-tative! ") == status_word("ten TATIVE") == "ten tative"
