"""SMS segments, counted against the published sizes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.sms import Segments, segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("é" * 160, 1),
    ],
)
def test_plain_texts_are_counted_in_the_seven_bit_alphabet(text, count):
    assert segments(text) == Segments(count, "GSM-7", "")


@pytest.mark.parametrize(
    ("text", "count", "culprit"),
    [
        ("您" * 70, 1, "您"),
        ("您" * 71, 2, "您"),
        ("a" * 69 + "’", 1, "’"),
        ("🦷" * 35, 1, "🦷"),
        ("a" * 135 + "ç", 3, "ç"),
    ],
)
def test_one_other_character_makes_the_whole_text_cost_more_and_is_named(text, count, culprit):
    assert segments(text) == Segments(count, "UCS-2", culprit)


def test_a_character_of_two_places_is_never_cut_in_two():
    assert segments("a" * 152 + "€" + "a" * 152).count == 3
    assert segments("a" * 66 + "🦷" + "您" * 66).count == 3


@given(st.text(alphabet="abc XYZ09.,:/@é£\n"))
def test_texts_of_single_places_agree_with_plain_division(text):
    assert segments(text).count == (math.ceil(len(text) / 160) if len(text) <= 160 else math.ceil(len(text) / 153))


@given(st.text(alphabet="您好星期四", min_size=1))
def test_texts_of_the_wide_alphabet_agree_with_plain_division(text):
    assert segments(text).count == (1 if len(text) <= 70 else math.ceil(len(text) / 67))
