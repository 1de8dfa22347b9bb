"""Mails put together byte by byte, the same each time: no clock, no random boundary, no library's taste.

The corpus must hold what senders really send, their odd charsets and broken parts too, so nothing here validates.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Sequence
from dataclasses import dataclass, field

FRONT_DESK = "Bright Dental <frontdesk@bright.example>"
INTAKE = "bookings@bright.example"


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME entity: its content type, its bytes, its transfer encoding, further header lines."""

    content_type: str
    content: bytes
    encoding: str = "8bit"
    headers: tuple[str, ...] = field(default=())

    def lines(self) -> bytes:
        """Headers, a blank line, the encoded body."""
        head = [f"Content-Type: {self.content_type}", f"Content-Transfer-Encoding: {self.encoding}", *self.headers]
        return "\n".join(head).encode() + b"\n\n" + _encoded(self.content, self.encoding)


def text(words: str, charset: str = "utf-8", encoding: str = "8bit", subtype: str = "plain") -> Part:
    """A text part in that charset."""
    return Part(f'text/{subtype}; charset="{charset}"', words.encode(charset), encoding)


def attachment(name: str, media_type: str, content: bytes, encoding: str = "base64") -> Part:
    """A file beside the text."""
    return Part(
        f'{media_type}; name="{name}"', content, encoding, (f'Content-Disposition: attachment; filename="{name}"',)
    )


def calendar(ics: str, method: str, charset: str = "utf-8") -> Part:
    """A text/calendar part, its lines ended as iCalendar asks."""
    content = ics.strip("\n").replace("\n", "\r\n").encode(charset) + b"\r\n"
    return Part(f'text/calendar; charset="{charset}"; method={method}', content, "base64")


def message(inner: bytes) -> Part:
    """A forwarded mail as an attachment."""
    return Part("message/rfc822", inner, "8bit", ("Content-Disposition: attachment",))


def multipart(kind: str, parts: Sequence[Part], name: str = "") -> Part:
    """Several parts in one; `name` tells nested boundaries apart."""
    boundary = f"=_{kind}{name}_7f3a"
    body = b"".join(b"--" + boundary.encode() + b"\n" + part.lines() + b"\n" for part in parts)
    return Part(f'multipart/{kind}; boundary="{boundary}"', body + b"--" + boundary.encode() + b"--\n")


def word(words: str, charset: str = "utf-8") -> str:
    """An encoded word for a header."""
    return f"=?{charset}?B?{base64.b64encode(words.encode(charset)).decode()}?="


def mail(
    subject: str,
    date: str,
    body: Part,
    sender: str = FRONT_DESK,
    to: str = INTAKE,
    headers: Sequence[str] = (),
    passed: bool = True,
) -> bytes:
    """A whole mail as SES puts it down: with its verdicts on top where `passed`."""
    verdicts = ["X-SES-Spam-Verdict: PASS", "X-SES-Virus-Verdict: PASS"] if passed else []
    head = [
        *verdicts,
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Date: {date}",
        *headers,
        "MIME-Version: 1.0",
    ]
    return "\n".join(head).encode() + b"\n" + body.lines().rstrip(b"\n") + b"\n"


def _encoded(content: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(content)
    if encoding == "quoted-printable":
        return quopri.encodestring(content)
    return content if content.endswith(b"\n") else content + b"\n"
