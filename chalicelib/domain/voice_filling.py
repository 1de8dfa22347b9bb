"""Placeholders to words, line by line, with the care that a blank value needs.

A blank `staff` takes the word before it along (`w/`, `with`), and a line that only held a blank address or number
is left out (DESIGN §4.3). Values go in once and are never read again, so a customer named `{link}` stays a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalicelib.domain.voice_templates import LINK_FIELDS, PLACEHOLDER, STAFF_FIELDS
from chalicelib.domain.voice_values import clean_link, clean_text, plain_text

_CELLS = frozenset({"customer", "service", "staff", "status"})
_LEFT_OUT_WHEN_BLANK = LINK_FIELDS | STAFF_FIELDS | {"shop_phone"}
_WITH_STAFF = re.compile(
    r"(?:(?<![^\s(,.;:!?])(?:w/|with|by|from|and|&|\+|@|mit|bei|avec|chez|con|com|met|dengan|bersama|[^\s{}]+:)\s*"
    r"|[与和由跟]\s*)?\{staff\}",
    re.IGNORECASE,
)


def fill(text: str, fields: Mapping[str, str]) -> str:
    """The text with every placeholder replaced; one that has no field is blank."""
    values = {name: _value(name, fields.get(name, "")) for name in PLACEHOLDER.findall(text)}
    lines = []
    for line in text.split("\n"):
        names = PLACEHOLDER.findall(line)
        blank = [name for name in names if not values[name]]
        if names and len(blank) == len(names) and _LEFT_OUT_WHEN_BLANK.issuperset(names):
            continue
        if "staff" in blank:
            line = _WITH_STAFF.sub("{staff}", line)
        line = PLACEHOLDER.sub(lambda found: values[found[1]], line)
        if blank:
            line = _closed_up(line)
            if not re.search(r"\w", line):
                continue
        lines.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _value(name: str, text: str) -> str:
    if name == "booking_link":
        return clean_link(text)
    return clean_text(text) if name in _CELLS else plain_text(text)


def _closed_up(line: str) -> str:
    """The line without the hole that a blank value leaves: double spaces, a space before a comma, empty brackets."""
    line = re.sub(r"\(\s*\)|\[\s*\]", "", line)
    line = re.sub(r"[ \t]{2,}", " ", line)
    line = re.sub(r" +([,.;:!?])", r"\1", line)
    line = re.sub(r"([,;:])(?:\s*[,;])+", r"\1", line)
    return re.sub(r"^[ ,;:]+", "", line)
