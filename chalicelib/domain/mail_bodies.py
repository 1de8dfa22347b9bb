"""The parts of one mail sorted: what is text, what is a calendar, what is a document, and what stays unread and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.charsets import charset_of_page, decoded
from chalicelib.domain.document_types import READ, by_first_bytes, claimed, file_name, why_unread
from chalicelib.domain.forward_labels import REPLY
from chalicelib.domain.forwards import Forwarded, forwarded_within, sent_at, unquoted
from chalicelib.domain.incoming_mail import Attachment
from chalicelib.domain.mime_headers import display_name, instant
from chalicelib.domain.mime_parts import Part
from chalicelib.domain.unseen import one_seen_line, without_unseen
from chalicelib.domain.visible_text import visible_text

LARGEST_TEXTS = 2_000_000
"""Bytes of all text and HTML parts together. A booking tool's page has a tenth of it; a megabyte of tags takes a second
to read."""
LARGEST_CALENDARS = 2_000_000
MOST_CALENDARS = 20
MOST_ATTACHMENTS = 20
SMALL_IMAGE = 10_000
"""Bytes; a smaller picture is a logo or a counter, not a photographed booking."""
SMALL_ATTACHED_IMAGE = 1_000
"""The same for one that somebody attached: a clean scan of a few lines has four thousand, a counter's dot fifty."""
SMALL_INLINE_IMAGE = 40_000
"""The same for one that is sent to be shown within the text, as signatures' logos are."""
NOTED_IMAGE = 100_000
"""A picture within the text of this size may be a screen that somebody pasted: staff are told that it wasn't read."""
LONGEST_SUBJECT = 300

_CALENDAR_TYPES = frozenset({"text/calendar", "application/ics", "text/x-vcalendar", "application/calendar"})
_CALENDAR_NAME = re.compile(r"\.(?:ics|vcs|ical)$", re.I)
_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_NO_CONTENT = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
     "application/pgp-keys", "message/delivery-status", "message/disposition-notification", "text/rfc822-headers",
     "text/x-amp-html"}
)  # fmt: skip
_CID = re.compile(r"cid:([^\s\"'<>)]{1,200})", re.I)
_PGP = re.compile(r"-----BEGIN PGP MESSAGE-----.*?(?:-----END PGP MESSAGE-----|\Z)", re.S)
_TURNED = re.compile("[\u202d\u202e]")  # overrides; marks and isolates are in every Arabic mail
_FLOWED_QUOTE = re.compile(r"^>+")


@dataclass(slots=True)
class Text:
    """A stretch of the mail's text. `rich`: it was HTML."""

    words: str
    rich: bool = False


@dataclass(slots=True)
class Opened:
    """What one mail came to, its text with those within."""

    text: str
    sent: datetime | None
    forwarded_from: tuple[str, ...]


@dataclass(slots=True)
class Bodies:
    """What the parts of a mail, and of the mails within, hold. Filled by `open_one`, finished by `attachments`."""

    html: list[str] = field(default_factory=list)
    calendars: list[bytes] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    room: int = LARGEST_TEXTS
    _documents: list[tuple[Part, bool]] = field(default_factory=list)  # and whether it belongs to a page
    _within: list[Opened] = field(default_factory=list)

    def open_one(self, root: Part) -> Opened:
        """One mail: its text, with its own date, or that of the mail which it forwards."""
        around, self._within = self._within, []
        subject = root.headers.words("subject", LONGEST_SUBJECT)
        texts = self._texts(root, in_related=False)
        own = "\n\n".join(text.words for text in texts if text.words.strip())
        forwarded = forwarded_within(own, subject, is_answer=bool(root.headers.raw("in-reply-to")))
        own = _unquoted_from(own, forwarded)
        sent = sent_at(forwarded, instant(root.headers.text("date")))
        if not REPLY.match(subject):
            sent = next((within.sent for within in self._within if within.sent), sent)
        senders = [one.sender for one in forwarded if one.sender]
        senders += [sender for within in self._within for sender in within.forwarded_from]
        text = "\n\n".join([own, *(within.text for within in self._within)]).strip()
        self._within = around
        return Opened(text, sent, tuple(dict.fromkeys(senders)))

    def attachments(self) -> tuple[Attachment, ...]:
        """The documents that have a reader; the others are noted as problems. Logos are left out."""
        shown = {cid.lower() for page in self.html for cid in _CID.findall(page)}
        found: list[Attachment] = []
        for part, in_related in self._documents:
            document = self._document(part, in_related, shown)
            if document and len(found) >= MOST_ATTACHMENTS:
                self.problems.append(f"It has more than {MOST_ATTACHMENTS} attachments; the others were not read.")
                break
            if document and all(document.content != other.content for other in found):
                found.append(document)
        return tuple(found)

    def _texts(self, part: Part, in_related: bool) -> list[Text]:
        if part.is_mail:
            if part.children:
                self._mail_within(part.children[0])
            return []
        if part.media_type == "multipart/encrypted":
            self.problems.append("It is encrypted (PGP or S/MIME) and was not read.")
            return []
        children = part.children
        if part.media_type == "multipart/signed" and len(children) > 1:
            self.problems.append("It is signed; the signature was not checked.")
            children = children[:1]
        if children:
            related = part.media_type == "multipart/related"
            found = [
                self._texts(child, in_related or (related and number > 0)) for number, child in enumerate(children)
            ]
            if part.media_type == "multipart/alternative":
                return _richest(found)
            return [text for texts in found for text in texts]
        return self._leaf(part, in_related)

    def _leaf(self, part: Part, in_related: bool) -> list[Text]:
        kind, name = part.media_type, file_name(one_seen_line(part.shown_name, 200))
        if part.broken:
            self.problems.append("Its parts could not be told apart; it was read as plain text.")
            return self._plain(part)
        if kind in _CALENDAR_TYPES or _CALENDAR_NAME.search(name):
            self._calendar(part)
        elif kind in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat":
            self.problems.append("It has a part in Outlook's own format (winmail.dat), which was not read.")
        elif kind in _SEALED and not name.lower().endswith(".p7s"):
            self.problems.append("It is encrypted or sealed (S/MIME), and that part was not read.")
        elif kind in _NO_CONTENT:
            pass
        elif kind in ("message/partial", "message/external-body"):
            self.problems.append("A part of it was sent apart or lies elsewhere; it was not read.")
        elif kind in ("text/plain", "text/html") and not self._is_document(part, name):
            return self._page(part) if kind == "text/html" else self._plain(part)
        elif part.start < part.end:
            self._documents.append((part, in_related))
        return []

    @staticmethod
    def _is_document(part: Part, name: str) -> bool:
        """Whether a part that calls itself text is sent as a document, or is one by its first bytes."""
        if part.media_type == "text/html" and part.disposition == "attachment":
            return True
        return bool(name) and bool(claimed("", name) or by_first_bytes(part.content(2048)[0]))

    def _mail_within(self, root: Part) -> None:
        within = self.open_one(root)
        headers = root.headers
        senders = headers.addresses("from")[:1]
        lines = ["---------- Forwarded message ----------"]
        sender = " ".join([display_name(headers.raw("from"), 100), *(f"<{address}>" for address in senders)]).strip()
        for label, said in (
            ("From", sender),
            ("Date", one_seen_line(headers.text("date"), 100)),
            ("Subject", headers.words("subject", LONGEST_SUBJECT)),
            ("To", ", ".join(headers.addresses("to")[:5])),
        ):
            if said:
                lines.append(f"{label}: {said}")
        text = "\n".join([*lines, "", within.text])
        self._within.append(Opened(text, within.sent, (*senders, *within.forwarded_from)))

    def _decoded(self, part: Part) -> str:
        content, whole = part.content(self.room)
        self.room -= len(content)
        if not whole:
            self.problems.append(f"Its text is longer than {LARGEST_TEXTS // 1_000_000} MB; the rest was not read.")
        charset = part.parameters.get("charset", "").split(" ")[0]
        if part.media_type == "text/html":
            charset = charset or charset_of_page(content)
        text, lost = decoded(content, charset)
        if lost:
            self.problems.append("Some of its characters could not be read (its character set is not what it says).")
        if _TURNED.search(text):
            self.problems.append("It has characters that turn the direction of writing; they were taken out.")
        return text

    def _plain(self, part: Part) -> list[Text]:
        text = self._decoded(part)
        if text.lstrip("\ufeff \r\n").startswith("BEGIN:VCALENDAR"):
            self._keep_calendar(text)
            return []
        if _PGP.search(text):
            self.problems.append("It has an encrypted text (PGP), which was not read.")
            text = _PGP.sub("", text)
        seen = without_unseen(text)
        if part.parameters.get("format", "").lower() == "flowed":
            seen = _unflowed(seen, part.parameters.get("delsp", "").lower() == "yes")
        return [Text(seen.strip("\n"))]

    def _page(self, part: Part) -> list[Text]:
        page = self._decoded(part)
        self.html.append(page)
        return [Text(visible_text(page), rich=True)]

    def _calendar(self, part: Part) -> None:
        content, whole = part.content(LARGEST_CALENDARS)
        if not whole:
            self.problems.append("It has a calendar file that is too large; it was not read.")
            return
        self._keep_calendar(decoded(content, part.parameters.get("charset", ""))[0])

    def _keep_calendar(self, text: str) -> None:
        content = text.encode("utf-8", "replace")
        if content in self.calendars or not content.strip():
            return
        if len(self.calendars) >= MOST_CALENDARS or sum(map(len, self.calendars)) + len(content) > LARGEST_CALENDARS:
            self.problems.append("It has more calendar files than are read.")
            return
        self.calendars.append(content)

    def _document(self, part: Part, in_related: bool, shown: set[str]) -> Attachment | None:
        content = part.content()[0]
        kind = by_first_bytes(content)
        name = file_name(one_seen_line(part.shown_name, 200))
        called = f"The attachment “{name}”" if name else "An attachment without a name"
        if (kind or part.media_type).startswith("image/"):
            cid = part.headers.text("content-id").strip("<>").lower()
            within = cid in shown if cid else False
            if within or (in_related and cid):
                if len(content) >= NOTED_IMAGE:
                    self.problems.append(
                        f"{called.replace('attachment', 'picture')} stands within the text; it was not read."
                    )
                return None
            smallest = {"inline": SMALL_INLINE_IMAGE, "attachment": SMALL_ATTACHED_IMAGE}
            if len(content) < smallest.get(part.disposition, SMALL_IMAGE):
                return None
        if not kind:
            self.problems.append(f"{called} was not read: {why_unread(content)}.")
            return None
        said = claimed(part.media_type, name)
        if said and said != kind:
            self.problems.append(f"{called} calls itself a {READ[said]}, but is a {READ[kind]}.")
        return Attachment(name or "attachment", kind, content)


def _richest(found: list[list[Text]]) -> list[Text]:
    """Of the alternatives the HTML that has words, or else the last that has."""
    worded = [texts for texts in found if any(text.words.strip() for text in texts)]
    rich = [texts for texts in worded if any(text.rich and text.words.strip() for text in texts)]
    return (rich or worded or [[]])[-1]


def _unquoted_from(text: str, forwarded: list[Forwarded]) -> str:
    """The text with a forwarded mail's `>` taken off, so that its lines begin as they were written."""
    quoted = next((one.line for one in forwarded if one.quoted), None)
    if quoted is None:
        return text
    lines = text.split("\n")
    while quoted and lines[quoted - 1].startswith(">"):
        quoted -= 1
    return "\n".join([*lines[:quoted], unquoted("\n".join(lines[quoted:]))])


def _unflowed(text: str, without_space: bool) -> str:
    """Paragraphs that were broken in sending (RFC 3676), whole again."""
    whole: list[str] = []
    depth = 0
    open_line: list[str] = []
    for line in text.split("\n"):
        marks = _FLOWED_QUOTE.match(line)
        level = len(marks[0]) if marks else 0
        words = line[level:].removeprefix(" ")
        soft = words.endswith(" ") and words != "-- "
        if open_line and level != depth:
            whole.append("".join(open_line))
            open_line = []
        if not open_line:
            depth = level
            open_line = [">" * level + " "] if level else []
        open_line.append(words[:-1] if soft and without_space else words)
        if not soft:
            whole.append("".join(open_line))
            open_line = []
    return "\n".join([*whole, "".join(open_line)] if open_line else whole)
