"""The page and the one-click POST behind an e-mail's `List-Unsubscribe` (RFC 8058): that address gets no reminders.

It works after the visit too, so the link's expiry doesn't count here. Opening the page changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.appointment import Appointment, Channel
from chalicelib.domain.reply import Outcome
from chalicelib.domain.reply_token import Expired, Link, ReplyAction, issue_action
from chalicelib.errors import ReminderError, TokenRefused
from chalicelib.pages.render import Button, PageAnswer, gone_page, mail_page, trouble_page
from chalicelib.runtime import Runtime
from chalicelib.usecases.opt_out import opt_out
from chalicelib.usecases.reply_core import find_visit
from chalicelib.usecases.reply_link import open_action, open_link
from chalicelib.usecases.reply_pages import BUTTON_LIVES, shop_face
from chalicelib.usecases.shop import Shop

log = logging.getLogger(__name__)


def show_mail_page(rt: Runtime, token: str) -> PageAnswer:
    """Whether reminder e-mails come, with the button that changes it. Writes nothing; never raises ReminderError."""
    now = rt.clock()
    try:
        link = open_link(rt, token, now, allow_expired=True)
        addresses, _ = _addresses(rt, link)
        return _page(rt, link, addresses, now)
    except TokenRefused:
        return gone_page(shop_face(rt))
    except ReminderError:
        log.exception("the mail page could not be shown")
        return trouble_page(shop_face(rt))


def opt_out_of_mail(rt: Runtime, token: str, form: Mapping[str, str]) -> PageAnswer:
    """Opt the address out; in again only by the page's own button. A mail program's one-click POST has no button.

    Never raises ReminderError. A link that isn't good gives the calm page and counts `token_refused`.
    """
    now = rt.clock()
    try:
        link = open_link(rt, token, now, allow_expired=True)
        addresses, appointment = _addresses(rt, link)
        action, nonce = ReplyAction.NO_EMAILS, None
        if form.get("t"):
            try:
                pressed = open_action(rt, form["t"], link, now)
            except Expired:
                return _page(rt, link, addresses, now)
            if pressed.action not in (ReplyAction.NO_EMAILS, ReplyAction.EMAILS_AGAIN):
                raise TokenRefused("a button of another page")
            action, nonce = pressed.action, pressed.nonce
        outcome = opt_out(rt, action, addresses, link, appointment, now, nonce=nonce)
        if outcome is Outcome.BUSY:
            return trouble_page(shop_face(rt))
        return _page(rt, link, addresses, now, outcome)
    except TokenRefused:
        rt.metrics.count("token_refused")
        return gone_page(shop_face(rt))
    except ReminderError:
        log.exception("an opt-out could not be stored")
        return trouble_page(shop_face(rt))


def _addresses(rt: Runtime, link: Link) -> tuple[list[str], Appointment | None]:
    """The addresses that this chain was mailed at, and the row's own. Raises TokenRefused if there are none."""
    shop = Shop(rt)
    visit = find_visit(rt, shop, link.appt_id) if shop.ready else None
    mailed = [s.recipient for s in rt.ledger.chain(link.appt_id, link.chain) if s.channel is Channel.EMAIL]
    own = [visit.appointment.email] if visit is not None else []
    addresses = list(dict.fromkeys(address for address in (*own, *mailed) if address))
    if not addresses:
        raise TokenRefused("no e-mail address is known for this link")
    return addresses, visit.appointment if visit is not None else None


def _page(rt: Runtime, link: Link, addresses: list[str], now: datetime, outcome: Outcome | None = None) -> PageAnswer:
    out = rt.store.opted_out(addresses) == set(addresses)
    action = ReplyAction.EMAILS_AGAIN if out else ReplyAction.NO_EMAILS
    token = issue_action(link, action, rt.tokens.nonce(), now + BUTTON_LIVES, rt.secrets.reply_keys())
    return mail_page(shop_face(rt), out, Button(action.value, token), outcome.value if outcome else "")
