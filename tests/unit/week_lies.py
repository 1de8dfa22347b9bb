"""A week, and what a model that lies would say of it. The first twelve were written before there was a checker."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from chalicelib.domain.week_facts import Attendance, BadRow, Cost, Rate, ToDo, VisitToMind, WeekCounts, WeekFacts

SG = ZoneInfo("Asia/Singapore")


def a_week(monday: date = date(2026, 12, 14), **changes: object) -> WeekCounts:
    """A dentist's week before Christmas, unless `changes` say otherwise."""
    values: dict[str, object] = {
        "monday": monday,
        "visits": 42,
        "no_shows": 2,
        "unreachable": 1,
        "reminder_texts": 55,
        "reminder_emails": 8,
        "sent_by_hour": (0,) * 8 + (9, 12, 10, 8, 3, 5, 6, 4, 3, 2, 1) + (0,) * 5,
        "confirmed": 31,
        "confirmed_by_day": (6, 9, 5, 4, 4, 3, 0),
        "minutes_to_confirm": 14,
        "moved": 4,
        "moved_by_staff": 1,
        "cancelled": 3,
        "notice_hours": 26.5,
        "freed": 8,
        "refilled": 5,
        "undelivered": 2,
        "unknown": 1,
        "failed": 0,
        "segments": 61,
        **changes,
    }
    return WeekCounts(**values)  # type: ignore[arg-type]


def to_mind(appt_id: str, customer: str, staff: str, start: datetime, to_do: ToDo = ToDo.CALL) -> VisitToMind:
    """A cleaning that somebody should look after."""
    return VisitToMind(appt_id, customer, "Dental cleaning", staff, start, to_do)


FACTS = WeekFacts(
    shop_name="Bright Dental",
    timezone="Asia/Singapore",
    week=a_week(),
    before=(
        a_week(date(2026, 11, 16), visits=36, confirmed=24, cancelled=5, moved=2, no_shows=3, freed=7, refilled=2),
        a_week(date(2026, 11, 23), visits=38, confirmed=27, cancelled=4, moved=3, no_shows=4, freed=8, refilled=3),
        a_week(date(2026, 11, 30), visits=40, confirmed=26, cancelled=6, moved=5, no_shows=3, freed=12, refilled=4),
        a_week(date(2026, 12, 7), visits=39, confirmed=28, cancelled=5, moved=2, no_shows=3, freed=7, refilled=4),
    ),
    quiet=(
        to_mind("A-17", "Mei Tan", "Dr Lim", datetime(2026, 12, 22, 14, 30, tzinfo=SG)),
        to_mind("A-23", "Arun Rao", "Dr Ong", datetime(2026, 12, 24, 10, 0, tzinfo=SG)),
        to_mind("A-9", "Dana Lim", "Dr Ong", datetime(2026, 12, 16, 9, 0, tzinfo=SG), ToDo.OFFER_ANOTHER_TIME),
    ),
    unreachable=(to_mind("A-31", "Rex Goh", "Dr Lim", datetime(2026, 12, 23, 16, 0, tzinfo=SG)),),
    bad_rows=(BadRow(14, "A-40", "Ivy Chua", "phone", "“123” is no phone number"),),
    attendance=Attendance(date(2026, 11, 16), 5, Rate(4, 136), Rate(11, 59)),
    cost=Cost(Decimal("2.81"), "SGD"),
    quiet_hours=(time(21), time(8)),
)

LIES = {
    "a wrong count": "31 of 43 visits were confirmed.",
    "two counts swapped": "Three visits were confirmed and 31 were cancelled.",
    "an invented name": "Please call Siti Rahman, who hasn't answered about Tuesday 2:30pm.",
    "a wrong weekday": "Mei Tan is quiet about Thursday 2:30pm: please call.",
    "a wrong time": "Arun Rao hasn't answered about Thursday 11:00am.",
    "a claim of cause": "Thanks to the reminders only 2 of 42 visits were no-shows.",
    "no-shows prevented": "The reminders prevented 9 no-shows this week.",
    "a wrong direction": "31 visits were confirmed, fewer than the 28 of the week before.",
    "a confirmed quiet customer": "Mei Tan has confirmed her visit on Tuesday 2:30pm.",
    "an instruction from a name": "Reply YES to this message to keep your account open.",
    "a number in words": "Forty visits took place, thirty-one were confirmed.",
    "a rate that nobody counted": "89 percent of customers were happy with their visit.",
}
"""Told of FACTS: each is false, or not known."""

LIES |= {
    "an inflated part": "32 of 42 visits were confirmed.",
    "the former week's figure": "28 visits were confirmed this week.",
    "a wrong former figure": "31 visits were confirmed, up from 26 the week before.",
    "a wrong difference": "31 visits were confirmed, 5 more than the week before.",
    "a rise that was a fall": "More visits were cancelled than the week before.",
    "a wrong average": "In the four weeks before 31 visits were confirmed on average.",
    "another busiest day": "Most confirmations came on Friday.",
    "a day's wrong figure": "9 visits were confirmed on Monday.",
    "a cost of its own": "The texts cost SGD 28.10.",
    "another currency": "The texts cost EUR 2.81.",
    "another's staff": "Please call Mei Tan about her visit with Dr Ong.",
    "a no-show who wasn't": "Mei Tan was a no-show on Tuesday.",
    "a quiet one called unreachable": "Mei Tan can't be reached.",
    "a swapped rate": "Of 136 confirmed visits 11 were no-shows; of 59 unconfirmed ones 4.",
    "a rate of its own": "Confirmed visits had a no-show rate of 1.5 per cent, unconfirmed ones 18.6 per cent.",
    "a rate turned round": "Confirmed visits had more no-shows than unconfirmed ones.",
    "a cause in other words": "No-shows fell from 3 to 2 due to earlier texts.",
    "an effect": "Text reminders reduced no-shows.",
    "a promise": "Next week will be even better.",
    "a feeling": "Customers loved the new reminders.",
    "a share": "Almost all customers confirmed.",
    "two thirds of them": "A third of the visits were moved.",
    "a link": "See https://example.com/report for the rest.",
    "a number to ring": "Call +6591234567 to settle the account.",
    "a wrong row": "Row 15 (Ivy Chua) needs a valid phone number.",
    "another's trouble": "Row 14 (Mei Tan) needs a valid phone number.",
    "a wrong notice": "Three visits were cancelled with 48 hours of notice.",
    "a wrong median": "The median confirmation came 41 minutes after the message.",
    "texts that failed": "Two texts failed.",
    "everything arrived": "No text was undelivered.",
    "more refilled than freed": "Eight of 8 freed slots were filled again.",
    "a date of another week": "Here is the week of 21 December.",
    "figures of an unknown kind": "12 customers gave five stars.",
    "an unknown person's trouble": "Please call the customer Ong about 9:00am.",
    "moved, by name": "Arun Rao moved to Thursday 10:00am.",
    "too many quiet": "Five customers have not answered.",
    "too long": "42 visits took place. " * 60,
}

LIES |= {
    "none of them": "None of the visits was a no-show.",
    "nobody cancelled": "No one cancelled this week.",
    "nobody confirmed": "Nobody confirmed this week.",
    "not a single one": "Not a single visit was cancelled.",
    "all texts arrived": "All texts arrived.",
    "every reminder arrived": "Every text reminder arrived.",
    "arrived, by the number": "55 texts arrived.",
    "e-mails that arrived": "8 e-mails were delivered.",
    "an e-mail that did not": "Two e-mails did not arrive.",
    "a channel's wrong figure": "63 reminders were sent by text.",
    "the channels swapped": "8 reminders went out by text and 55 by e-mail.",
    "staff's moves": "4 visits were moved by staff.",
    "cancelled by staff": "Three visits were cancelled by staff.",
    "a pair turned round": "42 visits took place and 31 were confirmed, against 28 and 39 the week before.",
    "both by as many": "42 visits took place and 31 were confirmed, both up by four on the week before.",
    "both up, one wasn't": "31 visits were confirmed and 3 were cancelled, both up on the week before.",
    "a wrong figure in brackets": "Confirmed: 31 (26). Cancelled: 3 (5 the week before).",
    "brackets of another week": "Confirmed: 31 (31). Cancelled: 3 (5 the week before).",
    "the week before with this week's": "The week before there were 39 visits, 31 confirmed.",
    "quieter": "It was a quieter week.",
    "faster": "Customers answered faster.",
    "up without a figure": "Cancellations were up.",
    "up beside a figure": "Confirmations were up at 31 and cancellations were up at 3.",
    "more of the freed": "You filled 7 of the 8 freed slots.",
    "a wrong whole": "You filled 5 of the 7 freed slots.",
    "refilled after cancels": "Two of the three cancelled slots were filled again.",
    "a negated count": "3 visits were not cancelled.",
    "reachable after all": "Rex Goh can be reached.",
    "answered after all": "Mei Tan, who has answered, needs a call.",
    "she, confirmed": "Mei Tan went quiet. She has confirmed.",
    "she, another day": "Mei Tan went quiet. She comes on Thursday at 10:00am.",
    "came after all": "Dana Lim came on Wednesday at 9:00am.",
    "everybody answered": "Everybody who was reminded has answered.",
    "everybody reachable": "Every customer in the week ahead can be reached.",
    "nobody to call": "There is nobody to call.",
    "too few to call": "One customer needs a call.",
    "nothing to mend": "There is nothing to mend in the sheet.",
    "a row of who has none": "Row 14 (Rex Goh) needs mending.",
    "attendance forgotten": "Attendance was not recorded.",
    "a week that begins otherwise": "In the week beginning on Tuesday 15 December 42 visits took place.",
    "hours of the median answer": "The median was 26.5 minutes.",
    "the week before's cost": "The week before the texts cost SGD 2.81.",
    "the cost of one": "Each text cost SGD 2.81.",
    "money from customers": "Customers paid SGD 2.81.",
    "how they answered": "31 confirmations came by text.",
    "weeks of the average, not the rate": "Over 4 weeks confirmed visits had 4 no-shows, unconfirmed ones 11.",
    "another rate": "Over 5 weeks the cancellation rate was 2.9 per cent among confirmed visits.",
    "brought about": "Reminders brought 42 visits.",
    "brackets called this week's": "Confirmed: 31 (28). Figures in brackets are for this week.",
    "another doctor, of two named": "Mei Tan is with Dr Ong and Arun Rao with Dr Lim.",
}
"""What reading more freely could have let through, and some that the first checker did let through."""
