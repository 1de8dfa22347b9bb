"""Google Calendar: which events have changed, and when a calendar is taken. It is only ever read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.adapters.google_credentials import VENDOR, GoogleApi
from chalicelib.errors import UpstreamError
from chalicelib.intake_ports import CalendarChanges, CalendarEvent

MOST_PAGES = 40
"""Pages of one listing: ten thousand events. A shop's next two months have fewer; a calendar with more is refused."""
_PAGE = 250
_FIELDS = (
    "id,status,summary,description,start,end,htmlLink,organizer(email),"
    "attendees(email,displayName,organizer,self,resource)"
)


class GoogleCalendars:
    """`intake_ports.Calendars`. Recurring events come as the single events that they are made of."""

    def __init__(self, api: GoogleApi) -> None:
        self._api = api

    def changes(self, calendar: str, token: str, since: datetime, until: datetime) -> CalendarChanges:
        """What has changed since the token, or, without one, all of [since, until); every page of it.

        A token remembers the span that it began with: Google takes no span beside one. Raises TokenExpired.
        """
        span = {"syncToken": token} if token else {"timeMin": _stamp(since), "timeMax": _stamp(until)}
        events: list[CalendarEvent] = []
        page: str | None = None
        for _ in range(MOST_PAGES):
            asked = {
                "calendarId": calendar,
                "singleEvents": True,
                "showDeleted": True,
                "maxResults": _PAGE,
                "fields": f"nextPageToken,nextSyncToken,items({_FIELDS})",
                **span,
                **({"pageToken": page} if page else {}),
            }
            answer = self._api.call(lambda asked=asked: self._api.events.list(**asked))  # type: ignore[misc]
            events.extend(_event(calendar, item) for item in answer.get("items", ()))
            page = answer.get("nextPageToken")
            if not page:
                return CalendarChanges(events, str(answer.get("nextSyncToken", "")))
        raise UpstreamError(VENDOR, f"the calendar has more than {MOST_PAGES * _PAGE} events in two months")

    def event(self, calendar: str, event_id: str) -> CalendarEvent | None:
        """One event as it is now, a deleted one with its status; None if there is none."""
        try:
            item = self._api.call(lambda: self._api.events.get(calendarId=calendar, eventId=event_id, fields=_FIELDS))
        except UpstreamError as error:
            if error.reason.startswith("404"):
                return None
            raise
        return _event(calendar, item)

    def busy(self, calendar: str, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
        """When the calendar is taken, in UTC's order. Raises UpstreamError, also for a calendar that isn't shared."""
        body = {"timeMin": _stamp(since), "timeMax": _stamp(until), "items": [{"id": calendar}]}
        answer = self._api.call(lambda: self._api.freebusy.query(body=body))
        found = answer.get("calendars", {}).get(calendar, {})
        if found.get("errors"):
            raise UpstreamError(VENDOR, "the calendar can't be read: share it with the service account")
        return [
            (datetime.fromisoformat(span["start"]), datetime.fromisoformat(span["end"]))
            for span in found.get("busy", ())
        ]


def _event(calendar: str, item: Mapping[str, Any]) -> CalendarEvent:
    start = item.get("start") or {}
    organizer = str((item.get("organizer") or {}).get("email", ""))
    attendees = tuple(
        (str(person.get("displayName", "")), str(person.get("email", "")).lower())
        for person in item.get("attendees", ())
        if not person.get("organizer") and not person.get("self") and not person.get("resource")
    )
    return CalendarEvent(
        event_id=str(item["id"]),
        calendar=calendar,
        status=str(item.get("status", "confirmed")),
        summary=str(item.get("summary", "")),
        description=str(item.get("description", "")),
        start=_instant(start),
        all_day=str(start.get("date", "")),
        end=_instant(item.get("end") or {}),
        attendees=attendees,
        organizer=organizer.lower(),
        link=str(item.get("htmlLink", "")),
    )


def _instant(point: Mapping[str, Any]) -> datetime | None:
    """The moment of a `start` or `end`; None for a day. Google gives an offset, or the zone that it is in."""
    if "dateTime" not in point:
        return None
    moment = datetime.fromisoformat(str(point["dateTime"]))
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(str(point.get("timeZone", "UTC"))))


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
