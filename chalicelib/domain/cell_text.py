"""A cell's text before anybody reads meaning into it: what spreadsheets and pasting add is taken off here, once."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_SPACES = re.compile(r"\s+")
_SPREADSHEET_ERROR = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|ERROR!|NUM!|NULL!|SPILL!|CALC!)|Loading\.\.\.", re.I)
_LONGEST_QUOTE = 30


def trimmed(text: str) -> str:
    """The cell without what can't be seen at its ends: spaces of every kind, marks of direction, byte order marks."""
    return text.strip().strip("\ufeff\u200b\u200e\u200f\u2060\u00ad").strip() if text else ""


def one_line(text: str) -> str:
    """The cell as one line of visible text: invisible characters gone, every run of white space one space."""
    return _SPACES.sub(" ", _CONTROL.sub(" ", _INVISIBLE.sub("", text))).strip()


def plain(text: str) -> str:
    """The cell as digits and letters that can be compared: one line, full-width forms folded, one kind of dash and
    apostrophe, and without the `'` that keeps a spreadsheet from converting a text."""
    folded = one_line(unicodedata.normalize("NFKC", text))
    folded = folded.translate({0x2019: "'", 0x2018: "'", 0x2010: "-", 0x2011: "-", 0x2212: "-"})
    return folded.removeprefix("'").strip()


def quoted(text: str) -> str:
    """The cell for a message: one short line in quotation marks."""
    line = one_line(text)
    return f'"{line}"' if len(line) <= _LONGEST_QUOTE else f'"{line[: _LONGEST_QUOTE - 1]}…"'


def is_spreadsheet_error(text: str) -> bool:
    """Whether the cell shows a failed formula (`#REF!`) in place of a value."""
    return bool(_SPREADSHEET_ERROR.fullmatch(text.strip()))
