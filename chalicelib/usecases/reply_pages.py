"""What the customers' pages show: the visit as it stands, with a fresh token behind each press. Writes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby

from chalicelib.domain.appointment import Appointment
from chalicelib.domain.cell_text import one_line
from chalicelib.domain.events import iso
from chalicelib.domain.reply import Present
from chalicelib.domain.reply_token import Link, ReplyAction, issue_action
from chalicelib.errors import ReminderError
from chalicelib.pages.render import (
    Button,
    PageAnswer,
    ShopFace,
    SlotDay,
    SlotsView,
    VisitView,
    clock_time,
    long_day,
    slots_page,
    visit_page,
)
from chalicelib.runtime import Runtime
from chalicelib.usecases.open_slots import open_slots, read_diary
from chalicelib.usecases.reply_core import standing_of
from chalicelib.usecases.shop import Shop, Visit

BUTTON_LIVES = timedelta(days=1)
_ORDER = (ReplyAction.CONFIRM, ReplyAction.RESCHEDULE, ReplyAction.CANCEL)


def shop_face(rt: Runtime) -> ShopFace:
    """The shop's name and phone for a page; blank if even the configuration can't be read."""
    try:
        return ShopFace(rt.config.shop_name, rt.config.shop_phone)
    except ReminderError:
        return ShopFace("", "")


def visit_answer(
    rt: Runtime,
    shop: Shop,
    visit: Visit,
    link: Link,
    now: datetime,
    *,
    said: str = "",
    outcome: str = "",
    first: str = "",
) -> PageAnswer:
    """The visit's page. `first` is the action that the opened link was for: its button comes first."""
    state, appointment, zone = standing_of(visit), visit.appointment, shop.config.zone
    buttons = _buttons(rt, shop, visit, state, link, now, first)
    can_undo = any(button.action == ReplyAction.UNDO.value for button in buttons)
    return visit_page(
        VisitView(
            shop=shop_face(rt),
            stand=state.stand.value,
            said=said,
            service=one_line(appointment.service),
            staff=one_line(appointment.staff),
            day=long_day(appointment.start, zone),
            time=clock_time(appointment.start, zone),
            buttons=buttons,
            changed=link.chain != state.chain and not said,
            booking_link=_web_address(appointment.link),
            undo_until=clock_time(state.undo_until, zone) if can_undo and state.undo_until else "",
            texts=_texts_button(rt, appointment, state, link, now),
            outcome=outcome,
        )
    )


def slots_answer(
    rt: Runtime,
    shop: Shop,
    visit: Visit,
    link: Link,
    now: datetime,
    *,
    taken: datetime | None = None,
    outcome: str = "",
) -> PageAnswer:
    """The page on which a new time is picked. `taken` is the one that was just lost to somebody else."""
    state, appointment, zone = standing_of(visit), visit.appointment, shop.config.zone
    slots = open_slots(rt, shop, appointment, now)
    days = [
        SlotDay(long_day(day), [(iso(slot), clock_time(slot, zone)) for slot in of_day])
        for day, of_day in groupby(slots, key=lambda slot: slot.astimezone(zone).date())
    ]
    return slots_page(
        SlotsView(
            shop=shop_face(rt),
            service=one_line(appointment.service),
            staff=one_line(appointment.staff),
            day=long_day(appointment.start, zone),
            time=clock_time(appointment.start, zone),
            days=days,
            token=_token(rt, state, link, ReplyAction.RESCHEDULE, now),
            taken=f"{long_day(taken, zone)}, {clock_time(taken, zone)}" if taken else "",
            outcome=outcome,
        )
    )


def _buttons(
    rt: Runtime, shop: Shop, visit: Visit, state: Present, link: Link, now: datetime, first: str
) -> list[Button]:
    if state.offers(ReplyAction.UNDO, now):
        start = state.start
        if not read_diary(rt, shop, visit.appointment, start, start).is_free(start, shop.minutes(visit.appointment)):
            return []
        return [Button(ReplyAction.UNDO.value, _token(rt, state, link, ReplyAction.UNDO, now), primary=True)]
    offered = [action for action in _ORDER if state.offers(action, now)]
    offered.sort(key=lambda action: action.value != first)
    lead = first if any(action.value == first for action in offered) else ReplyAction.CONFIRM.value
    return [
        Button(
            action.value,
            "" if action is ReplyAction.RESCHEDULE else _token(rt, state, link, action, now),
            primary=action.value == lead,
        )
        for action in offered
    ]


def _texts_button(rt: Runtime, appointment: Appointment, state: Present, link: Link, now: datetime) -> Button | None:
    if not appointment.phone or now >= state.start:
        return None
    out = bool(rt.store.opted_out([appointment.phone]))
    action = ReplyAction.TEXTS_AGAIN if out else ReplyAction.NO_TEXTS
    return Button(action.value, _token(rt, state, link, action, now))


def _token(rt: Runtime, state: Present, link: Link, action: ReplyAction, now: datetime) -> str:
    """A button's own token: about the start that the page shows, over with the visit or after a day."""
    expires = min(state.start, now + BUTTON_LIVES)
    if action is ReplyAction.UNDO and state.undo_until is not None:
        expires = min(expires, state.undo_until)
    about = Link(link.appt_id, state.chain, link.window)
    return issue_action(about, action, rt.tokens.nonce(), expires, rt.secrets.reply_keys())


def _web_address(text: str) -> str:
    """The booking link if it is one that a browser should be sent to."""
    address = text.strip()
    return address if address.lower().startswith(("https://", "http://")) and " " not in address else ""
