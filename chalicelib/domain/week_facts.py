"""The week in figures: what the weekly summary may say, and nothing besides.

A week is the shop's own: Monday 00:00 to Monday 00:00 on its wall clock. Each field says what counts and which record
it is read from; `week_count.py` does the counting. Whoever tells the week, people or a model, has these facts only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

ENOUGH_VISITS = 20
"""A no-show rate over fewer visits than this isn't said: one visit would move it by more than five points."""


@dataclass(frozen=True, slots=True)
class WeekCounts:
    """One week, counted. Minutes and hours are elapsed ones; "in the week" is by the instant that the field names."""

    monday: date
    """The week's first day, shop-local."""

    visits: int
    """Visits that stood at their start, and started in the week: neither cancelled nor moved away nor withdrawn. A
    no-show is among them. From the mirrored sheet and the rows that left it, with their standings."""
    no_shows: int | None
    """Those of `visits` whose status is `no-show`. None where staff recorded neither a `no-show` nor a `done` for any
    visit of the week: then nobody knows."""
    unreachable: int
    """Those of `visits` without a usable phone number or e-mail address in their row."""

    reminder_texts: int
    reminder_emails: int
    """First and further reminders that a vendor took in the week, by channel. From `ar-sends`, by `sent_at`."""
    sent_by_hour: tuple[int, ...]
    """All texts and e-mails to customers that went in the week, by the shop-local hour of `sent_at`: 24 figures."""

    confirmed: int
    """Visits that were confirmed in the week, on the page or by a button in Slack; one that was confirmed twice at
    one start counts once. From `ar-replies`, by `replied_at`."""
    confirmed_by_day: tuple[int, ...]
    """The same by shop-local day, Monday first: 7 figures whose sum is `confirmed`."""
    minutes_to_confirm: int | None
    """Median minutes from the latest message to the customer on that chain before the answer to the answer. Only
    confirmations by the customer, on the page, after a message; None if there was none."""
    moved: int
    """Moves by customers in the week, on the page. From `ar-replies`."""
    moved_by_staff: int
    """Starts that staff changed in the sheet or in Slack. From `ar-audit`."""
    cancelled: int
    """Visits that were cancelled in the week by an answer that was not taken back: on the page, or by a button in
    Slack. From `ar-replies`. What staff type into the sheet has no minute, so it shows in `freed` only."""
    notice_hours: float | None
    """Median hours from those cancels to the start of their visit, to a tenth; None without a cancel."""

    freed: int
    """Slots of the week that were given up, whenever that was: starts in the week of visits that were cancelled (by
    an answer or in the sheet) or whose row was taken out before, and starts that a move of the customer's or of
    staff's left before they came. Not one that the visit itself still overlaps. Only of visits whose row is known:
    a slot is a staff member's time. From the rows, `ar-replies` and `ar-audit`."""
    refilled: int
    """Those of `freed` that another visit of the same staff member overlaps which came there after the slot was free
    and before it began, and stood."""

    undelivered: int
    """Texts that went in the week and, by the vendor's delivery log, did not arrive. From `ar-sends`."""
    unknown: int
    """Texts planned for the week of which nobody knows whether they went or arrived. From `ar-sends`."""
    failed: int
    """Texts and e-mails planned for the week that were certainly not sent: refused, opted out, over a cap or too late.
    One whose fallback went counts too. From `ar-sends`."""

    segments: int
    """Segments of all texts that a vendor took in the week: what carriers bill. From `ar-sends`, `detail`."""

    @property
    def reminders(self) -> int:
        """Texts and e-mails together."""
        return self.reminder_texts + self.reminder_emails


class ToDo(StrEnum):
    """What a person can do about a visit."""

    CALL = "call"  # it is still to come
    OFFER_ANOTHER_TIME = "offer another time"  # staff recorded a no-show
    NOTE_ATTENDANCE = "note whether they came"  # it is over, and nobody recorded how


@dataclass(frozen=True, slots=True)
class VisitToMind:
    """One visit by name, for a person to act on. `start` is aware and shop-local."""

    appt_id: str
    customer: str
    service: str
    staff: str
    start: datetime
    to_do: ToDo


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of the sheet that staff were told of and that isn't mended. `line` is the sheet's row number then."""

    line: int
    appt_id: str
    customer: str
    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class Rate:
    """So many no-shows among so many visits."""

    no_shows: int
    visits: int

    @property
    def enough(self) -> bool:
        """Whether a rate may be said at all."""
        return self.visits >= ENOUGH_VISITS

    @property
    def percent(self) -> float | None:
        """To a tenth; None for too few visits."""
        return round(100 * self.no_shows / self.visits, 1) if self.enough else None


@dataclass(frozen=True, slots=True)
class Attendance:
    """No-shows of visits that an answer confirmed, beside those that nobody answered.

    Over the weeks from `since` to the end of the told week in which staff recorded a `no-show` or a `done` (`weeks` of
    them). A visit that staff wrote `confirmed` for by hand is in neither, since a `no-show` written over it would
    hide it; nor is one that its customer moved there, or cancelled and took back, and did not confirm.
    It shows who comes, not what reminders did: people who answer may be those who come anyway.
    """

    since: date
    weeks: int
    confirmed: Rate
    unconfirmed: Rate


@dataclass(frozen=True, slots=True)
class Cost:
    """What the week's segments cost by the configured prices. `unpriced` segments went to countries without one."""

    amount: Decimal
    currency: str
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class WeekFacts:
    """All that is known of the week that is told, and the figures of those before it."""

    shop_name: str
    timezone: str
    week: WeekCounts
    before: tuple[WeekCounts, ...] = ()
    """The weeks before it, the oldest first, at most four; none from before the first one with any record."""
    quiet: tuple[VisitToMind, ...] = ()
    """Customers who were reminded and never answered: visits in the seven days ahead first, by start (CALL), then
    those of the told week that need a hand. Not those that staff confirmed, cancelled or marked `done`."""
    unreachable: tuple[VisitToMind, ...] = ()
    """Visits in the seven days ahead without a usable phone number or e-mail address, by start (CALL)."""
    bad_rows: tuple[BadRow, ...] = ()
    """Rows that staff were told of and that are still not mended, by line. From `ar-state`."""
    attendance: Attendance | None = None
    """None where staff record no attendance."""
    cost: Cost | None = None
    """None where no price is configured: then `segments` is all there is."""
    quiet_hours: tuple[time, time] | None = None
    """When customers aren't written to, shop-local, from and until; None if there are none."""

    @property
    def monday(self) -> date:
        """The told week's first day."""
        return self.week.monday
