"""Time zones as mails name them beside a time: `EST`, `GMT+8`, `Pacific Time`, `(Europe/London)`, `London time`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MINUTES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 60, "WEST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120,
    "EET": 120, "SAST": 120, "EEST": 180, "MSK": 180, "GST": 240, "PKT": 300, "ICT": 420, "WIB": 420, "SGT": 480,
    "HKT": 480, "MYT": 480, "PHT": 480, "WITA": 480, "AWST": 480, "JST": 540, "KST": 540, "WIT": 540, "ACST": 570,
    "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420,
    "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "BRT": -180, "ART": -180,
}  # fmt: skip
_SEVERAL = {"CST": (-360, 480), "IST": (330, 60, 120)}
_PLACES = {
    "ET": "America/New_York", "EASTERN": "America/New_York", "CT": "America/Chicago", "CENTRAL": "America/Chicago",
    "MT": "America/Denver", "MOUNTAIN": "America/Denver", "PT": "America/Los_Angeles",
    "PACIFIC": "America/Los_Angeles", "LONDON": "Europe/London", "UK": "Europe/London", "PARIS": "Europe/Paris",
    "BERLIN": "Europe/Berlin", "MADRID": "Europe/Madrid", "ROME": "Europe/Rome", "AMSTERDAM": "Europe/Amsterdam",
    "NEW YORK": "America/New_York", "CHICAGO": "America/Chicago", "LOS ANGELES": "America/Los_Angeles",
    "TORONTO": "America/Toronto", "SINGAPORE": "Asia/Singapore", "HONG KONG": "Asia/Hong_Kong",
    "BEIJING": "Asia/Shanghai", "CHINA": "Asia/Shanghai", "TOKYO": "Asia/Tokyo", "JAPAN": "Asia/Tokyo",
    "SEOUL": "Asia/Seoul", "INDIA": "Asia/Kolkata", "DUBAI": "Asia/Dubai", "JAKARTA": "Asia/Jakarta",
    "MALAYSIA": "Asia/Kuala_Lumpur", "SYDNEY": "Australia/Sydney", "MELBOURNE": "Australia/Melbourne",
    "PERTH": "Australia/Perth", "AUCKLAND": "Pacific/Auckland",
}  # fmt: skip
_SHORT = "|".join(sorted([*_MINUTES, *_SEVERAL, "ET", "CT", "MT", "PT"], key=len, reverse=True))
_CITY = "|".join(sorted((name for name in _PLACES if len(name) > 2 or name == "UK"), key=len, reverse=True))
_ZONE = re.compile(
    r"\s*[\[(]?\s*(?:"
    r"(?P<offset>(?:(?:GMT|UTC)\s?[+-]\s?|(?<=[0-9])[+-])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-9]{2}))?)(?![0-9])"
    r"|(?P<iana>[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?)"
    rf"|(?P<short>{_SHORT})(?![A-Za-z])"
    rf"|(?i:(?P<place>{_CITY})(?:\s(?:standard|daylight|summer))?\stime)\b"
    r")\s*[\])]?"
)


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A zone beside a time. `zones` are its readings: none if it is unknown, more than one for `CST`."""

    words: str
    zones: tuple[tzinfo, ...]

    def fits(self, local: datetime, shop: ZoneInfo) -> bool:
        """Whether one of the readings has the shop's own time at this shop-local minute."""
        at_shop = local.replace(tzinfo=shop).utcoffset()
        return any(zone.utcoffset(local) == at_shop for zone in self.zones)


def zone_behind(text: str, at: int, is_iso: bool) -> tuple[NamedZone, int] | None:
    """The zone that stands at a place of a `tidy` text, and where it ends; None if there is none.

    `is_iso`: the time before it is part of `2026-11-30T09:00:00`, where `-05:00` is an offset and no range.
    """
    match = _ZONE.match(text, at)
    if match is None or (match["offset"] and match["offset"][0] in "+-" and not is_iso):
        return None
    return NamedZone(match[0].strip(" []()"), _zones(match)), match.end()


def _zones(match: re.Match[str]) -> tuple[tzinfo, ...]:
    if match["offset"]:
        minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
        return (_fixed(-minutes if "-" in match["offset"] else minutes),) if minutes < 24 * 60 else ()
    if match["short"] in _SEVERAL:
        return tuple(map(_fixed, _SEVERAL[match["short"]]))
    if match["short"] in _MINUTES:
        return (_fixed(_MINUTES[match["short"]]),)
    name = match["iana"] or _PLACES[(match["short"] or match["place"]).upper()]
    try:
        return (ZoneInfo(name),)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ()


def _fixed(minutes: int) -> tzinfo:
    return timezone(timedelta(minutes=minutes))
