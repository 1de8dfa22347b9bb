"""What a message says: the voice doc's words, the visit's facts and the reply link, for one channel.

Nothing leaves here; a `Letter` is posted by dispatch after it is armed.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.appointment import Appointment, Channel, hours
from chalicelib.domain.events import MoveDue
from chalicelib.domain.gap_buttons import gap_buttons
from chalicelib.domain.reply_token import Link, issue_link
from chalicelib.domain.send import Move
from chalicelib.domain.voice import Message, Template, visit_fields
from chalicelib.domain.work import StaffLine
from chalicelib.ports import EmailMessage, Invite
from chalicelib.runtime import Runtime
from chalicelib.usecases.shop import Shop, Visit

TEMPLATES = {
    Move.FIRST_REMINDER: Template.FIRST_REMINDER,
    Move.SECOND_REMINDER: Template.SECOND_REMINDER,
    Move.GAP_ALERT: Template.GAP_ALERT,
    Move.MOVED: Template.MOVED,
    Move.CANCELLED: Template.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready to go. Exactly one of the three contents is there."""

    recipient: str
    text: str = ""
    email: EmailMessage | None = None
    line: StaffLine | None = None

    def post(self, rt: Runtime) -> str:
        """Let it go: one request. Returns the vendor's id; raises DefiniteNo, BadRecipient or NoAnswer."""
        if self.line is not None:
            return rt.staff.post(self.recipient, self.line)
        if self.email is not None:
            return rt.email.send(self.email)
        return rt.sms.send(self.recipient, self.text)


@dataclass(frozen=True, slots=True)
class Links:
    """The reply links of one send: one token, and the page opens with the named action first."""

    page: str
    unsubscribe: str

    def action(self, name: str) -> str:
        """The link of one action: the same page, that button first."""
        return f"{self.page}?a={name}"


def compose(rt: Runtime, shop: Shop, visit: Visit, due: MoveDue, channel: Channel) -> Letter:
    """The message of this send on this channel. Raises UpstreamError if the reply keys can't be read."""
    links = reply_links(rt, shop, visit.appointment, due)
    language = visit.appointment.language or shop.config.language
    fields = {
        **visit_fields(visit.appointment, shop.config.zone, language),
        "shop": shop.config.shop_name,
        "shop_phone": shop.config.shop_phone,
        "link": links.page,
        "confirm_link": links.action("confirm"),
        "reschedule_link": links.action("reschedule"),
        "cancel_link": links.action("cancel"),
        "status": visit.appointment.status_text or "no answer yet",
        "hours": _hours_left(visit, due),
    }
    message = shop.voice.render(TEMPLATES[due.move], channel, language, fields)
    match channel:
        case Channel.TEXT:
            return Letter(visit.appointment.phone, text=message.body)
        case Channel.EMAIL:
            return Letter(visit.appointment.email, email=_email(shop, visit, due, message, links, language))
        case Channel.SLACK:
            line = StaffLine(
                text=message.body,
                move=due.move.value,
                appt_id=visit.appointment.appt_id,
                chain=visit.appointment.chain,
                reason=due.reason,
                buttons=gap_buttons(visit.appointment.appt_id, visit.appointment.chain),
            )
            return Letter(shop.config.staff_channel, line=line)


def reply_links(rt: Runtime, shop: Shop, appointment: Appointment, due: MoveDue) -> Links:
    """The links of one send. The token opens the page only; its expiry is the visit's start."""
    window = round(due.hours * 60) if due.hours is not None else 0
    token = issue_link(Link(appointment.appt_id, appointment.chain, window), rt.secrets.reply_keys())
    base = shop.config.base_url
    return Links(page=base + token, unsubscribe=base.removesuffix("r/") + "u/" + token)


def _hours_left(visit: Visit, due: MoveDue) -> str:
    minutes = max(round((visit.appointment.start - due.planned).total_seconds() / 60), 0)
    return f"{hours(minutes):g}" if minutes % 60 == 0 else f"{round(minutes / 60, 1):g}"


def _email(shop: Shop, visit: Visit, due: MoveDue, message: Message, links: Links, language: str) -> EmailMessage:
    appointment = visit.appointment
    cancelled = due.move is Move.CANCELLED
    actions = (
        ()
        if cancelled
        else (
            ("Confirm", links.action("confirm")),
            ("Move", links.action("reschedule")),
            ("Cancel", links.action("cancel")),
        )
    )
    return EmailMessage(
        to=appointment.email,
        subject=message.subject,
        body=message.body,
        actions=actions,
        shop_name=shop.config.shop_name,
        language=language,
        invite=Invite(
            uid=f"{appointment.appt_id}@{shop.config.email_from.partition('@')[2] or 'appointments'}",
            sequence=visit.standing.rev if visit.standing else 0,
            cancel=cancelled,
            start=appointment.start,
            minutes=shop.minutes(appointment),
            summary=f"{appointment.service} at {shop.config.shop_name}"
            if shop.config.shop_name
            else appointment.service,
        ),
        unsubscribe_url=links.unsubscribe,
        message_key=f"{appointment.appt_id}#{due.key.window_index}",
    )
