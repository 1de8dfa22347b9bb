"""What can go wrong, by who can act on it.

ReminderError
├─ ConfigError(problems)          the owner mends Parameter Store; every problem is listed at once
├─ NotTheSheet(problem)           what Drive handed over isn't the appointment sheet; nothing is taken from it
├─ DocumentError(problems)        a rules or voice doc has lines that can't be understood; the former one stays
├─ DeliveryError(vendor, reason)  a message did not leave
│  ├─ DefiniteNo                  the vendor said no, or was never reached: trying again can't double it
│  │  ├─ MessageGone              the Slack message that was to be rewritten isn't there any more
│  │  └─ BadRecipient             this address will never work (invalid number, opted out, refused address)
│  └─ NoAnswer                    the vendor may have it, may not: never repeat a text after this
├─ TokenRefused                   a reply link that is bad, expired or from another key: one calm page
├─ StoreError
│  ├─ Refused(write)              a condition did not hold; `write` says which of the writes it was on
│  ├─ StoreConflict               neither yes nor no (TransactionConflict): read back, then try again
│  └─ StoreNoAnswer               the write may have happened: read back before anything else
├─ MailRefused(reason)            a mail that a guard stopped before it was read; it stays in S3, staff are told
├─ Unreadable(reason)             a part of a mail (an .ics, a document) that can't be read; the rest goes on
├─ Malformed(reason)              the model's answer keeps to no schema, twice; staff get the text
├─ TokenExpired                   a calendar's sync token is too old (410): begin again without one
└─ UpstreamError(vendor)          Google, Slack, AWS unreachable or refusing; a later run tries again

A bad row is a value (`domain.appointment.RowReading`), not an exception: the others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class ReminderError(Exception):
    """The root: everything that this system raises on purpose."""


class ConfigError(ReminderError):
    """The configuration can't be used; `problems` names every parameter that is wrong, never a secret's value."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class NotTheSheet(ReminderError):
    """What was read does not look like the appointment sheet (no header, empty, a login page)."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class LineProblem:
    """One line of a document that can't be understood: which, what it says, and what was expected."""

    line: int
    problem: str


class DocumentError(ReminderError):
    """A rules or voice doc can't be taken; `problems` has one entry per line."""

    def __init__(self, problems: Sequence[LineProblem]) -> None:
        super().__init__("; ".join(f"line {p.line}: {p.problem}" for p in problems))
        self.problems = tuple(problems)


class DeliveryError(ReminderError):
    """A message did not leave, or may not have; the subclasses say which."""

    def __init__(self, vendor: str, reason: str) -> None:
        super().__init__(f"{vendor}: {reason}")
        self.vendor = vendor
        self.reason = reason


class DefiniteNo(DeliveryError):
    """Certainly not sent: trying again can't double it."""


class BadRecipient(DefiniteNo):
    """Certainly not sent, and this address never will be: go down the ladder."""


class MessageGone(DefiniteNo):
    """The message that was to be rewritten was deleted, or can't be rewritten."""


class NoAnswer(DeliveryError):
    """Sent or not, nobody knows. A text is never repeated after this."""


class TokenRefused(ReminderError):
    """A reply link or action token that is bad, cut, expired, or for something else. Its text is for logs."""


class StoreError(ReminderError):
    """The store did not do what was asked."""


class Refused(StoreError):
    """A condition did not hold. `write` is the position of the refused write in the commit."""

    def __init__(self, write: int, reason: str) -> None:
        super().__init__(f"write {write}: {reason}")
        self.write = write
        self.reason = reason


class StoreConflict(StoreError):
    """Another transaction was in the way: neither yes nor no. Read back and try again."""


class StoreNoAnswer(StoreError):
    """The reply was lost: the write may have happened."""


class MailRefused(ReminderError):
    """A guard stopped a mail: too large, too deep, too many parts. `reason` is for staff."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreadable(ReminderError):
    """A part of a mail can't be read, or may not be. `reason` is for staff."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Malformed(ReminderError):
    """The model answered, twice, with what keeps to no schema."""


class TokenExpired(ReminderError):
    """A calendar's sync token is no longer known: everything is to be read again."""


class UpstreamError(ReminderError):
    """A vendor is unreachable or refuses; a later run tries again."""

    def __init__(self, vendor: str, reason: str) -> None:
        super().__init__(f"{vendor}: {reason}")
        self.vendor = vendor
        self.reason = reason
