"""What a model reported of a mail, made into drafts: it proposed quotes, and here code decides.

A value counts only if its quote stands in the source, as the source spells it. So the worst that a mail can talk a
model into is a flagged draft of words that stand in that mail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from chalicelib.domain.appointment import Problem
from chalicelib.domain.cell_text import quoted
from chalicelib.domain.phone import read_email, read_phone
from chalicelib.domain.proposal import FIELDS, MOST_OF_ONE_MAIL, Draft, Kind, Reader
from chalicelib.domain.quoted_date import read_quoted_day
from chalicelib.domain.quoted_time import at_shop, read_quoted_time
from chalicelib.domain.source_words import Place, SourceText, tidy
from chalicelib.domain.terms import Terms

_KINDS = {
    "booking": Kind.BOOKING,
    "change": Kind.CHANGE,
    "cancellation": Kind.CANCELLATION,
    "reminder": Kind.BOOKING,
}
_LONGEST = {"customer": 80, "service": 120, "staff": 80}
_NAMED = {"email": "an e-mail address", "phone": "a phone number"}
_LONGEST_LINK = 1000
_LONGEST_QUOTE = 200
_FORMULA = "=+-@"
_ODD = re.compile(r"https?:|[<>{}|\\]|(?:^|\s)[@!]\w", re.I)
_LABEL = re.compile(r"^[^\W\d_][^\d+(]*")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+[^\W_]")
_URL = re.compile(r"https?://[^\s<>\"]+", re.I)


class Reported(Protocol):
    """One booking as the model reports it (`intake_ports.ModelBooking`)."""

    @property
    def kind(self) -> str: ...
    @property
    def quotes(self) -> Mapping[str, str]: ...
    @property
    def old_quotes(self) -> Mapping[str, str]: ...
    @property
    def requested_only(self) -> bool: ...


class Shop(Protocol):
    """What isn't a customer's (`intake_ports.ShopWords`)."""

    @property
    def name(self) -> str: ...
    @property
    def addresses(self) -> AbstractSet[str]: ...
    @property
    def phone(self) -> str: ...


@dataclass(slots=True)
class _Filling:
    """A draft in the making."""

    values: dict[str, str] = field(default_factory=dict)
    quotes: dict[str, str] = field(default_factory=dict)
    doubtful: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    def doubt(self, name: str, *flags: str) -> None:
        """The field should be looked at, for these reasons."""
        if flags and name not in self.doubtful:
            self.doubtful.append(name)
        self.flags.extend(flag for flag in flags if flag not in self.flags)


def drafts_of(
    bookings: Sequence[Reported], source_text: str, sent: datetime | None, terms: Terms, shop: Shop, now: datetime
) -> list[Draft]:
    """One draft for each booking that the model reports and the source has words of; at most 25.

    `source_text` is all that the model was given, the subject too. `sent` is the mail's own Date, for relative days.
    A value whose quote isn't in the source is dropped and flagged. Bookings of which the source has no word at all
    come to one flagged draft together. A mail of kind `none` gives nothing.
    """
    source = SourceText(source_text)
    drafts: list[Draft] = []
    unfounded: list[Draft] = []
    for booking in bookings:
        if booking.kind not in _KINDS:
            continue
        draft = _draft(booking, source, sent, terms, shop, now)
        if not (draft.values or draft.quotes):
            unfounded.append(draft)
        elif draft not in drafts:
            drafts.append(draft)
    if unfounded:
        told = f"the model reports bookings of which the mail has no word: {len(unfounded)}"
        drafts.append(replace(unfounded[0], flags=(told, *unfounded[0].flags)))
    if len(drafts) > MOST_OF_ONE_MAIL:
        last = drafts[MOST_OF_ONE_MAIL - 1]
        said = f"the mail has more than {MOST_OF_ONE_MAIL} bookings: import the rest as a file"
        drafts[MOST_OF_ONE_MAIL - 1 :] = [replace(last, flags=(*last.flags, said))]
    return drafts


def _draft(
    booking: Reported, source: SourceText, sent: datetime | None, terms: Terms, shop: Shop, now: datetime
) -> Draft:
    filling = _Filling()
    found: dict[str, list[Place]] = {}
    for name in FIELDS:
        quote = booking.quotes.get(name, "")
        if not quote.strip():
            continue
        places = source.find(quote)
        if not places:
            filling.flags.append(f"the model gave {_NAMED.get(name, f'a {name}')} that the mail doesn't have")
            continue
        found[name] = places
        filling.quotes[name] = places[0].words[:_LONGEST_QUOTE]
    for name in ("customer", "service", "staff"):
        if name in found:
            _fill_words(filling, name, found[name][0].words, shop)
    if "phone" in found:
        _fill_phone(filling, found["phone"][0].words, terms, shop)
    if "email" in found:
        _fill_email(filling, found["email"][0].words, shop)
    if "link" in found:
        _fill_link(filling, found["link"][0].words)
    _fill_start(filling, found, sent, terms, now)
    if booking.requested_only:
        filling.flags.append("asked, not agreed")
    return Draft(
        kind=_KINDS[booking.kind],
        reader=Reader.MODEL,
        values=filling.values,
        quotes=filling.quotes,
        doubtful=tuple(name for name in FIELDS if name in filling.doubtful),
        flags=tuple(filling.flags),
        old_values=_old_values(booking, source, sent, terms, now),
        is_reminder=booking.kind == "reminder",
    )


def _fill_words(filling: _Filling, name: str, words: str, shop: Shop) -> None:
    value = words.strip(" \t,;:|*_\"'")
    if not value:
        return
    if name == "customer" and value.casefold() == tidy(shop.name).casefold():
        filling.flags.append("the model took the shop for the customer")
        return
    if len(value) > _LONGEST[name]:
        value = value[: _LONGEST[name]].rstrip()
        filling.doubt(name, f"the {name} was cut: it is longer than {_LONGEST[name]} characters")
    if value[0] in _FORMULA:
        filling.doubt(name, f"the {name} begins with {value[0]} as a formula does; it is kept as text")
    if _ODD.search(value):
        filling.doubt(name, f"the {name} doesn't look like one: {quoted(value)}")
    filling.values[name] = value


def _fill_phone(filling: _Filling, words: str, terms: Terms, shop: Shop) -> None:
    number = read_phone(words, terms.country)
    if isinstance(number, Problem):
        unlabelled = read_phone(_LABEL.sub("", words), terms.country)
        number = unlabelled if isinstance(unlabelled, str) and unlabelled else number
    if isinstance(number, Problem):
        filling.doubt("phone", f"{quoted(words)}: {_first_sentence(number)}; left blank")
    elif number and number == read_phone(shop.phone, terms.country):
        filling.flags.append("the phone number given is the shop's own; left blank")
    elif number:
        filling.values["phone"] = number


def _fill_email(filling: _Filling, words: str, shop: Shop) -> None:
    address = read_email(words)
    if isinstance(address, Problem) and len(within := set(_ADDRESS.findall(words))) == 1:
        address = read_email(within.pop())
    if isinstance(address, Problem):
        filling.doubt("email", f"{quoted(words)}: {_first_sentence(address)}; left blank")
    elif address.casefold() in shop.addresses:
        filling.flags.append("the e-mail address given is the shop's or the forwarder's; left blank")
    elif address:
        filling.values["email"] = address


def _fill_link(filling: _Filling, words: str) -> None:
    urls = [url.rstrip(".,;:!?)]}'*_") for url in _URL.findall(words)]
    reason = ""
    if len(set(urls)) != 1:
        reason = "is no single http(s) address"
    elif not urls[0].isascii() or len(urls[0]) > _LONGEST_LINK:
        reason = "is no usable address"
    else:
        try:
            host = urlsplit(urls[0])
            reason = "" if host.hostname and not host.username else "is no plain address of a page"
        except ValueError:
            reason = "is no address of a page"
    if reason:
        filling.doubt("link", f"the link {quoted(words)} {reason}; left blank")
    else:
        filling.values["link"] = urls[0]


def _fill_start(
    filling: _Filling, found: Mapping[str, list[Place]], sent: datetime | None, terms: Terms, now: datetime
) -> None:
    """Date and time together: another zone moves both, and opening hours and clock changes are the day's."""
    day = None
    if "date" in found:
        read = read_quoted_day(_with_year(found["date"]), sent, terms, now)
        day = read.day
        filling.doubt("date", *read.doubts)
        if day is not None:
            filling.values["date"] = day.isoformat()
    if "time" not in found:
        return
    words = found["time"][0].words
    clock = read_quoted_time(words, [place.after for place in found["time"]], day, terms)
    if day is not None:
        moved, clock = at_shop(day, clock, terms, words)
        if moved != day:
            filling.values["date"] = moved.isoformat()
            filling.doubt("date", *clock.doubts)
    elif clock.zone is not None:
        filling.doubt(
            "time", f"{quoted(words)} is in {clock.zone.words}, and no day is known to convert it on; left blank"
        )
        return
    filling.doubt("time", *clock.doubts)
    if clock.at is not None:
        filling.values["time"] = f"{clock.at:%H:%M}"


def _with_year(places: Sequence[Place]) -> str:
    """The quote with the year that stands right behind it in the source, where each of its places has the same."""
    years = {match[0] if (match := re.match(r",?\s?20[0-9]{2}(?![0-9])", place.after)) else "" for place in places}
    words = places[0].words
    return words + years.pop() if len(years) == 1 and not re.search(r"20[0-9]{2}", words) else words


def _old_values(
    booking: Reported, source: SourceText, sent: datetime | None, terms: Terms, now: datetime
) -> dict[str, str]:
    """A change's former date and time, as far as they can be read; they find the visit, and are written nowhere."""
    found = {name: places for name in ("date", "time") if (places := source.find(booking.old_quotes.get(name, "")))}
    former = _Filling()
    _fill_start(former, found, sent, terms, now)
    return former.values


def _first_sentence(problem: Problem) -> str:
    return problem.problem.partition(". ")[0]
