"""The calendar lane: each booking in a calendar is proposed once, and once more for each move or cancellation.

Changes are asked for by a sync token; once a day everything is listed anew, since a token's span doesn't move on with
the days. Nothing is written to a calendar.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.calendar_booking import is_booking, read_event
from chalicelib.domain.events import iso
from chalicelib.domain.mirror import read_mirror
from chalicelib.domain.proposal import Draft, Kind, Lane, Reader, Source
from chalicelib.domain.visible_text import visible_text
from chalicelib.domain.work import StaffLine
from chalicelib.errors import StoreConflict, TokenExpired, UpstreamError
from chalicelib.intake_ports import CalendarChanges, CalendarEvent
from chalicelib.ports import Document
from chalicelib.runtime import Runtime
from chalicelib.usecases.calendar_state import CalendarState, SeenEvent, read_states, states_text
from chalicelib.usecases.propose import propose
from chalicelib.usecases.shop import Shop
from chalicelib.usecases.tell_once import tell_once

log = logging.getLogger(__name__)

HORIZON = timedelta(days=60)
_TOLD = "calendar#"


def sync_calendar(rt: Runtime) -> int:
    """Look at every configured calendar and propose what is new there; returns how many were proposed.

    A calendar that fails is told to staff once and doesn't stop the others; its next run catches up. A run that dies
    may be repeated: the proposals have their ids from the events. Raises StoreError, or UpstreamError of the store's.
    """
    now = rt.clock()
    stored = rt.documents.read(Document.CALENDARS)
    former = read_states(stored.text if stored else None)
    states: dict[str, CalendarState] = {}
    failed: dict[str, Mapping[str, object]] = {}
    proposed = 0
    for calendar in rt.config.calendars:
        state = former.get(calendar, CalendarState())
        try:
            states[calendar], count = _sync(rt, calendar, state, now)
            proposed += count
        except UpstreamError as error:
            states[calendar] = state
            failed[f"{_TOLD}{calendar}"] = {"calendar": calendar, "why": error.reason}
            rt.metrics.count("calendar_failed")
            log.warning("calendar_failed", extra={"why": error.reason})
    if states != former:
        try:
            rt.documents.write(Document.CALENDARS, states_text(states), stored)
        except StoreConflict:
            log.info("calendar_synced_by_another_run")
    tell_once(rt, _TOLD, failed, _failure_line, now)
    rt.store.beat("calendar_sync", now)
    return proposed


def _sync(rt: Runtime, calendar: str, state: CalendarState, now: datetime) -> tuple[CalendarState, int]:
    """One calendar: its state afterwards, and how many proposals came of it."""
    today = now.astimezone(rt.config.zone).date().isoformat()
    whole = not state.token or state.listed != today
    changes = _changes(rt, calendar, "" if whole else state.token, now)
    if changes is None:
        whole, changes = True, _list(rt, calendar, now)
    events = {event.event_id: event for event in changes.events}
    seen = dict(state.events)
    services = _services(rt) if events else ()
    if whole:  # what isn't listed any more has moved out of sight, or is gone
        for event_id, known in seen.items():
            if event_id not in events and not known.cancelled and known.start >= iso(now):
                there = rt.calendars.event(calendar, event_id)
                events[event_id] = there or CalendarEvent(event_id, calendar, "cancelled")
    proposed = 0
    for event in events.values():
        draft, after = _look(rt, event, seen.get(event.event_id), services, now)
        if draft is not None and after is not None:
            uid = f"{calendar}/{event.event_id}"
            source = Source(Lane.CALENDAR, uid, after.change, draft.values.get("service", ""), "Google Calendar")
            found = propose(rt, [replace(draft, uid=uid, sequence=after.change)], source, now)
            proposed += sum(proposal.made_at == now for proposal in found)
        if after is not None:
            seen[event.event_id] = after
    still = {event_id: known for event_id, known in seen.items() if known.start >= iso(now - timedelta(days=1))}
    return CalendarState(changes.token, today if whole else state.listed, still), proposed


def _changes(rt: Runtime, calendar: str, token: str, now: datetime) -> CalendarChanges | None:
    """What has changed; None for a token that Google has forgotten."""
    if not token:
        return _list(rt, calendar, now)
    try:
        return rt.calendars.changes(calendar, token, now, now + HORIZON)
    except TokenExpired:
        log.info("calendar_token_expired")
        return None


def _list(rt: Runtime, calendar: str, now: datetime) -> CalendarChanges:
    return rt.calendars.changes(calendar, "", now, now + HORIZON)


def _look(
    rt: Runtime, event: CalendarEvent, known: SeenEvent | None, services: Sequence[str], now: datetime
) -> tuple[Draft | None, SeenEvent | None]:
    """What is to be proposed of an event, and how it is remembered: (None, None) for one that is no booking."""
    text = visible_text(event.description)
    gone = event.status == "cancelled"
    if gone or not is_booking(text):
        if known is None or known.cancelled:
            return None, known
        why = "The event was deleted." if gone else "#appt was taken off the event: is the visit off?"
        after = replace(known, change=known.change + 1, cancelled=True)
        quotes = {name: value for name, value in known.values.items() if value}
        return Draft(Kind.CANCELLATION, Reader.CALENDAR, known.values, quotes, (), (why,)), after
    start = iso(event.start) if event.start else event.all_day
    if start < (iso(now) if event.start else now.astimezone(rt.config.zone).date().isoformat()):
        return None, known
    draft = read_event(
        event.summary,
        text,
        event.start,
        event.all_day,
        event.attendees,
        rt.config.zone,
        rt.config.country,
        frozenset({event.organizer, event.calendar.lower(), rt.config.email_from.lower()}),
        services,
    )
    if event.status == "tentative":
        draft = replace(draft, flags=(*draft.flags, "The event is only pencilled in (tentative)."))
    if known is None:
        return draft, SeenEvent(start, draft.values)
    after = replace(known, start=start, values=draft.values, change=known.change + 1, cancelled=False)
    if known.start != start and not known.cancelled:
        old = {name: known.values.get(name, "") for name in ("date", "time")}
        return replace(draft, kind=Kind.CHANGE, old_values=old), after
    if known.cancelled:
        return draft, after
    return None, replace(known, values=draft.values)  # a new title or note asks nothing of staff


def _services(rt: Runtime) -> tuple[str, ...]:
    """The service names that the sheet has."""
    mirror = Shop(rt).mirror
    rows = read_mirror(mirror) if mirror else []
    return tuple(sorted({name for row in rows if (name := row.values.get("service", "").strip())}))


def _failure_line(facts: Iterable[Mapping[str, object]]) -> StaffLine:
    lines = [f"• {fact['calendar']}: {fact['why']}" for fact in facts]
    head = "A calendar can't be read, so bookings made there aren't proposed until it can be:"
    return StaffLine("\n".join([head, *lines]))
