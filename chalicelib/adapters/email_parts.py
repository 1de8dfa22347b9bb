"""The parts of an e-mail, built from what it means: plain text, the HTML that looks like it, and the .ics.

Cells reach headers here, so every header is one line (a line break in a name must not become a `Bcc:`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage as MimeMessage
from email.policy import SMTP
from functools import lru_cache
from pathlib import Path

import jinja2
from icalendar import Calendar, Event, vCalAddress, vText

from chalicelib.ports import EmailMessage, Invite, Picture

_SEVEN_BIT = SMTP.clone(cte_type="7bit")
_UNFOLDED = _SEVEN_BIT.clone(max_line_length=998)
"""For headers only: folding would turn a long unsubscribe address into an encoded word that no mail program reads."""
_PREVIEW = 110
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def mime(message: EmailMessage, sender: str, now: datetime) -> bytes:
    """The whole e-mail, 7-bit clean. Raises ValueError for an address that can't stand in a header.

    One-click unsubscribing is RFC 8058's; the invitation is RFC 5546's.
    """
    mail = MimeMessage(policy=_SEVEN_BIT)
    mail["From"] = Address(display_name=header(message.shop_name), addr_spec=sender)
    mail["To"] = Address(addr_spec=ascii_address(message.to))
    mail["Subject"] = header(message.subject)
    mail["Date"] = now.astimezone(UTC)
    mail["Auto-Submitted"] = "auto-generated"
    if message.message_key:
        mail["X-Entity-Ref-ID"] = header(message.message_key)
    if message.unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{header(message.unsubscribe_url)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.body.rstrip("\n") + "\n", cte="quoted-printable")
    mail.add_alternative(message.html or html(message), subtype="html", cte="quoted-printable")
    if message.pictures:
        _add_pictures(mail, message.pictures)
    if message.invite:
        _add_invite(mail, message.invite, message, sender, now)
    mail["Content-Language"] = header(message.language)
    return mail.as_bytes(policy=_UNFOLDED)


def html(message: EmailMessage) -> str:
    """The HTML part: the same words, with buttons in place of the lines that only spell out a button's address."""
    body = [line for line in message.body.splitlines() if not _spells_out(line, message)]
    paragraphs = _paragraphs(body)
    preview = " ".join(line for paragraph in paragraphs for line in paragraph)[:_PREVIEW]
    return _template().render(
        subject=message.subject,
        preview=preview,
        paragraphs=paragraphs,
        actions=message.actions,
        shop_name=message.shop_name,
        language=message.language,
        unsubscribe_url=message.unsubscribe_url,
    )


def ics(invite: Invite, shop_name: str, sender: str, attendee: str, now: datetime) -> tuple[str, bytes]:
    """The method and the text of the .ics. The visit counts as accepted: answers come over the reply page."""
    method = "CANCEL" if invite.cancel else "REQUEST"
    calendar = Calendar()
    calendar.add("prodid", "-//appointment-reminder//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    event.add("uid", invite.uid)
    event.add("sequence", invite.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", invite.start.astimezone(UTC))
    event.add("dtend", invite.start.astimezone(UTC) + timedelta(minutes=invite.minutes))
    event.add("summary", header(invite.summary))
    if invite.location:
        event.add("location", header(invite.location))
    event.add("status", "CANCELLED" if invite.cancel else "CONFIRMED")
    organizer = vCalAddress(f"mailto:{sender}")
    if shop_name:
        organizer.params["cn"] = vText(header(shop_name))
    event["organizer"] = organizer
    guest = vCalAddress(f"mailto:{attendee}")
    guest.params["partstat"] = vText("ACCEPTED")
    guest.params["rsvp"] = vText("FALSE")
    event.add("attendee", guest, encode=0)
    calendar.add_component(event)
    return method, calendar.to_ical()


def header(text: str) -> str:
    """The text as one line without control or format characters."""
    spaced = "".join(" " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character for character in text)
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in ("Cf", "Cs")).split())


def ascii_address(address: str) -> str:
    """The address with its domain in ASCII. Raises ValueError for one that SES can't take."""
    local, _, domain = address.rpartition("@")
    if not _PLAIN_LOCAL.fullmatch(local) or not domain:
        raise ValueError("not an address that mail can be sent to")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def _add_invite(mail: MimeMessage, invite: Invite, message: EmailMessage, sender: str, now: datetime) -> None:
    """As an alternative, which mail programs show as a visit, and as a file, which the others can open."""
    method, text = ics(invite, message.shop_name, sender, ascii_address(message.to), now)
    mail.add_alternative(text.decode("utf-8"), subtype="calendar", params={"method": method}, cte="base64")
    mail.add_attachment(text, maintype="application", subtype="ics", filename="visit.ics")


def _add_pictures(mail: MimeMessage, pictures: Sequence[Picture]) -> None:
    """Beside the HTML part, so that nothing is fetched when the mail is opened."""
    shown = mail.get_body(("html",))
    assert isinstance(shown, MimeMessage)
    for picture in pictures:
        shown.add_related(
            picture.png, maintype="image", subtype="png", cid=f"<{picture.name}>", filename=f"{picture.name}.png"
        )


def _spells_out(line: str, message: EmailMessage) -> bool:
    """Whether a line only names an action and its address (`Confirm: https://...`)."""
    words = line.split()
    return bool(words) and len(words) <= 6 and any(words[-1] == url for _, url in message.actions)


def _paragraphs(lines: list[str]) -> list[list[str]]:
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            paragraphs[-1].append(line.strip())
        elif paragraphs[-1]:
            paragraphs.append([])
    return [paragraph for paragraph in paragraphs if paragraph]


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    folder = Path(__file__).parent / "templates"
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return pages.get_template("email.html")
