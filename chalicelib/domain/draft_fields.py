"""What an exact reader gathers of one booking: each value made one clean line, or left blank with a word to staff.

Exact readers differ in where they find a value. What may stand in a proposal is decided here, for all of them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import Problem
from chalicelib.domain.cell_text import one_line
from chalicelib.domain.dates import local_instant
from chalicelib.domain.phone import read_email, read_phone
from chalicelib.domain.proposal import Draft, Kind, Reader

FLOATING = ""
"""The zone's name of a time that says none."""
_LONGEST_TEXT = 200
_LONGEST_LINK = 1000
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
ALL_DAY = "all day: at what time?"
PAST = "already past"


class DraftFields:
    """One booking in the making. `country` is the phone numbers' default; `addresses`, bare and lower case, are the
    shop's and the forwarder's, `phone` is the shop's: never a customer's.
    """

    def __init__(self, zone: ZoneInfo, country: str, addresses: frozenset[str], phone: str = "") -> None:
        self._zone = zone
        self._country = country
        self._addresses = addresses
        self._own_phone = read_phone(phone, country)
        self.values: dict[str, str] = {}
        self.quotes: dict[str, str] = {}
        self._doubtful: dict[str, None] = {}
        self._flags: dict[str, None] = {}

    def flag(self, sentence: str, *doubtful: str) -> None:
        """A sentence for staff, and the fields that it makes doubtful. Said once."""
        self._flags[one_line(sentence)] = None
        self.doubt(*doubtful)

    def doubt(self, *fields: str) -> None:
        """Fields that a person should look at."""
        self._doubtful.update(dict.fromkeys(fields))

    def take(self, field: str, text: str, quote: str) -> None:
        """A text, as one line; a blank one is no value. The first value of a field stays."""
        value = one_line(text)[:_LONGEST_TEXT].strip()
        if value and field not in self.values:
            self.values[field] = value
            self.quotes[field] = one_line(quote)[:_LONGEST_TEXT].strip()

    def take_phone(self, text: str, quote: str) -> None:
        """A number, in E.164; the shop's is none, an invalid one is left blank and its reason flagged."""
        read = read_phone(text[:_LONGEST_TEXT], self._country)
        if isinstance(read, Problem):
            self.flag(f"phone left blank: {_reason(read)}", "phone")
        elif read != self._own_phone:
            self.take("phone", read, quote)

    def take_email(self, text: str, quote: str) -> None:
        """A customer's address; the shop's or the forwarder's is none, an invalid one is left blank and flagged."""
        read = read_email(text[: 2 * _LONGEST_TEXT])
        if isinstance(read, Problem):
            self.flag(f"e-mail left blank: {_reason(read)}", "email")
        elif not self.is_own(read):
            self.take("email", read, quote)

    def take_link(self, text: str, quote: str) -> None:
        """An http(s) address; anything else (a room, `javascript:`, a name before the host) is none."""
        link = one_line(text)
        if "link" not in self.values and is_link(link):
            self.values["link"] = link
            self.quotes["link"] = one_line(quote)[:_LONGEST_LINK]

    def take_day(self, day: date, quote: str, now: datetime) -> None:
        """The day of something that has no time: staff are asked for it."""
        self.take("date", day.isoformat(), quote)
        self.flag(ALL_DAY, "time")
        if day < now.astimezone(self._zone).date():
            self.flag(PAST)

    def take_start(self, start: datetime, zone_name: str, quote: str, now: datetime) -> None:
        """The start, on the shop's clock, cut to the minute.

        A naive one is taken as the shop's own time and doubted. `zone_name` is the source's own zone: where its clock
        shows another time than the shop's, both are named, unless it is UTC, which files use without meaning it.
        """
        if not _FIRST_YEAR < start.year < _LAST_YEAR:
            self.flag("the start can't be read", "date", "time")
            return
        if start.tzinfo is None:
            local = start
            instant = start.replace(tzinfo=self._zone).astimezone(UTC)
            self.flag(f"no time zone with {start:%H:%M}: taken as the shop's own time", "time")
        else:
            instant = start.astimezone(UTC)
            local = instant.astimezone(self._zone).replace(tzinfo=None)
            if start.utcoffset() and start.replace(tzinfo=None) != local:
                there = f"{start:%H:%M} in {zone_name}"
                day = "" if start.date() == local.date() else f" on {local:%-d %b}"
                self.flag(f"{there} is {local:%H:%M}{day} here ({self._zone.key})", "time")
                if day:
                    self.doubt("date")
        self.take("date", local.date().isoformat(), quote)
        self.take("time", f"{local:%H:%M}", quote)
        try:
            local_instant(local.date(), local.time(), self._zone)
        except ValueError as reason:
            self.flag(f"{local:%H:%M} {reason}", "time")
        if instant < now:
            self.flag(PAST)

    def is_own(self, address: str) -> bool:
        """Whether an address is the shop's or the forwarder's."""
        return address.casefold() in self._addresses

    def draft(self, kind: Kind, reader: Reader, uid: str = "", sequence: int = 0) -> Draft:
        """What was gathered."""
        return Draft(
            kind,
            reader,
            dict(self.values),
            dict(self.quotes),
            tuple(self._doubtful),
            tuple(self._flags),
            uid=one_line(uid)[:_LONGEST_TEXT],
            sequence=sequence,
        )


def is_link(text: str) -> bool:
    """Whether a text is one http(s) address that can be shown as a link."""
    if not text or len(text) > _LONGEST_LINK or any(c.isspace() or c in '<>"`\\|' for c in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _reason(problem: Problem) -> str:
    """A cell's problem without what it says of the sheet: its first sentence, in lower case."""
    return problem.problem.split(". ")[0].removeprefix("The ").rstrip(".")
