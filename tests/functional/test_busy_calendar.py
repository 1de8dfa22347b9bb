"""A time that a calendar of the shop says is taken is offered to nobody (DESIGN §7)."""

from __future__ import annotations

from chalicelib.adapters.google_calendar import GoogleCalendars
from chalicelib.adapters.google_credentials import GoogleApi
from local.standins.google import GoogleStandIn
from tests.functional.reply_world import NOW, START, ZONE, Door, local, slots

CAL = "drlee@bright.example"


def test_a_time_that_the_calendar_has_taken_is_not_offered_and_another_is() -> None:
    google = GoogleStandIn(lambda: NOW)
    google.start()
    try:
        google.calendar.add(CAL, "Course", "", local("2026-11-27 15:00").astimezone(ZONE))
        door = Door.open(busy_calendars=(CAL,))
        door.rt.calendars = GoogleCalendars(GoogleApi(google.service_account, google.url))  # type: ignore[attr-defined]
        offered = slots(door.look(move=True))
    finally:
        google.stop()
    assert not {"Fri 27 14:30", "Fri 27 15:00", "Fri 27 15:45"} & set(offered)
    assert {"Fri 27 14:15", "Fri 27 16:00"} <= set(offered)


def test_the_visits_own_event_keeps_nobody_from_moving_by_half_an_hour() -> None:
    google = GoogleStandIn(lambda: NOW)
    google.start()
    try:
        google.calendar.add(CAL, "Mei", "#appt", START.astimezone(ZONE), minutes=45)
        door = Door.open(busy_calendars=(CAL,))
        door.rt.calendars = GoogleCalendars(GoogleApi(google.service_account, google.url))  # type: ignore[attr-defined]
        assert "Thu 26 09:30" in slots(door.look(move=True))
    finally:
        google.stop()


def test_a_calendar_that_can_not_be_read_leaves_the_sheets_free_times() -> None:
    google = GoogleStandIn(lambda: NOW)
    google.start()
    try:
        door = Door.open(busy_calendars=(CAL,))
        door.rt.calendars = GoogleCalendars(GoogleApi(google.service_account, google.url))  # type: ignore[attr-defined]
        assert "Fri 27 15:00" in slots(door.look(move=True))
        assert door.rt.metrics.counts["calendar_failed"] == 1
    finally:
        google.stop()


def test_a_shop_without_such_calendars_asks_google_nothing() -> None:
    assert "Fri 27 15:00" in slots(Door.open().look(move=True))  # this runtime has no calendars to ask
