"""A small Google Calendar behind the real client library, and a Python side for whoever keeps the calendar.

What counts is kept as Google keeps it: recurring events listed as single ones, deleted events that are still listed
with their status, result pages, and sync tokens that remember their span and can run out (410).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

from local.standins.google_sheets import ApiRefusal, bad_request
from local.standins.http import Request

PATH = re.compile(r"/calendar/v3/(?:calendars/([^/]+)/events(?:/([^/]+))?|(freeBusy))")
_SPAN_OF_RECURRENCE = timedelta(days=800)


@dataclass
class Event:
    """One event, or the head of a series (`recurrence`). `start` and `end`: ISO with offset, or days."""

    event_id: str
    summary: str
    description: str
    start: str
    end: str
    attendees: list[dict[str, Any]] = field(default_factory=list)
    recurrence: str = ""  # RRULE:...
    status: str = "confirmed"
    changed: int = 0
    exceptions: dict[str, dict[str, Any]] = field(default_factory=dict)  # single events of the series, changed


class CalendarApi:
    """Calendars by id. Not safe to share: the stand-in that it belongs to locks."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.calendars: dict[str, dict[str, Event]] = {}
        self.page_size = 250
        self._version = 0
        self._oldest_token = 0

    # ------------------------------------------------------------ what people do

    def add(
        self,
        calendar: str,
        summary: str,
        description: str,
        start: datetime | date,
        minutes: int = 60,
        attendees: Sequence[Mapping[str, Any]] = (),
        recurrence: str = "",
    ) -> str:
        """Enter an event; a `date` makes it one of the whole day. Returns its id."""
        events = self.calendars.setdefault(calendar, {})
        self._version += 1
        event_id = f"event{self._version}"
        begin, end = _points(start, minutes)
        people = [dict(person) for person in attendees]
        events[event_id] = Event(event_id, summary, description, begin, end, people, recurrence, changed=self._version)
        return event_id

    def edit(self, calendar: str, event_id: str, **changes: Any) -> None:
        """Change an event, or one of a series. `start` (with `minutes`) moves it; `status="cancelled"` deletes it.

        Raises KeyError for an event that isn't there.
        """
        if "start" in changes:
            changes["start"], changes["end"] = _points(changes["start"], changes.pop("minutes", 60))
        self._version += 1
        head, _, instance = event_id.partition("_")
        event = self.calendars[calendar][head]
        event.changed = self._version
        if instance:
            event.exceptions[instance] = {**event.exceptions.get(instance, {}), **changes, "changed": self._version}
        else:
            for name, value in changes.items():
                setattr(event, name, value)

    def delete(self, calendar: str, event_id: str) -> None:
        """Delete an event."""
        self.edit(calendar, event_id, status="cancelled")

    def upcoming(self, calendar: str, since: datetime) -> list[dict[str, Any]]:
        """The single events that are on and end after `since`, for whoever looks at the calendar."""
        singles = [one for event in self.calendars.get(calendar, {}).values() for one in self._singles(event)]
        last = (self._clock() + timedelta(days=60)).isoformat()
        return [one for one in singles if one["status"] != "cancelled" and _within(one, since.isoformat(), last)]

    def expire_tokens(self) -> None:
        """Forget every sync token that was given."""
        self._version += 1
        self._oldest_token = self._version

    def save(self) -> dict[str, Any]:
        """What is kept."""
        return {
            "version": self._version,
            "oldest": self._oldest_token,
            "calendars": {name: [asdict(e) for e in events.values()] for name, events in self.calendars.items()},
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Take up what was kept."""
        self._version, self._oldest_token = state["version"], state["oldest"]
        self.calendars = {
            name: {event["event_id"]: Event(**event) for event in events} for name, events in state["calendars"].items()
        }

    # ------------------------------------------------------------ what the system asks

    def handle(self, calendar: str | None, event_id: str | None, request: Request) -> dict[str, Any]:
        """Answer a request whose path matched `PATH`."""
        if calendar is None:
            return self._free_busy(request.json())
        if request.method != "GET":
            raise ApiRefusal(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.")
        events = self._of(unquote(calendar))
        return self._get(events, unquote(event_id)) if event_id else self._list(events, request)

    def _of(self, calendar: str) -> dict[str, Event]:
        if calendar not in self.calendars:
            raise ApiRefusal(404, "NOT_FOUND", "Not Found")
        return self.calendars[calendar]

    def _get(self, events: Mapping[str, Event], event_id: str) -> dict[str, Any]:
        head = events.get(event_id.partition("_")[0])
        found = next((i for i in self._singles(head) if i["id"] == event_id), None) if head else None
        if found is None:
            raise ApiRefusal(404, "NOT_FOUND", "Not Found")
        return _shown(found)

    def _list(self, events: Mapping[str, Event], request: Request) -> dict[str, Any]:
        token = request.one("syncToken")
        if token and (request.one("timeMin") or request.one("timeMax")):
            raise bad_request("Sync token cannot be used with timeMin or timeMax.")
        if request.one("singleEvents") != "true":
            raise bad_request("this stand-in lists single events only")
        asked = json.loads(base64.urlsafe_b64decode(token)) if token else None
        if asked and asked["version"] < self._oldest_token:
            raise ApiRefusal(410, "GONE", "Sync token is no longer valid, a full sync is required.")
        since = asked["version"] if asked else -1
        first = asked["min"] if asked else request.one("timeMin")
        last = asked["max"] if asked else request.one("timeMax")
        found = [
            single
            for event in events.values()
            for single in self._singles(event)
            if single["changed"] > since and _within(single, first, last)
        ]
        found.sort(key=lambda single: (single["changed"], single["id"]))
        begin = int(request.one("pageToken", "0"))
        size = min(self.page_size, int(request.one("maxResults", "250")))
        answer: dict[str, Any] = {"items": [_shown(single) for single in found[begin : begin + size]]}
        if begin + size < len(found):
            answer["nextPageToken"] = str(begin + size)
        else:
            token_of_now = {"version": self._version, "min": first, "max": last}
            answer["nextSyncToken"] = base64.urlsafe_b64encode(json.dumps(token_of_now).encode()).decode()
        return answer

    def _singles(self, event: Event) -> list[dict[str, Any]]:
        """The single events of an event."""
        base = {
            "id": event.event_id,
            "status": event.status,
            "summary": event.summary,
            "description": event.description,
            "start": event.start,
            "end": event.end,
            "attendees": event.attendees,
            "changed": event.changed,
        }
        if not event.recurrence:
            return [base]
        begin, end = datetime.fromisoformat(event.start), datetime.fromisoformat(event.end)
        limit = self._clock() + _SPAN_OF_RECURRENCE
        singles = []
        for start in rrulestr(event.recurrence.removeprefix("RRULE:"), dtstart=begin):
            if start > limit:
                break
            name = start.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
            single = {
                **base,
                "id": f"{event.event_id}_{name}",
                "start": start.isoformat(),
                "end": (start + (end - begin)).isoformat(),
            }
            changed = event.exceptions.get(name, {})
            singles.append({**single, **changed, "changed": max(event.changed, changed.get("changed", 0))})
        return singles

    def _free_busy(self, body: Mapping[str, Any]) -> dict[str, Any]:
        first, last = body["timeMin"], body["timeMax"]
        answer: dict[str, Any] = {}
        for item in body["items"]:
            events = self.calendars.get(item["id"])
            if events is None:
                answer[item["id"]] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
                continue
            busy = [
                {"start": single["start"], "end": single["end"]}
                for event in events.values()
                for single in self._singles(event)
                if single["status"] != "cancelled" and "T" in single["start"] and _within(single, first, last)
            ]
            answer[item["id"]] = {"busy": sorted(busy, key=lambda span: datetime.fromisoformat(span["start"]))}
        return {"calendars": answer}


def _points(start: datetime | date, minutes: int) -> tuple[str, str]:
    if isinstance(start, datetime):
        return start.isoformat(), (start + timedelta(minutes=minutes)).isoformat()
    return start.isoformat(), (start + timedelta(days=1)).isoformat()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _within(single: Mapping[str, Any], first: str, last: str) -> bool:
    """Whether it overlaps [first, last), as Google means `timeMin` and `timeMax`."""
    return not (first and _moment(single["end"]) <= _moment(first)) and not (
        last and _moment(single["start"]) >= _moment(last)
    )


def _shown(single: Mapping[str, Any]) -> dict[str, Any]:
    """The event as the API gives it; a deleted one has little left."""
    if single["status"] == "cancelled":
        return {"id": single["id"], "status": "cancelled"}
    kind = "dateTime" if "T" in single["start"] else "date"
    return {
        "id": single["id"],
        "status": single["status"],
        "summary": single["summary"],
        "description": single["description"],
        "start": {kind: single["start"]},
        "end": {kind: single["end"]},
        "attendees": single["attendees"],
        "htmlLink": f"https://calendar.example/event?eid={single['id']}",
        "organizer": {"email": "shop@bright.example"},
    }
