"""A raw mail taken apart: the guards first, then its own words, then those that it carries.

Size, headers, levels and parts are checked before anything is decoded. What can't be read is noted for staff and
the rest is read all the same.
"""

from __future__ import annotations

import re

from chalicelib.domain.charsets import decoded
from chalicelib.domain.incoming_mail import IncomingMail, Verdicts
from chalicelib.domain.mail_bodies import LONGEST_SUBJECT, Bodies
from chalicelib.domain.mime_headers import Headers, decoded_words, display_name, parameters
from chalicelib.domain.mime_parts import cut
from chalicelib.domain.unseen import one_seen_line
from chalicelib.errors import MailRefused

LARGEST_MAIL = 30 * 1024 * 1024
"""Bytes as sent. SES takes 40 MB; above this a function's memory and time aren't certain to be enough."""
MOST_TEXT = 200_000
"""Characters of text that are handed on. A long conversation has a tenth of it."""

_SUBJECT = re.compile(rb"^subject:([^\n]*(?:\n[ \t][^\n]*){0,20})", re.I | re.M)
_SUBJECT_WITHIN = 64 * 1024
_RESULT = re.compile(r"[;\s](spf|dkim|dmarc)\s*=\s*([a-z]{1,20})", re.I)
_OURS = "amazonses.com"


def open_mail(raw: bytes) -> IncomingMail:
    """The mail, with what its readers may see. Raises MailRefused where a guard stops it; nothing else."""
    if len(raw) > LARGEST_MAIL:
        raise MailRefused(
            f"it is {len(raw) / 1024 / 1024:.0f} MB large; at most {LARGEST_MAIL // 1024 // 1024} MB are read"
        )
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    root = cut(raw)
    headers = root.headers
    bodies = Bodies()
    opened = bodies.open_one(root)
    attachments = bodies.attachments()
    problems = list(bodies.problems)
    if "subject" in headers.cut:
        problems.append("Its subject is far too long and was cut.")
    if len(opened.text) > MOST_TEXT:
        problems.append(f"Its text is longer than {MOST_TEXT:,} characters; the rest was not read.")
    senders = headers.addresses("from")
    if len(senders) > 1:
        problems.append("It names more than one sender.")
    return IncomingMail(
        subject=headers.words("subject", LONGEST_SUBJECT),
        sender=senders[0] if senders else "",
        sent=opened.sent,
        text=opened.text[:MOST_TEXT],
        sender_name=display_name(headers.raw("from"), 100),
        message_id=one_seen_line(headers.text("message-id"), 250),
        recipients=headers.addresses("to", "cc"),
        forwarded_from=opened.forwarded_from,
        html=tuple(bodies.html),
        calendars=tuple(bodies.calendars),
        attachments=attachments,
        automatic=is_automatic(headers),
        verdicts=verdicts(headers),
        problems=tuple(dict.fromkeys(problems)),
    )


def subject_of(raw: bytes) -> str:
    """The subject of a mail that was refused, as one line; "" if there is none near its beginning. Never raises."""
    head = raw[:_SUBJECT_WITHIN].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    found = _SUBJECT.search(head)
    return one_seen_line(decoded_words(found[1].replace(b"\n", b"").strip()), LONGEST_SUBJECT) if found else ""


def is_automatic(headers: Headers) -> bool:
    """Whether a program sent it, to many or as an answer. A person who forwards such a mail is a person."""
    answered = parameters(headers.raw("auto-submitted"))[0]
    return (
        bool(headers.raw("list-unsubscribe") or headers.raw("list-id"))
        or answered not in ("", "no")
        or headers.text("precedence").lower() in ("bulk", "list", "junk")
    )


def verdicts(headers: Headers) -> Verdicts:
    """What SES found. It writes its headers above all others, so what stands below the first of a name is forged."""
    results: dict[str, str] = {}
    ours, _, said = decoded(headers.raw("authentication-results"), "")[0].partition(";")
    if ours.strip().split(" ")[0].lower() == _OURS:
        for name, result in _RESULT.findall(";" + re.sub(r"\([^()]*\)", " ", said)):
            results.setdefault(name.lower(), result.upper())
    return Verdicts(
        spam=headers.text("x-ses-spam-verdict").upper()[:20],
        virus=headers.text("x-ses-virus-verdict").upper()[:20],
        spf=results.get("spf", ""),
        dkim=results.get("dkim", ""),
        dmarc=results.get("dmarc", ""),
    )
