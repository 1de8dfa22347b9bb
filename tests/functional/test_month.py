"""Five weeks of the sample shop: every figure counted a second time, from what people did and received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil
from statistics import median

import pytest

from chalicelib.domain.week_facts import WeekCounts, WeekFacts
from chalicelib.usecases.count_week import count_last_week
from chalicelib.usecases.shop import Shop
from tests.functional.played_month import END, MINUTE, UNNOTED, ZONE, Held, Message, Month, Pressed
from tests.functional.sample_month import the_month

MONDAYS = [date(2026, 11, 30) + timedelta(days=7 * n) for n in range(5)]
LAST = MONDAYS[-1]
WEEK = timedelta(days=7)
PRICES = {"+65": Decimal("0.05"), "+44": Decimal("0.04")}


@pytest.fixture(scope="module")
def month() -> Iterator[Month]:
    """The month, played once; it is Monday noon."""
    played = the_month()
    played.rt.clock.now = END
    yield played


@pytest.fixture(scope="module")
def facts(month: Month) -> WeekFacts:
    return count_last_week(month.rt, Shop(month.rt), LAST, END).facts


@pytest.fixture(params=MONDAYS, ids=str)
def week(request: pytest.FixtureRequest) -> Week:
    """Each of the five weeks in turn."""
    return Week(request.param)


class Week:
    """Monday to Monday on the shop's clock."""

    def __init__(self, monday: date) -> None:
        self.monday = monday
        self.begin = datetime(monday.year, monday.month, monday.day, tzinfo=ZONE)

    def __contains__(self, instant: datetime) -> bool:
        return self.begin <= instant < self.begin + WEEK

    def counted(self, facts: WeekFacts) -> WeekCounts:
        """What the system says of it."""
        [found] = [one for one in (*facts.before, facts.week) if one.monday == self.monday]
        return found

    def stood(self, month: Month) -> list[Held]:
        return [held for held in month.holds if held.start in self and stood(held)]

    def sent(self, month: Month) -> list[Message]:
        return [m for m in month.messages if m.at in self and m.became in ("taken", "undelivered")]


def stood(held: Held) -> bool:
    return held.until is None or held.until >= held.start


def overlap(one: Held, other: Held) -> bool:
    return one.staff == other.staff and one.start < other.end and other.start < one.end


def presses_on(month: Month, held: Held) -> list[Pressed]:
    return [press for press in month.presses if (press.customer, press.start) == (held.customer, held.start)]


def chosen(month: Month, held: Held) -> bool:
    """Whether the customer moved there."""
    moves = {(p.customer, p.at) for p in month.presses if p.action == "reschedule"}
    return (held.customer, held.since) in moves


def first_confirms(month: Month, week: Week) -> list[Pressed]:
    first: dict[tuple[str, datetime], Pressed] = {}
    for press in month.presses:
        if press.action == "confirm" and press.at in week:
            first.setdefault((press.customer, press.start), press)
    return list(first.values())


def standing_cancels(month: Month, week: Week) -> list[Pressed]:
    undone = {(p.customer, p.start) for p in month.presses if p.action == "undo"}
    cancels = [p for p in month.presses if p.action == "cancel" and p.at in week]
    return [p for p in cancels if (p.customer, p.start) not in undone]


def freed(month: Month, week: Week) -> list[Held]:
    """Time that was given up before it came and that the customer does not still take."""
    given_up = [held for held in month.holds if held.start in week and not stood(held)]
    mine = {held.customer: [o for o in month.holds if o.customer == held.customer and stood(o)] for held in given_up}
    return [held for held in given_up if not any(overlap(held, other) for other in mine[held.customer])]


def refilled(month: Month, gone: Held) -> bool:
    assert gone.until is not None
    return any(
        other.customer != gone.customer
        and stood(other)
        and overlap(gone, other)
        and gone.until <= other.since < gone.start
        for other in month.holds
    )


def segments(messages: Iterable[Message]) -> int:
    bodies = [m.body for m in messages if m.kind == "text"]
    return sum(1 if len(body) <= 160 else ceil(len(body) / 153) for body in bodies)


# ---------------------------------------------------------------- the month is worth counting


def test_everything_that_is_counted_happens(month: Month) -> None:
    """A figure that is nothing on both sides would prove nothing."""
    kinds = {(press.action, press.by_customer) for press in month.presses}
    assert kinds == {("confirm", True), ("confirm", False), ("reschedule", True), ("cancel", True), ("undo", True)}
    assert {message.became for message in month.messages} == {"taken", "refused", "lost", "undelivered"}
    assert set(month.status.values()) == {"no-show", "done"}
    every_freed = [held for monday in MONDAYS for held in freed(month, Week(monday))]
    assert {refilled(month, held) for held in every_freed} == {True, False}
    assert len(month.rows()) < len(month.holds) / 2, "most rows have left the sheet"


def test_nobody_was_booked_twice_over(month: Month) -> None:
    """Else a slot could not be said to be free."""
    here = [held for held in month.holds if stood(held)]
    assert [(a.customer, b.customer) for a in here for b in here if a.customer < b.customer and overlap(a, b)] == []


# ---------------------------------------------------------------- week by week


def test_visits_no_shows_and_the_unreachable(month: Month, facts: WeekFacts, week: Week) -> None:
    """Promise 72."""
    counted, visits = week.counted(facts), week.stood(month)
    noted = [month.status[held.customer] for held in visits if held.customer in month.status]
    assert counted.visits == len(visits)
    assert counted.no_shows == (noted.count("no-show") if noted else None)
    assert counted.unreachable == sum(not held.reachable for held in visits)


def test_the_week_in_which_nobody_noted_attendance_has_no_figure(facts: WeekFacts) -> None:
    assert Week(UNNOTED[0].date()).counted(facts).no_shows is None


def test_reminders_by_channel_and_sends_by_hour(month: Month, facts: WeekFacts, week: Week) -> None:
    counted, sent = week.counted(facts), week.sent(month)
    reminders = [message.kind for message in sent if message.mark == "R"]
    hours = [message.at.astimezone(ZONE).hour for message in sent]
    assert (counted.reminder_texts, counted.reminder_emails) == (reminders.count("text"), reminders.count("email"))
    assert counted.sent_by_hour == tuple(hours.count(hour) for hour in range(24))


def test_confirmations_by_day_and_how_long_they_took(month: Month, facts: WeekFacts, week: Week) -> None:
    """Promise 72."""
    counted, confirms = week.counted(facts), first_confirms(month, week)
    days = [press.at.astimezone(ZONE).weekday() for press in confirms]
    waits = []
    for press in confirms:
        about = [m for m in month.messages if (m.customer, m.start, m.became) == (press.customer, press.start, "taken")]
        if press.by_customer:
            waits.append((press.at - max(m.at for m in about if m.at <= press.at)) / MINUTE)
    assert (counted.confirmed, counted.confirmed_by_day) == (len(days), tuple(days.count(day) for day in range(7)))
    assert counted.minutes_to_confirm == int(median(waits) + 0.5)


def test_moves_cancels_and_their_notice(month: Month, facts: WeekFacts, week: Week) -> None:
    counted, cancels = week.counted(facts), standing_cancels(month, week)
    notice = [(press.start - press.at) / timedelta(hours=1) for press in cancels]
    assert counted.moved == sum(press.action == "reschedule" and press.at in week for press in month.presses)
    assert counted.moved_by_staff == sum(at in week for at in month.staff_moves)
    assert counted.cancelled == len(cancels)
    assert counted.notice_hours == round(median(notice), 1)


def test_slots_freed_and_filled_again(month: Month, facts: WeekFacts, week: Week) -> None:
    """Promise 72."""
    counted, slots = week.counted(facts), freed(month, week)
    assert counted.freed == len({(held.customer, held.start) for held in slots})
    assert counted.refilled == sum(refilled(month, held) for held in slots)


def test_what_did_not_arrive(month: Month, facts: WeekFacts, week: Week) -> None:
    counted = week.counted(facts)
    became = [message.became for message in month.messages if message.at in week]
    assert counted.undelivered == became.count("undelivered")
    assert counted.unknown == became.count("lost")
    assert counted.failed == became.count("refused")


def test_segments(month: Month, facts: WeekFacts, week: Week) -> None:
    assert week.counted(facts).segments == segments(week.sent(month))


# ---------------------------------------------------------------- the told week as a whole


def test_who_went_quiet_by_name_and_what_to_do(month: Month, facts: WeekFacts) -> None:
    """Promise 72."""
    week = Week(LAST)
    quiet = []
    for held in sorted(month.holds, key=lambda held: held.start):
        reminded = any(
            (m.customer, m.start, m.mark, m.became) == (held.customer, held.start, "R", "taken") for m in month.messages
        )
        if not stood(held) or not reminded or presses_on(month, held) or chosen(month, held):
            continue
        if END < held.start <= END + WEEK:
            quiet.append((0, held.customer, "call"))
        elif held.start in week and month.status.get(held.customer) != "done":
            missed = month.status.get(held.customer) == "no-show"
            quiet.append((1, held.customer, "offer another time" if missed else "note whether they came"))
    expected = [(customer, to_do) for _, customer, to_do in sorted(quiet, key=lambda one: one[0])]
    assert {to_do for _, to_do in expected} == {"call", "offer another time", "note whether they came"}
    assert [(visit.customer, visit.to_do.value) for visit in facts.quiet] == expected


def test_who_can_not_be_reached_in_the_days_ahead(month: Month, facts: WeekFacts) -> None:
    ahead = [h for h in month.holds if stood(h) and not h.reachable and END < h.start <= END + WEEK]
    assert [visit.customer for visit in facts.unreachable] == [h.customer for h in sorted(ahead, key=lambda h: h.start)]


def test_no_shows_of_those_who_confirmed_beside_the_unanswered(month: Month, facts: WeekFacts) -> None:
    weeks = [week for week in map(Week, MONDAYS) if any(h.customer in month.status for h in week.stood(month))]
    visits = [held for week in weeks for held in week.stood(month)]
    confirmed = [held for held in visits if any(p.action == "confirm" for p in presses_on(month, held))]
    unanswered = [held for held in visits if not presses_on(month, held) and not chosen(month, held)]
    assert facts.attendance is not None
    found = facts.attendance
    assert (found.since, found.weeks) == (weeks[0].monday, len(weeks))
    for rate, of in ((found.confirmed, confirmed), (found.unconfirmed, unanswered)):
        missed = [held for held in of if month.status.get(held.customer) == "no-show"]
        assert (rate.no_shows, rate.visits) == (len(missed), len(of))


def test_rows_that_are_still_to_mend(month: Month, facts: WeekFacts) -> None:
    bad = [row["Customer"] for row in month.rows() if row["Customer"].startswith("Helen Mok")]
    assert [(row.customer, row.field) for row in facts.bad_rows] == [(customer, "date") for customer in bad]


def test_what_the_texts_cost(month: Month, facts: WeekFacts) -> None:
    texts = [m for m in Week(LAST).sent(month) if m.kind == "text"]
    by_country: dict[str, int] = {}
    for text in texts:
        phone = month.phones[text.customer]
        country = phone[:3] if phone.startswith("+") else "+65"
        by_country[country] = by_country.get(country, 0) + segments([text])
    assert facts.cost is not None
    assert facts.cost.amount == sum(PRICES.get(country, Decimal(0)) * n for country, n in by_country.items())
    assert facts.cost.unpriced == sum(n for country, n in by_country.items() if country not in PRICES)
