"""A button on a reply page was pressed: act at once, and show how the visit stands now (DESIGN §7)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from chalicelib.domain.reply import Outcome, Stand
from chalicelib.domain.reply_token import Action, Expired, Link, ReplyAction
from chalicelib.errors import ReminderError, TokenRefused
from chalicelib.pages.render import PageAnswer, gone_page, trouble_page
from chalicelib.runtime import Runtime
from chalicelib.usecases.opt_out import opt_out
from chalicelib.usecases.reply_core import Reply, find_visit, reply, standing_of
from chalicelib.usecases.reply_link import open_action, open_link
from chalicelib.usecases.reply_pages import shop_face, slots_answer, visit_answer
from chalicelib.usecases.reply_promises import CUSTOMER, PAGE
from chalicelib.usecases.shop import Shop

log = logging.getLogger(__name__)

_TEXT_CHOICES = (ReplyAction.NO_TEXTS, ReplyAction.TEXTS_AGAIN)
_ANSWERS = (ReplyAction.CONFIRM, ReplyAction.RESCHEDULE, ReplyAction.CANCEL, ReplyAction.UNDO)


def answer_reply(rt: Runtime, token: str, form: Mapping[str, str]) -> PageAnswer:
    """Act on a press. `token` is the link's, `form` has the button's `t` and, for a move, `slot` (ISO instant).

    Never raises ReminderError: a token that isn't good gives the calm page and counts `token_refused`; what could
    not be stored says so.
    """
    now = rt.clock()
    try:
        link = open_link(rt, token, now)
        try:
            action = open_action(rt, form.get("t", ""), link, now)
        except Expired:
            return _present(rt, link, now)  # a page left open: genuine, so no scolding, and fresh buttons
        return _act(rt, link, action, form.get("slot", ""), now)
    except TokenRefused:
        rt.metrics.count("token_refused")
        return gone_page(shop_face(rt))
    except ReminderError:
        log.exception("a press could not be answered")
        return trouble_page(shop_face(rt))


def _act(rt: Runtime, link: Link, action: Action, slot_text: str, now: datetime) -> PageAnswer:
    if action.action in _TEXT_CHOICES:
        return _choose_texts(rt, link, action, now)
    if action.action not in _ANSWERS:
        raise TokenRefused("a button of another page")
    slot = _instant(slot_text)
    if action.action is ReplyAction.RESCHEDULE and slot is None:
        return _present(rt, link, now, move=True)
    result = reply(
        rt,
        link.appt_id,
        action.action,
        CUSTOMER,
        PAGE,
        now,
        nonce=action.nonce,
        slot=slot,
        chain=action.link.chain,
    )
    return _show(rt, link, action.action, result, slot, now)


def _show(
    rt: Runtime, link: Link, action: ReplyAction, result: Reply, slot: datetime | None, now: datetime
) -> PageAnswer:
    """The page after a press. Whoever pressed the same button sees the same outcome."""
    visit, outcome = result.visit, result.outcome
    if visit is None or outcome in (Outcome.GONE, Outcome.EXPIRED):
        return gone_page(shop_face(rt))
    shop, state = Shop(rt), standing_of(visit)
    if outcome is Outcome.JUST_TAKEN and action is ReplyAction.RESCHEDULE and state.offers(action, now):
        return slots_answer(rt, shop, visit, link, now, taken=slot, outcome=outcome.value)
    return visit_answer(rt, shop, visit, link, now, said=_said(action, outcome, state.stand), outcome=outcome.value)


def _said(action: ReplyAction, outcome: Outcome, stand: Stand) -> str:
    """Which words the page opens with."""
    match outcome:
        case Outcome.CHANGED:
            return "changed"
        case Outcome.BUSY:
            return "busy"
        case Outcome.JUST_TAKEN:
            return "just taken"
        case Outcome.DONE | Outcome.ALREADY_CONFIRMED | Outcome.ALREADY_MOVED | Outcome.ALREADY_DONE:
            if action is ReplyAction.CONFIRM and stand is Stand.CONFIRMED:
                return "thanks"
            if action is ReplyAction.RESCHEDULE and outcome is not Outcome.ALREADY_DONE:
                return "moved"
            if action is ReplyAction.UNDO and stand in (Stand.OPEN, Stand.CONFIRMED):
                return "kept"
    return ""


def _present(rt: Runtime, link: Link, now: datetime, move: bool = False) -> PageAnswer:
    """How the visit stands, with fresh buttons."""
    shop = Shop(rt)
    visit = find_visit(rt, shop, link.appt_id)
    if visit is None or now >= visit.appointment.start:
        return gone_page(shop_face(rt))
    if move and standing_of(visit).offers(ReplyAction.RESCHEDULE, now):
        return slots_answer(rt, shop, visit, link, now, outcome=Outcome.NOT_OFFERED.value)
    return visit_answer(rt, shop, visit, link, now, outcome=Outcome.NOT_OFFERED.value)


def _choose_texts(rt: Runtime, link: Link, action: Action, now: datetime) -> PageAnswer:
    shop = Shop(rt)
    visit = find_visit(rt, shop, link.appt_id)
    if visit is None or not visit.appointment.phone:
        return gone_page(shop_face(rt))
    outcome = opt_out(rt, action.action, [visit.appointment.phone], link, visit.appointment, now, nonce=action.nonce)
    if outcome is Outcome.BUSY:
        return visit_answer(rt, shop, visit, link, now, said="busy", outcome=outcome.value)
    out = bool(rt.store.opted_out([visit.appointment.phone]))
    said = "texts off" if out else "texts on"
    return visit_answer(rt, shop, visit, link, now, said=said, outcome=outcome.value)


def _instant(text: str) -> datetime | None:
    """A slot as its button posts it; None for anything else."""
    try:
        instant = datetime.fromisoformat(text)
        return instant.astimezone(UTC) if instant.tzinfo is not None else None
    except (ValueError, OverflowError):  # an offset may lead out of the calendar
        return None
