"""One customer as the system knows one: a number, an address, or both, and the visits that are theirs.

There is no table of customers. A visit is somebody's if it has their number or address; where one number serves a
family, the names tell them apart, and an operator says which one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import phonenumbers

from chalicelib.domain.phone import read_email, read_phone

_BETWEEN = r"[\s().\-/]*"


def fold(name: str) -> str:
    """A customer's name without regard to case and spaces."""
    return " ".join(name.split()).casefold()


def contact_of(text: str, country: str) -> str:
    """The number in E.164 or the address in lower case; "" for what is neither."""
    if "@" in text:
        address = read_email(text)
        return address.casefold() if isinstance(address, str) else ""
    number = read_phone(text, country)
    return number if isinstance(number, str) else ""


def masked(contact: str) -> str:
    """`…4567`, `m…@example.com`: enough to tell two apart."""
    if "@" in contact:
        name, _, domain = contact.partition("@")
        return f"{name[:1]}…@{domain}"
    return f"…{contact[-4:]}" if contact else ""


@dataclass(frozen=True, slots=True)
class Trace:
    """One place that ties a visit to a contact: a row, a send, a proposal. `name` is "" where none stands there."""

    appt_id: str
    name: str
    contacts: frozenset[str]


@dataclass(frozen=True)
class Person:
    """Whom a search found. `shared` are contacts of theirs that others have too: what is kept by contact stays."""

    contacts: frozenset[str]
    appt_ids: frozenset[str]
    names: tuple[str, ...]
    shared: frozenset[str] = field(default_factory=frozenset)

    @property
    def own(self) -> frozenset[str]:
        """The contacts that are nobody else's."""
        return self.contacts - self.shared

    def mentioned_in(self, texts: Iterable[str]) -> bool:
        """Whether one of the texts has a contact that is theirs alone, however it is spelled."""
        pattern = self._pattern
        return pattern is not None and any(pattern.search(text) for text in texts)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        spelled = [_spelled(contact) for contact in sorted(self.own)]
        return re.compile("|".join(spelled), re.IGNORECASE) if spelled else None


def find_person(who: str, traces: Sequence[Trace], country: str, name: str = "") -> Person:
    """The person of a number, an address or an appointment id; `name` narrows it to one of a family.

    Their visits' other contacts count too, and those contacts' visits under the same name. Raises LookupError for an
    id or a name that nothing is known of.
    """
    contact = contact_of(who, country)

    def is_meant(trace: Trace) -> bool:
        return (trace.appt_id == who or contact in trace.contacts) and (not name or fold(trace.name) == fold(name))

    found = {trace for trace in traces if is_meant(trace)}
    if not found and contact and not name:
        return Person(frozenset({contact}), frozenset(), ())  # no visit; perhaps an opt-out, or a mail
    if not found:
        of_whom = f" of somebody called {name}" if name else ""
        raise LookupError(f"nothing is kept under {'this contact' if contact else who}{of_whom}")
    names = {fold(trace.name) for trace in found if trace.name}
    while True:
        ids = {trace.appt_id for trace in found if trace.appt_id}
        contacts = {one for trace in found for one in trace.contacts}
        theirs = contacts - {one for trace in traces if _is_another(trace, names) for one in trace.contacts}
        more = {
            trace
            for trace in traces
            if trace not in found
            and (
                (fold(trace.name) in names and (trace.contacts & contacts or trace.appt_id in ids))
                or (not trace.name and (trace.contacts & theirs or trace.appt_id in ids))
            )
        }
        if not more:
            break
        found |= more
    others = {one for trace in traces if _is_another(trace, names) for one in trace.contacts}
    spelled = sorted({trace.name for trace in found if trace.name}, key=fold)
    return Person(
        contacts=frozenset(contacts | ({contact} if contact else set())),
        appt_ids=frozenset(ids),
        names=tuple({fold(one): one for one in spelled}.values()),
        shared=frozenset(others & contacts),
    )


def _is_another(trace: Trace, names: set[str]) -> bool:
    return bool(trace.name) and fold(trace.name) not in names


def _spelled(contact: str) -> str:
    """A pattern for every usual spelling of a contact."""
    if "@" in contact:
        return rf"(?<![\w.+-]){re.escape(contact)}(?![\w-]|\.\w)"
    number = phonenumbers.parse(contact)
    national = _BETWEEN.join(str(number.national_number))
    return rf"(?<!\d)(?:\+?{number.country_code}{_BETWEEN})?(?:\(?0\)?{_BETWEEN})?{national}(?!\d)"
