"""A mail cut into its parts, by position and before anything is decoded.

Python's parser recurses once per level, tests every line against every open boundary and keeps each line as an
object: a thousand levels crash it, and thirty megabytes of short lines take gigabytes. Here each level is one search
for its boundary over the bytes, and the guards stop a mail while it is being cut.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field

from chalicelib.domain.mime_headers import Headers, decoded_words, parameters, read_headers
from chalicelib.errors import MailRefused

DEEPEST = 20
"""Levels. A mail forwarded five times, each time within a signed and an alternative part, has sixteen."""
MOST_PARTS = 300
"""Parts of all levels. A long chain of photographs has fifty."""
LONGEST_BOUNDARY = 200
"""Characters; RFC 2046 says seventy."""

_ENCODINGS = frozenset({"base64", "quoted-printable"})
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}")
_MAIL_TYPES = frozenset({"message/rfc822", "message/global", "message/news"})


@dataclass(slots=True)
class Part:
    """One part: its headers, where its body lies in `raw`, and the parts within."""

    raw: bytes = field(repr=False)  # the whole mail, shared; a mail that was sent encoded has bytes of its own
    headers: Headers
    start: int
    end: int
    media_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    encoding: str = ""
    name: str = ""  # the file name it is sent under, as it stands
    children: list[Part] = field(default_factory=list)
    broken: bool = False  # a multipart that can't be cut: its body is read as text

    @property
    def is_mail(self) -> bool:
        """A whole mail within the mail; its one child is that mail's own root."""
        return self.media_type in _MAIL_TYPES

    @property
    def shown_name(self) -> str:
        """The file name with its encoded words decoded."""
        return decoded_words(self.name.encode("utf-8", "surrogateescape"))

    def content(self, most: int | None = None) -> tuple[bytes, bool]:
        """The body without its transfer encoding (at most about `most` bytes of it), and whether it was whole."""
        end = self.end
        if most is not None:
            end = min(end, self.start + (most * 3 // 2 if self.encoding in _ENCODINGS else most))
        body = self.raw[self.start : end]
        if self.encoding == "base64":
            body = _from_base64(body)
        elif self.encoding == "quoted-printable":
            body = binascii.a2b_qp(body)
        return body, end == self.end


def cut(raw: bytes) -> Part:
    """The mail's root part with all parts within. Raises MailRefused (headers, levels, number of parts)."""
    root = _part(raw, 0, len(raw), "text/plain")
    number = 1
    open_parts = [(root, 1)]
    while open_parts:
        part, level = open_parts.pop()
        part.children = _children(part, MOST_PARTS - number)
        if part.children and level >= DEEPEST:
            raise MailRefused(f"it has parts within parts, more than {DEEPEST} levels deep")
        number += len(part.children)
        open_parts += [(child, level + 1) for child in part.children]
    return root


def _part(raw: bytes, start: int, end: int, standard: str) -> Part:
    headers, body = read_headers(raw, start, end)
    part = Part(raw, headers, body, end)
    said, part.parameters = parameters(headers.raw("content-type"))
    part.media_type = said if _MEDIA_TYPE.fullmatch(said) else standard
    part.disposition, of_disposition = parameters(headers.raw("content-disposition"))
    part.encoding = parameters(headers.raw("content-transfer-encoding"))[0]
    part.name = of_disposition.get("filename") or part.parameters.get("name", "")
    return part


def _children(part: Part, room: int) -> list[Part]:
    if part.is_mail:
        if room < 1:
            raise _too_many()
        if part.encoding in _ENCODINGS:
            content = part.content()[0]
            return [_part(content, 0, len(content), "text/plain")]
        return [_part(part.raw, part.start, part.end, "text/plain")]
    if not part.media_type.startswith("multipart/"):
        return []
    spans = _spans(part, room)
    part.broken = not spans
    standard = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
    return [_part(part.raw, start, end, standard) for start, end in spans]


def _spans(part: Part, room: int) -> list[tuple[int, int]]:
    """Where the parts directly within a multipart lie; none if it can't be cut."""
    boundary = part.parameters.get("boundary", "").rstrip()
    if not boundary or len(boundary) > LONGEST_BOUNDARY:
        return []
    mark = re.escape(boundary.encode("utf-8", "surrogateescape"))
    delimiter = re.compile(rb"\n--" + mark + rb"(--)?[ \t]*+\r?(?:\n|\Z)")
    spans: list[tuple[int, int]] = []
    begin = -1
    at = max(part.start - 1, 0)  # the line end before the body
    while found := delimiter.search(part.raw, at, part.end):
        if begin >= 0:
            spans.append((begin, _before_line_end(part.raw, begin, found.start())))
        if len(spans) > room:
            raise _too_many()
        if found[1]:
            return spans
        begin = found.end()
        at = found.end() - 1
    if begin >= 0:  # cut short in sending: the last part goes to the end
        spans.append((begin, part.end))
    return spans


def _too_many() -> MailRefused:
    return MailRefused(f"it has more than {MOST_PARTS} parts")


def _before_line_end(raw: bytes, begin: int, end: int) -> int:
    return max(begin, end - 1 if end > begin and raw[end - 1 : end] == b"\r" else end)


def _from_base64(body: bytes) -> bytes:
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:  # cut short, or not padded
        letters = _NOT_BASE64.sub(b"", body)
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
