"""The calendar lane, against the stand-in of Google Calendar and the real adapter (promises 14, 15, 16)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.adapters.google_calendar import GoogleCalendars
from chalicelib.adapters.google_credentials import GoogleApi
from chalicelib.domain.proposal import Kind, Proposal
from chalicelib.ports import Document
from chalicelib.usecases.sync_calendar import sync_calendar
from local.standins.google import GoogleStandIn
from tests.fakes.runtime import FakeRuntime

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)  # 9:00 in Singapore
HOME = ZoneInfo("Asia/Singapore")
CAL, OTHER = "desk@bright.example", "mia@bright.example"
NINE = datetime(2026, 11, 30, 9, tzinfo=HOME)
GUEST = {"displayName": "Mei Tan", "email": "mei@example.com"}


@pytest.fixture
def google() -> Iterator[GoogleStandIn]:
    standin = GoogleStandIn(lambda: NOW)
    standin.start()
    standin.calendar.calendars[CAL] = {}
    standin.calendar.calendars[OTHER] = {}
    yield standin
    standin.stop()


@pytest.fixture
def rt(google: GoogleStandIn) -> Any:
    runtime: Any = FakeRuntime(NOW, calendars=(CAL, OTHER))
    runtime.calendars = GoogleCalendars(GoogleApi(google.service_account, google.url))
    return runtime


def proposals(rt: Any) -> list[Proposal]:
    """Oldest first, those of one run by their day."""
    found: list[Proposal] = rt.store.proposals(NOW - timedelta(days=400))
    return sorted(found, key=lambda proposal: (proposal.made_at, proposal.draft.values.get("date", "")))


def an_hour_later(rt: Any) -> int:
    rt.clock.forward(hours=1)
    return sync_calendar(rt)


def test_promise_14_only_an_event_with_the_tag_in_its_description_is_proposed(rt: Any, google: GoogleStandIn) -> None:
    google.calendar.add(CAL, "#appt Lunch", "with the team", NINE)
    google.calendar.add(CAL, "Lunch", "this is no #appointment", NINE)
    google.calendar.add(CAL, "Cleaning", "Phone: 9123 4567<br>#APPT", NINE, attendees=[GUEST])
    sync_calendar(rt)
    (proposal,) = proposals(rt)
    assert dict(proposal.draft.values) == {
        "customer": "Mei Tan",
        "phone": "+6591234567",
        "email": "mei@example.com",
        "service": "Cleaning",
        "date": "2026-11-30",
        "time": "09:00",
    }


def test_a_labelled_value_may_stand_beside_the_tag(rt: Any, google: GoogleStandIn) -> None:
    google.calendar.add(CAL, "Cleaning - Ken Ho", "#appt Phone: 9876 5432", NINE)
    sync_calendar(rt)
    (proposal,) = proposals(rt)
    assert proposal.draft.values["phone"] == "+6598765432"


def test_promise_15_an_event_is_not_proposed_again_by_the_next_poll(rt: Any, google: GoogleStandIn) -> None:
    google.calendar.add(CAL, "Cleaning", "#appt", NINE, attendees=[GUEST])
    assert sync_calendar(rt) == 1
    for hours in (1, 24, 25, 49):
        rt.clock.now = NOW + timedelta(hours=hours)
        assert sync_calendar(rt) == 0
    assert len(proposals(rt)) == 1


def test_promise_16_an_event_is_put_to_the_staff_with_the_same_buttons_as_a_mail(
    rt: Any, google: GoogleStandIn
) -> None:
    google.calendar.add(CAL, "Cleaning", "#appt", NINE, attendees=[GUEST])
    sync_calendar(rt)
    ((card,),) = rt.staff.cards.values()
    assert [button.action for button in card.buttons] == ["proposal_approve", "proposal_edit", "proposal_discard"]


def test_a_repeated_run_whose_memory_was_lost_proposes_nothing_twice(rt: Any, google: GoogleStandIn) -> None:
    google.calendar.add(CAL, "Cleaning", "#appt", NINE, attendees=[GUEST])
    sync_calendar(rt)
    rt.documents.texts.pop(Document.CALENDARS)
    assert an_hour_later(rt) == 0
    assert len(proposals(rt)) == 1


def test_a_moved_event_is_proposed_as_a_move_once(rt: Any, google: GoogleStandIn) -> None:
    event = google.calendar.add(CAL, "Cleaning", "#appt", NINE, attendees=[GUEST])
    sync_calendar(rt)
    google.calendar.edit(CAL, event, start=NINE + timedelta(hours=2))
    an_hour_later(rt)
    an_hour_later(rt)
    _, moved = proposals(rt)
    assert (moved.draft.values["time"], moved.draft.sequence) == ("11:00", 1)


def test_a_deleted_event_is_proposed_as_a_cancellation_once(rt: Any, google: GoogleStandIn) -> None:
    event = google.calendar.add(CAL, "Cleaning", "#appt", NINE, attendees=[GUEST])
    sync_calendar(rt)
    google.calendar.delete(CAL, event)
    an_hour_later(rt)
    an_hour_later(rt)
    _, gone = proposals(rt)
    assert gone.draft.kind is Kind.CANCELLATION
    assert gone.draft.values["customer"] == "Mei Tan"


def test_an_event_that_moved_beyond_the_horizon_is_noticed_by_the_daily_listing(rt: Any, google: GoogleStandIn) -> None:
    event = google.calendar.add(CAL, "Cleaning", "#appt", NINE, attendees=[GUEST])
    sync_calendar(rt)
    google.calendar.edit(CAL, event, start=NINE + timedelta(days=90))
    rt.clock.now = NOW + timedelta(days=1)
    sync_calendar(rt)
    assert proposals(rt)[-1].draft.values["date"] == "2027-02-28"


def test_a_token_that_ran_out_begins_a_whole_listing_and_loses_nothing(rt: Any, google: GoogleStandIn) -> None:
    google.calendar.add(CAL, "Cleaning", "#appt", NINE, attendees=[GUEST])
    sync_calendar(rt)
    google.calendar.expire_tokens()
    google.calendar.add(CAL, "Whitening", "#appt", NINE + timedelta(days=1), attendees=[GUEST])
    assert an_hour_later(rt) == 1
    assert [p.draft.values["service"] for p in proposals(rt)] == ["Cleaning", "Whitening"]


def test_a_calendar_that_fails_does_not_stop_the_others_and_is_told_once(rt: Any, google: GoogleStandIn) -> None:
    google.calendar.calendars.pop(CAL)
    google.calendar.add(OTHER, "Cleaning", "#appt", NINE, attendees=[GUEST])
    assert sync_calendar(rt) == 1
    sync_calendar(rt)
    told = [work.payload for work in rt.store.work() if CAL in str(work.payload)]
    assert len(told) == 1


def test_a_series_is_proposed_event_by_event_within_sixty_days(rt: Any, google: GoogleStandIn) -> None:
    google.calendar.add(CAL, "Physio", "#appt", NINE, attendees=[GUEST], recurrence="RRULE:FREQ=WEEKLY")
    sync_calendar(rt)
    days = [p.draft.values["date"] for p in proposals(rt)]
    assert days[:2] == ["2026-11-30", "2026-12-07"]
    assert max(days) < "2027-01-24"
    assert len(days) == len(set(days)) == 8


def test_the_horizon_moves_on_with_the_days(rt: Any, google: GoogleStandIn) -> None:
    google.calendar.add(CAL, "Physio", "#appt", NINE, attendees=[GUEST], recurrence="RRULE:FREQ=WEEKLY")
    sync_calendar(rt)
    rt.clock.now = NOW + timedelta(days=8)
    assert sync_calendar(rt) == 1


def test_one_event_of_a_series_can_be_cancelled_alone(rt: Any, google: GoogleStandIn) -> None:
    series = google.calendar.add(
        CAL, "Physio", "#appt", NINE, attendees=[GUEST], recurrence="RRULE:FREQ=WEEKLY;COUNT=3"
    )
    sync_calendar(rt)
    google.calendar.delete(CAL, f"{series}_20261207T010000Z")
    assert an_hour_later(rt) == 1
    assert proposals(rt)[-1].draft.values["date"] == "2026-12-07"


def test_a_whole_day_event_is_proposed_with_the_question_at_what_time(rt: Any, google: GoogleStandIn) -> None:
    google.calendar.add(CAL, "Cleaning", "#appt", date(2026, 11, 30), attendees=[GUEST])
    sync_calendar(rt)
    (proposal,) = proposals(rt)
    assert proposal.draft.values["date"] == "2026-11-30"
    assert "time" not in proposal.draft.values
    assert any("at what time" in flag for flag in proposal.draft.flags)


def test_every_page_of_a_listing_is_read(rt: Any, google: GoogleStandIn) -> None:
    google.calendar.page_size = 2
    for day in range(5):
        google.calendar.add(CAL, f"Visit {day}", "#appt", NINE + timedelta(days=day), attendees=[GUEST])
    assert sync_calendar(rt) == 5


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("America/Los_Angeles", ("2026-11-29", "17:00")), ("Pacific/Auckland", ("2026-11-30", "14:00"))],
)
def test_an_event_of_another_zone_is_put_in_the_shops_time_and_marked(
    google: GoogleStandIn, zone: str, expected: tuple[str, str]
) -> None:
    rt: Any = FakeRuntime(NOW, calendars=(CAL,), zone=ZoneInfo(zone))
    rt.calendars = GoogleCalendars(GoogleApi(google.service_account, google.url))
    google.calendar.add(CAL, "Cleaning", "#appt", NINE, attendees=[GUEST])
    sync_calendar(rt)
    (proposal,) = proposals(rt)
    assert (proposal.draft.values["date"], proposal.draft.values["time"]) == expected
    assert "time" in proposal.draft.doubtful
