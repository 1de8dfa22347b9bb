"""Whether a quote really occurs in its source, and which words of the source it is then.

The model's own spelling is never used: what goes on is what stands in the source.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from chalicelib.domain.cell_text import one_line

_FORMS = {
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-"),
    **dict.fromkeys(map(ord, "‘’‚‛′`´"), "'"),
    **dict.fromkeys(map(ord, "“”„‟″«»"), '"'),
}
_WITHOUT_SPACES = 0x2E80
"""From here on scripts are written without spaces: a word there has no edges to look for."""


def tidy(text: str) -> str:
    """One line of visible text, with one form of width, dash and quotation mark."""
    return _visible(text).translate(_FORMS)


def _visible(text: str) -> str:
    shown = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return one_line("".join(shown))


@dataclass(frozen=True, slots=True)
class Place:
    """A quote in its source: the source's own words, and what stands on both sides of them in the same text."""

    words: str
    before: str
    after: str


class SourceText:
    """What a reader was given, to look quotes up in. White space, case, width, dashes and quotation marks may differ;
    nothing else, and a quote that is a piece of a longer word or number isn't one."""

    def __init__(self, text: str) -> None:
        self._text = _visible(text)
        folded = [character.casefold() for character in self._text.translate(_FORMS)]
        self._folded = "".join(folded)
        self._places = [place for place, piece in enumerate(folded) for _ in piece]
        self._places.append(len(self._text))

    def find(self, quote: str, around: int = 40) -> list[Place]:
        """Every place of the quote, with `around` characters beside it; at most fifty."""
        wanted = tidy(quote).casefold()
        found: list[Place] = []
        at = self._folded.find(wanted) if wanted else -1
        while at >= 0 and len(found) < 50:
            begin, end = self._places[at], self._places[at + len(wanted)]
            if self._is_whole(begin, end):
                text = self._text
                found.append(Place(text[begin:end], text[max(0, begin - around) : begin], text[end : end + around]))
            at = self._folded.find(wanted, at + 1)
        return found

    def _is_whole(self, begin: int, end: int) -> bool:
        text = self._text
        return not (_joined(text[begin - 1 : begin], text[begin]) or _joined(text[end - 1], text[end : end + 1]))


def _joined(left: str, right: str) -> bool:
    """Whether two neighbours belong to one word or one number."""
    if not left or not right:
        return False
    if left.isdigit() or right.isdigit():
        return left.isdigit() and right.isdigit()
    return left.isalpha() and right.isalpha() and ord(left) < _WITHOUT_SPACES and ord(right) < _WITHOUT_SPACES
