"""What a text costs: its SMS segments, and the character that makes it cost more.

The alphabet and the sizes are GSM 03.38's: 160 characters of the 7-bit alphabet in one message, 153 in each part
of a longer one; any other character switches the whole text to UCS-2, 70 and 67. Carriers bill each part.
"""

from __future__ import annotations

from dataclasses import dataclass

GSM7 = "GSM-7"
UCS2 = "UCS-2"

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # two places each: escape and character


@dataclass(frozen=True, slots=True)
class Segments:
    """How many segments are billed, in which encoding, and the first character that forces UCS-2 ("" if none does)."""

    count: int
    encoding: str
    culprit: str


def segments(text: str) -> Segments:
    """Measure a text. An empty one has no segment."""
    culprit = next((letter for letter in text if letter not in _BASIC and letter not in _EXTENDED), "")
    if culprit:
        # UTF-16 code units; the two halves of an emoji stay in one part
        return Segments(_parts([1 if ord(letter) < 0x10000 else 2 for letter in text], 70, 67), UCS2, culprit)
    return Segments(_parts([2 if letter in _EXTENDED else 1 for letter in text], 160, 153), GSM7, "")


def _parts(sizes: list[int], alone: int, each: int) -> int:
    """How many parts hold characters of these sizes, none of them cut in two."""
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    parts, room = 1, each
    for size in sizes:
        if size > room:
            parts, room = parts + 1, each
        room -= size
    return parts
