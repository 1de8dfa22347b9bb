"""What a cell means depends on where the shop is and when it is open: the terms that every row is read on."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from chalicelib.domain.rule_book import OpeningHours


@dataclass(frozen=True, slots=True)
class Terms:
    """The shop's zone, its country (`SG`: phone numbers), `date_order` ("", `dmy` or `mdy`) and opening hours."""

    zone: ZoneInfo
    country: str
    date_order: str
    opening: OpeningHours
