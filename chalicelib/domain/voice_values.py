"""What is put into a message's placeholders: made harmless, and written as people of that language write it.

A cell is typed by anybody, so its value stays on one line, is short, hides no direction marks and carries no link:
a phone turns `evil.com` into one by itself. Only the `link` column may hold an address, checked by `clean_link`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import Appointment
from chalicelib.domain.voice_dates import visit_words

LONGEST_VALUE = 80
LONGEST_LINK = 500
LOCAL_START = "local_start"
"""A field beside the placeholders: the visit's shop-local start, so that a template gets days in its own language."""

_KEPT_INVISIBLE = "\u200c\u200d"  # joiners that Persian, Indic scripts and emoji are spelled with
_TLD = (
    "com|net|org|info|biz|io|co|app|dev|me|ly|gl|shop|site|online|store|xyz|top|link|click|live|club|vip|cc|tv|win"
    "|icu|page|web|cloud|tech|space|website|ru|cn|sg|my|uk|us|eu|in|tk|ml"
)
_LINKS = re.compile(
    r"[a-z][a-z0-9+.-]*:(?://|\\\\)\S*"  # any scheme
    r"|(?:mailto|tel|sms|javascript|data):\S*"
    r"|www\.\S*"
    r"|[^\s@]+@[^\s@]+\.[^\s@]+"
    r"|[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+)?(?:/\S*)?"
    rf"|(?:[\w-]+\.)+(?:{_TLD})(?![\w])(?:[/:?#]\S*)?"
    r"|(?:[\w-]+\.)+[a-z]{2}(?:/\S*)",
    re.IGNORECASE,
)
_GLUED = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")
_WEB_ADDRESS = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?::[0-9]+)?(?:[/?#]\S*)?", re.IGNORECASE)
_ON_THIS_MACHINE = re.compile(r"https?://(?:localhost|127\.0\.0\.1)(?::[0-9]+)?(?:[/?#]\S*)?", re.IGNORECASE)


def clean_text(text: str) -> str:
    """A cell's value for a message: one short line without control and direction marks, braces or links.

    A name with a dot inside (`Dr.Lim`) gets a space after it, so that no phone takes it for an address.
    """
    line = plain_text(text[:400].replace("．", ".").replace("。", ". "))
    for _ in range(3):  # what is left may form a link again
        line = _LINKS.sub(" ", line)
    line = re.sub(r"\s+", " ", _GLUED.sub(". ", line)).strip()
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 3].rstrip() + "..."


def plain_text(text: str) -> str:
    """One line without what can't be seen; braces become brackets, so that no value looks like a placeholder."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(_seen(letter) for letter in text)
    return re.sub(r" +", " ", text.replace("{", "(").replace("}", ")")).strip()


def _seen(letter: str) -> str:
    """What is left of one character on a line."""
    category = unicodedata.category(letter)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    return "" if category in ("Cf", "Cs", "Co") and letter not in _KEPT_INVISIBLE else letter


def clean_link(text: str) -> str:
    """A web address as the sheet's `link` column has it; "" for anything else (`javascript:`, a remark, two lines)."""
    link = text.strip().replace("{", "%7B").replace("}", "%7D")
    unseen = any(unicodedata.category(letter)[0] in "CZ" for letter in link)
    if unseen or len(link) > LONGEST_LINK or re.search(r"[<>\"'`\\]", link):
        return ""
    return link if _WEB_ADDRESS.fullmatch(link) or _ON_THIS_MACHINE.fullmatch(link) else ""


def visit_fields(
    appointment: Appointment, zone: ZoneInfo, language: str = "en", shop: str = "", shop_phone: str = ""
) -> dict[str, str]:
    """What placeholders say about a visit, in the shop's time: `Thursday`, `26 Nov`, `9:00am` (`language` permitting).

    The reply links and `hours` are the sender's to add. `render` writes day, date and time anew in the language of
    the template that it finds.
    """
    local = appointment.start.astimezone(zone)
    words = visit_words(local, language)
    return {
        "customer": appointment.customer,
        "service": appointment.service,
        "staff": appointment.staff,
        "day": words.day,
        "date": words.date,
        "time": words.time,
        "shop": shop,
        "shop_phone": shop_phone,
        "booking_link": appointment.link,
        "phone": appointment.phone,
        "email": appointment.email,
        "status": appointment.status_text,
        LOCAL_START: local.replace(tzinfo=None).isoformat(timespec="minutes"),
    }


def in_language(fields: dict[str, str], language: str, short_day: bool = False) -> dict[str, str]:
    """The fields with day, date and time in that language, if they say when the visit is."""
    if not fields.get(LOCAL_START):
        return fields
    words = visit_words(datetime.fromisoformat(fields[LOCAL_START]), language)
    return {**fields, "day": words.short_day if short_day else words.day, "date": words.date, "time": words.time}
