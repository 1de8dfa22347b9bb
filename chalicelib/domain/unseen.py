"""Characters that nobody sees, taken out of what a reader gets: words can be hidden in them, or torn apart by them."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls, but for tab and line ends
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f"  # zero width, marks and overrides of direction
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # fillers, variants, byte order mark, notes between lines
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # musical controls; tags and variants, which can spell whole sentences
    "]+"
)
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_ODD_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def without_unseen(text: str) -> str:
    """The text without invisible characters; every line end is `\\n` and every odd space (no-break, em) a space."""
    text = _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))
    return _SURROGATES.sub("\ufffd", _ODD_SPACES.sub(" ", text))


def one_seen_line(text: str, longest: int) -> str:
    """The same as one line of at most `longest` characters, cut with `…`."""
    line = " ".join(without_unseen(text[: 20 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
