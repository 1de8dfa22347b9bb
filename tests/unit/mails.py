"""Raw mails for the tests, written out by hand: the shapes that matter are those no library would write."""

from __future__ import annotations

import base64

HEAD = (
    "From: Front Desk <frontdesk@bright.example>\r\n"
    "To: bookings@bright.example\r\n"
    "Subject: New booking\r\n"
    "Date: Mon, 23 Nov 2026 09:30:00 +0800\r\n"
)
PDF = b"%PDF-1.4\nbooking\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 80


def mail(body: str | bytes = "Hello\r\n", *headers: str, head: str = HEAD) -> bytes:
    """A mail with these further headers."""
    top = head + "".join(f"{header}\r\n" for header in headers)
    return top.encode("utf-8") + b"\r\n" + (body.encode("utf-8") if isinstance(body, str) else body)


def part(content_type: str, body: str | bytes, *headers: str) -> bytes:
    """One part, as it stands between two boundaries."""
    return mail(body, f"Content-Type: {content_type}", *headers, head="")


def in_base64(content_type: str, content: bytes, *headers: str) -> bytes:
    return part(content_type, base64.encodebytes(content), "Content-Transfer-Encoding: base64", *headers)


def attached(content_type: str, content: bytes, name: str) -> bytes:
    return in_base64(content_type, content, f'Content-Disposition: attachment; filename="{name}"')


def multipart(kind: str, *parts: bytes, boundary: str = "BB", head: str = HEAD) -> bytes:
    mark = boundary.encode()
    body = b"".join(b"--" + mark + b"\r\n" + each + b"\r\n" for each in parts) + b"--" + mark + b"--\r\n"
    return mail(body, f'Content-Type: multipart/{kind}; boundary="{boundary}"', head=head)


def within(kind: str, *parts: bytes, boundary: str) -> bytes:
    """A multipart that is itself a part."""
    return multipart(kind, *parts, boundary=boundary, head="")
