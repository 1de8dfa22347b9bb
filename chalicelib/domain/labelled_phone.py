"""The phone number that a free text names as one: `Phone: +65 9123 4567` on a line of its own, nothing looser."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.domain.appointment import Problem
from chalicelib.domain.cell_text import plain
from chalicelib.domain.phone import read_phone

_WHOSE = r"(?:your|(?:customer|client|guest|patient|invitee|attendee|booker)(?:'s)?)"
_LABEL = re.compile(
    rf"^[\W_]{{0,8}}(?P<whose>{_WHOSE}\s+)?(?P<what>(?:tele|mobile |cell |contact )?phone|tel|mobile|cell|handphone|hp"
    r"|whatsapp|telefon|handy|téléphone|telefono|teléfono|móvil|電話|电话)(?:\s?(?:number|no|nr))?\s?\.?\s?[:：]"
    r"(?P<number>[^A-Za-z]{6,40}|\s*tel:[^A-Za-z]{6,40})$",
    re.I,
)
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class LabelledPhone:
    """A number in E.164, the line that names it, and whether the line says that it is the customer's."""

    number: str
    line: str
    is_theirs: bool


def labelled_phone(text: str, country: str, own: str = "") -> LabelledPhone | None:
    """The one number that a text labels as a phone, the customer's before an unnamed party's; never the shop's `own`.

    None if none is valid, or if two are and neither is said to be the customer's.
    """
    found = []
    shop = read_phone(own, country)
    for line in text[:_LONGEST].splitlines():
        match = _LABEL.match(plain(line)) if len(line) <= 120 else None
        number = read_phone(match["number"], country) if match else ""
        if match and number and not isinstance(number, Problem) and number != shop:
            found.append(LabelledPhone(number, line.strip(), bool(match["whose"])))
    theirs = [phone for phone in found if phone.is_theirs] or found
    return theirs[0] if len({phone.number for phone in theirs}) == 1 else None
