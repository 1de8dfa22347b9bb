"""The header block of a mail or of a part: bounded before anything in it is decoded.

Python's own parameter and address parsers take quadratic time or recurse on hostile headers, so those two are
read here, in one pass. Encoded words are left to the standard library, on short values only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from chalicelib.domain.charsets import decoded
from chalicelib.domain.unseen import one_seen_line
from chalicelib.errors import MailRefused

LARGEST_BLOCK = 512 * 1024
"""Bytes of one header block. Exchange's longest traces stay below 100 KB; a folded Subject may have megabytes."""
MOST_HEADERS = 1000
"""Headers in one block. A mail through many relays has two hundred."""
LONGEST_HEADER = 8 * 1024
"""Bytes of one header that are kept; the rest is cut, not decoded."""
LONGEST_WORDS = 4 * 1024
"""Bytes of a Subject or name that are decoded."""
MOST_PIECES = 64
"""Pieces of one parameter (RFC 2231: name*0, name*1, ...)."""

_NAME = re.compile(rb"[!-9;-~]{1,200}:")
_PARAMETER = re.compile(
    r";\s*(?P<name>[^\s=;*\"]{1,60})(?P<piece>\*\d{1,3})?(?P<coded>\*)?\s*=\s*"
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^;]*))',
    re.S,
)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}")
_ANGLED = re.compile(rf"<\s*{_ADDRESS.pattern}\s*>")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
_COMMENT = re.compile(r"\([^()]*\)")
_MOST_ADDRESSES = 50
_FIRST_YEAR, _LAST_YEAR = 1990, 2100  # outside, a Date is nonsense, and arithmetic on it can overflow


@dataclass(frozen=True, slots=True)
class Headers:
    """One header block. Values are unfolded bytes, in order; `cut` names those that were too long."""

    fields: tuple[tuple[str, bytes], ...] = ()
    cut: frozenset[str] = field(default=frozenset())

    def raw(self, name: str) -> bytes:
        """The topmost header of that name (lower case), or nothing."""
        return next((value for key, value in self.fields if key == name), b"")

    def every(self, name: str) -> Iterator[bytes]:
        """All of that name, from the top."""
        return (value for key, value in self.fields if key == name)

    def text(self, name: str) -> str:
        """The topmost one as it stands, without decoding."""
        return decoded(self.raw(name), "")[0].strip()

    def words(self, name: str, longest: int) -> str:
        """The topmost one with its encoded words decoded, as one line of visible text."""
        return one_seen_line(decoded_words(self.raw(name)), longest)

    def addresses(self, *names: str) -> tuple[str, ...]:
        """Bare addresses in lower case, each once; the first fifty."""
        found = (address for name in names for value in self.every(name) for address in addresses_in(value))
        return tuple(dict.fromkeys(found))[:_MOST_ADDRESSES]


def read_headers(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The header block that begins at `start`, and where its body begins.

    A line that is neither a header nor the continuation of one begins the body. Raises MailRefused for a block that
    is too large.
    """
    found: list[tuple[str, bytes]] = []
    lines: list[bytes] = []
    cut: set[str] = set()
    at = start
    while at < end:
        stop = raw.find(b"\n", at, min(end, start + LARGEST_BLOCK + 1))
        stop = stop + 1 if stop >= 0 else end
        if stop - start > LARGEST_BLOCK:
            if raw[at : at + 1] not in (b" ", b"\t") and not _NAME.match(raw, at, end):
                break  # a long line that is no header: the body has begun
            raise MailRefused(f"its headers are larger than {LARGEST_BLOCK // 1024} KB")
        line = raw[at:stop].rstrip(b"\r\n")
        if line[:1] in (b" ", b"\t") and lines:
            lines.append(line)
        elif _NAME.match(line):
            _keep(lines, found, cut)
            lines = [line]
        elif not line.strip():
            at = stop
            break
        elif not (at == start and line.startswith((b"From ", b">From "))):
            break
        at = stop
    _keep(lines, found, cut)
    return Headers(tuple(found), frozenset(cut)), at


def _keep(lines: list[bytes], found: list[tuple[str, bytes]], cut: set[str]) -> None:
    if not lines:
        return
    if len(found) >= MOST_HEADERS:
        raise MailRefused(f"it has more than {MOST_HEADERS} headers")
    name, _, value = b"".join(lines).partition(b":")
    key = name.decode("ascii").lower()
    if len(value) > LONGEST_HEADER:
        cut.add(key)
    found.append((key, value[:LONGEST_HEADER].strip()))


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """A structured header (Content-Type, Content-Disposition): its value in lower case, and its parameters.

    The first of a name wins; pieces (RFC 2231) are put together in their order.
    """
    text = decoded(value, "")[0]
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(text):
        name = match["name"].lower()
        said = re.sub(r"\\(.)", r"\1", match["quoted"]) if match["quoted"] is not None else match["bare"].strip()
        if match["piece"] or match["coded"]:
            of_name = pieces.setdefault(name, {})
            if len(of_name) < MOST_PIECES:
                of_name.setdefault(int((match["piece"] or "*0")[1:]), (said, bool(match["coded"])))
        else:
            plain.setdefault(name, said)
    for name, of_name in pieces.items():
        plain[name] = _joined([of_name[number] for number in sorted(of_name)])
    return text.partition(";")[0].strip().lower(), plain


def _joined(pieces: list[tuple[str, bool]]) -> str:
    charset = ""
    content = b""
    for number, (said, coded) in enumerate(pieces):
        if coded and number == 0 and said.count("'") >= 2:
            charset, _, said = said.split("'", 2)
        content += unquote_to_bytes(said) if coded else said.encode("utf-8", "surrogateescape")
    return decoded(content, charset)[0]


def decoded_words(value: bytes) -> str:
    """A header's text with its encoded words (`=?utf-8?B?...?=`) decoded; as it stands where they can't be."""
    text = decoded(value[:LONGEST_WORDS], "")[0]
    try:
        pieces = decode_header(text)
    except (MessageError, ValueError):
        return text
    words = []
    for piece, charset in pieces:
        if isinstance(piece, str):
            words.append(piece)
        elif charset is None:
            words.append(piece.decode("raw-unicode-escape", "replace"))  # how decode_header wrote what isn't encoded
        else:
            words.append(decoded(piece, charset)[0])
    return "".join(words)


def addresses_in(value: bytes | str) -> list[str]:
    """The addresses of a header, of each the one in angle brackets; what stands in quotes or comments is a name."""
    text = value if isinstance(value, str) else decoded(value, "")[0]
    bare = _COMMENT.sub(" ", _QUOTED.sub(" ", text[:LONGEST_HEADER]))
    if (cut := bare.find('"')) >= 0:  # a quote without its other half
        bare = bare.replace('"', " ") if "<" in bare[cut:] else bare[:cut]
    found = (_ANGLED.search(one) or _ADDRESS.search(one) for one in re.split("[,;]", bare))
    return [address[0].strip("<> \t").lower() for address in found if address]


def display_name(value: bytes, longest: int) -> str:
    """The name before a sender's address, or ""."""
    name = decoded_words(value).partition("<")[0].strip().strip("\"'").strip()
    return "" if _ADDRESS.fullmatch(name) else one_seen_line(name.replace('\\"', '"'), longest)


def instant(text: str) -> datetime | None:
    """A Date header with its own offset (UTC where it gives none); None if it can't be read."""
    try:
        moment = parsedate_to_datetime(text[:100])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
