"""A mail as it came in, taken apart: what its readers may see, and nothing that they may not.

The words of a mail are data. Comments, scripts and hidden text are not in here, nor is anything fetched from a link.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document beside the mail: its name as sent (path tricks cut), its type as its first bytes say it."""

    name: str
    media_type: str  # lower case: application/pdf, image/png, ...
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What SES itself found, from the topmost header of each name: `PASS`, `FAIL`, `GRAY`, ...; "" where absent."""

    spam: str = ""
    virus: str = ""
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """One mail. Addresses are bare and lower case. A forward keeps the outer sender as `sender`."""

    subject: str
    sender: str
    sent: datetime | None  # the mail's own Date with its own offset; of a forward, the innermost that has one
    text: str  # what a person sees, the forwarded part included; HTML as text
    sender_name: str = ""
    message_id: str = ""
    recipients: tuple[str, ...] = ()
    forwarded_from: tuple[str, ...] = ()  # senders of the mails within, outermost first
    html: tuple[str, ...] = field(default=(), repr=False)  # HTML bodies as sent, for structured data only
    calendars: tuple[bytes, ...] = field(default=(), repr=False)  # text/calendar parts and .ics files
    attachments: tuple[Attachment, ...] = ()  # PDF, images that aren't inline logos, DOCX, XLSX
    automatic: bool = False  # List-Unsubscribe, Auto-Submitted, Precedence: bulk
    verdicts: Verdicts = Verdicts()
    problems: tuple[str, ...] = ()  # what was left unread and why, in words for staff
