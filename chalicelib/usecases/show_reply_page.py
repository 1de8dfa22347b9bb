"""A reply link was opened: show the visit and what can be pressed. Writes nothing, whoever opens it (DESIGN §7)."""

from __future__ import annotations

import logging

from chalicelib.domain.reply_token import ReplyAction
from chalicelib.errors import ReminderError, TokenRefused
from chalicelib.pages.render import PageAnswer, gone_page, trouble_page
from chalicelib.runtime import Runtime
from chalicelib.usecases.reply_core import find_visit, standing_of
from chalicelib.usecases.reply_link import open_link
from chalicelib.usecases.reply_pages import shop_face, slots_answer, visit_answer
from chalicelib.usecases.shop import Shop

log = logging.getLogger(__name__)


def show_reply_page(rt: Runtime, token: str, first_action: str = "", move: bool = False) -> PageAnswer:
    """The page of a link. `first_action` (`confirm`, `reschedule`, `cancel`) is put first; `move` shows the free times.

    Never raises ReminderError: what can't be shown is a calm page.
    """
    now = rt.clock()
    try:
        link = open_link(rt, token, now)
        shop = Shop(rt)
        visit = find_visit(rt, shop, link.appt_id)
        if visit is None or now >= visit.appointment.start:
            return gone_page(shop_face(rt))
        if move and standing_of(visit).offers(ReplyAction.RESCHEDULE, now):
            return slots_answer(rt, shop, visit, link, now)
        return visit_answer(rt, shop, visit, link, now, first=first_action)
    except TokenRefused:
        return gone_page(shop_face(rt))
    except ReminderError:
        log.exception("a reply page could not be shown")
        return trouble_page(shop_face(rt))
