"""The gap alert: after the customer had time to answer, and while the slot can still be filled."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from chalicelib.domain.decision import Due
from chalicelib.domain.rules import QuietHours
from tests.builders import Chain, a_chain, closed, hours_of, local, sending_hours


def gap_of(chain: Chain, now: datetime | None = None) -> Due | None:
    at = now or chain.seen.first_seen
    return next((due for due in chain.at(at, timedelta(days=60)).due if due.window is None), None)


def gap_minute(chain: Chain) -> datetime | None:
    gap = gap_of(chain)
    return gap.at if gap else None


AFTERNOON = local("2026-11-26 15:00")


def test_staff_hear_of_a_silent_customer_three_hours_before():
    """Promise 32."""
    assert gap_minute(a_chain(hours_of(48), start=AFTERNOON)) == local("2026-11-26 12:00")


def test_the_alert_waits_an_hour_after_a_reminder_that_goes_just_before_it():
    chain = a_chain(hours_of(48, 4), start=AFTERNOON, gap_minutes=210)
    assert gap_minute(chain) == local("2026-11-26 12:00")


def test_a_reminder_exactly_an_hour_before_the_alert_leaves_it_where_it_is():
    assert gap_minute(a_chain(hours_of(48, 4), start=AFTERNOON)) == local("2026-11-26 12:00")


def test_the_alert_waits_for_one_reminder_after_another():
    """3 hours before would be 12:00; the 3-hour reminder moves it to 13:00, the 2-hour one there to 14:00."""
    assert gap_minute(a_chain(hours_of(3, 2), start=AFTERNOON)) == local("2026-11-26 14:00")


def test_an_alert_before_any_reminder_comes_an_hour_after_the_first_one():
    assert gap_minute(a_chain(hours_of(2), start=AFTERNOON, gap_minutes=240)) == local("2026-11-26 14:00")


def test_an_alert_is_never_later_than_half_an_hour_before_the_start():
    assert gap_minute(a_chain((60,), start=AFTERNOON)) == local("2026-11-26 14:30")


@pytest.mark.parametrize(("window", "alert"), [(45, "14:30"), (44, None)])
def test_a_customer_with_less_than_a_quarter_of_an_hour_to_answer_is_not_called_silent(window: int, alert: str | None):
    want = local(f"2026-11-26 {alert}") if alert else None
    assert gap_minute(a_chain((window,), start=AFTERNOON)) == want


def test_an_alert_at_night_waits_for_the_morning_if_an_hour_is_left():
    assert gap_minute(a_chain(hours_of(24), start=local("2026-11-26 09:00"))) == local("2026-11-26 08:00")


def test_an_alert_that_cannot_wait_for_the_morning_comes_in_the_last_minute_of_the_evening():
    chain = a_chain(hours_of(24), start=local("2026-11-26 08:30"))
    assert gap_minute(chain) == local("2026-11-25 20:59")


def test_an_alert_stays_in_the_night_rather_than_come_more_than_twelve_hours_early():
    hours = sending_hours(quiet=QuietHours(time(17), time(8)))
    chain = a_chain(hours_of(24), start=local("2026-11-26 08:30"), hours=hours)
    assert gap_minute(chain) == local("2026-11-26 05:30")


def test_an_alert_does_not_come_early_on_top_of_a_reminder():
    """20:45 is the 2-hour reminder's minute for a visit at 7:15: an alert at 20:59 would leave no time to answer."""
    chain = a_chain(hours_of(24, 2), start=local("2026-11-26 07:15"))
    assert gap_minute(chain) == local("2026-11-26 04:15")


def test_an_alert_does_not_come_early_before_the_first_reminder():
    """The only reminder goes at 8:00; the evening before, the customer has had nothing to answer."""
    chain = a_chain(hours_of(2), start=local("2026-11-26 09:15"), gap_minutes=300)
    assert gap_minute(chain) == local("2026-11-26 08:45")


def test_the_alert_counts_from_the_minute_a_reminder_really_went():
    chain = a_chain(hours_of(48, 4), start=AFTERNOON)
    chain.send(2880, local("2026-11-24 15:00"))
    chain.send(240, local("2026-11-26 11:20"))
    assert gap_minute_at(chain, "11:30") == local("2026-11-26 12:20")


def test_a_reminder_that_was_missed_does_not_count_as_one():
    """Nothing ran until 13:50: the 4-hour reminder goes then, and the alert gives it an hour, as far as it can."""
    chain = a_chain(hours_of(4), start=AFTERNOON)
    assert gap_minute_at(chain, "13:50") == local("2026-11-26 14:30")
    assert gap_minute_at(chain, "14:20") is None


def gap_minute_at(chain: Chain, clock: str) -> datetime | None:
    gap = gap_of(chain, local(f"2026-11-26 {clock}"))
    return gap.at if gap else None


def test_a_missed_alert_still_comes_while_the_visit_is_ahead():
    chain = a_chain(hours_of(48), start=AFTERNOON, sent={"h48": local("2026-11-24 15:00")})
    gap = gap_of(chain, local("2026-11-26 14:59"))
    assert gap is not None
    assert (gap.at, gap.planned) == (local("2026-11-26 14:59"), local("2026-11-26 12:00"))
    assert gap.useful_until == local("2026-11-26 14:59")
    assert gap_of(chain, AFTERNOON) is None


def test_an_alert_comes_once_in_a_chain():
    sent = {"h48": local("2026-11-24 15:00"), "gap": local("2026-11-26 12:00")}
    assert gap_of(a_chain(hours_of(48), start=AFTERNOON, sent=sent), local("2026-11-26 12:30")) is None


def test_a_customer_who_was_never_reminded_raises_no_alert():
    chain = a_chain(hours_of(24), start=AFTERNOON, first_seen=local("2026-11-26 13:00"))
    assert gap_of(chain) is None


def test_no_reminders_mean_no_alert():
    """Promise 27."""
    assert gap_of(a_chain((), start=AFTERNOON, reminders=())) is None
    assert gap_of(a_chain((), start=AFTERNOON, reminders=(), phone="")) is None


# ---------------------------------------------------------------- nobody to send to


def test_staff_hear_of_an_unreachable_customer_when_the_first_reminder_would_have_gone():
    chain = a_chain(hours_of(48, 2), start=AFTERNOON, phone="")
    assert gap_minute(chain) == local("2026-11-24 15:00")


def test_staff_hear_at_first_sight_if_that_reminder_would_not_have_gone():
    seen_at = local("2026-11-25 22:30")
    chain = a_chain(hours_of(48, 2), start=AFTERNOON, first_seen=seen_at, phone="")
    assert gap_minute(chain) == seen_at


def test_an_email_address_alone_makes_a_visit_reachable():
    """Promise 36."""
    chain = a_chain(hours_of(48), start=AFTERNOON, phone="", email="mei@example.com")
    assert chain.at(local("2026-11-24 15:00")).due[0].window == 2880


def test_a_closed_sunday_moves_the_alert_to_the_first_minute_of_monday():
    hours = sending_hours(closed_days=closed(weekdays=[6]))
    chain = a_chain(hours_of(72), start=local("2026-11-30 09:30"), hours=hours, gap_minutes=600)
    assert gap_minute(chain) == local("2026-11-30 08:00")
