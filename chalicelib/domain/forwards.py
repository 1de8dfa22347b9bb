"""A mail forwarded within the text of another: whose it was, and when it was sent.

`tomorrow` in a forwarded booking counts from the day of the booking's own mail, so the date in the forwarded header is
read where it has one meaning. An answer quotes in the same form; its own date is the one that counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

from chalicelib.domain.forward_labels import FORWARD, FROM, LABELS, MARKS, REPLY, SENT, SUBJECT
from chalicelib.domain.mime_headers import addresses_in, instant

MOST_FORWARDS = 20
_MOST_LINES = 20_000
_LABEL = re.compile(r"([^:：]{1,60})[:：]\**[ \t]*(.*)")
_AROUND_LABEL = " \t*_>|"
_QUOTE = re.compile(r"^(?:[ \t]?>)+ ?")
_LONGEST_BLOCK = 12  # lines
_LONGEST_LINE = 300
_ORIGINAL = re.compile(r"origin|ursprüng|initial|oorspronk|原始|元の|원본", re.I)
_CLOCK = re.compile(
    r"(?P<before>上午|下午|午前|午後|오전|오후|PG|PTG)?\s*(?<![\d.])(?P<hour>\d{1,2})[:.時时点시](?P<minute>\d{2})(?!\d)"
    r"(?:[:.分분](?P<second>\d{2}))?\s*(?P<after>[ap]\.?\s?m\b\.?|上午|下午)?",
    re.I,
)
_AFTERNOON = ("p", "下午", "午後", "오후")
_OFFSET = re.compile(
    r"(?:(?:GMT|UTC)\s*([+-])(\d{1,2})(?::?(\d{2}))?|(?<=[\d\s])([+-])(\d{2}):?(\d{2}))(?!\d)|\b(GMT|UTC)\b", re.I
)
_ISO = re.compile(r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(?<![\d.])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|st|nd|rd|th|er|º)?\s*(?:de\s+)?([^\W\d_]{3,12})\.?,?\s*(?:de\s+)?(\d{4})(?!\d)"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_MONTHS = (
    "jan|gen|ene|sty|янв|oca", "feb|fév|fev|lut|фев|şub", "mar|mär|mrz|maa|мар|mrt|mac", "apr|avr|abr|kwi|апр|nis",
    "may|mai|mag|mei|maj|мая|май", "jun|juin|giu|czer|июн|haz", "jul|juil|lug|lip|июл|tem",
    "aug|aoû|ago|sie|авг|ağu|ogos|agu", "sep|set|wrz|сен|eyl", "oct|okt|ott|out|paź|окт|eki", "nov|lis|ноя|kas",
    "dec|dez|déc|dic|gru|дек|ara|dis|des",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Forwarded:
    """One forwarded mail's header as it stands in the text: where it begins, and what it says."""

    line: int
    sender: str
    subject: str
    sent: str  # as it is written
    quoted: bool = field(default=False)  # behind `>`


def forwarded_within(text: str, subject: str, is_answer: bool) -> list[Forwarded]:
    """The mails forwarded within, outermost first; none where the mail (or the one around) is an answer.

    `subject` is that of the mail around; `is_answer`: it refers to another (In-Reply-To).
    """
    lines = text.split("\n", _MOST_LINES)[:_MOST_LINES]
    found: list[Forwarded] = []
    answers = bool(REPLY.match(subject)) or (is_answer and not FORWARD.match(subject))
    at = 0
    while at < len(lines) and len(found) < MOST_FORWARDS:
        block, behind = _block(lines, at)
        if block is None:
            at += 1
            continue
        if answers and not _announced(lines, at, marked_only=not found):
            break
        found.append(block)
        answers = bool(REPLY.match(block.subject))
        at = behind
    return found


def unquoted(text: str) -> str:
    """The text without the marks of quoting at the beginning of its lines."""
    return "\n".join(_QUOTE.sub("", line) for line in text.split("\n"))


def sent_at(forwarded: Sequence[Forwarded], outer: datetime | None) -> datetime | None:
    """When the innermost of them was sent that tells it without doubt; `outer`, the mail's own date, else.

    A date without an offset is in the zone of whoever forwarded it: the mail's own. One after the mail's own day
    isn't believed.
    """
    for one in reversed(forwarded):
        moment = read_sent(one.sent, outer)
        if moment and (outer is None or moment <= outer + timedelta(days=1)):
            return moment
    return outer


def read_sent(text: str, outer: datetime | None) -> datetime | None:
    """A date and time as mail programs write them; None if it has two readings or no time of day."""
    text = text[:120]
    if re.search(r"\d{1,2} [A-Za-z]{3} \d{4} \d{1,2}:\d{2}(:\d{2})? (?:[+-]\d{4}|GMT|UTC)", text):
        return instant(text)
    day, clock = _day(text), _clock(text)
    if day is None or clock is None:
        return None
    zone = _zone(text) or (outer.tzinfo if outer else UTC) or UTC
    return datetime.combine(day, clock, zone)


def _announced(lines: Sequence[str], at: int, marked_only: bool) -> bool:
    """Whether a line before says that a mail is forwarded here (an answer's quotation says `original`)."""
    before = [line for line in lines[max(0, at - 3) : at] if line.strip()]
    if not marked_only or not before:
        return False
    last = _QUOTE.sub("", before[-1][:_LONGEST_LINE])
    return bool(MARKS.match(last)) and not _ORIGINAL.search(last)


def _block(lines: Sequence[str], at: int) -> tuple[Forwarded | None, int]:
    """The header block that begins at this line, and the line behind it.

    It has a sender with an address, or subject and date beside the sender: `From: 9:00` is no mail.
    """
    if _role(_LABEL.match(lines[at][:_LONGEST_LINE])) not in (FROM, SENT, SUBJECT):
        return None, at + 1
    said: dict[str, str] = {}
    last = ""
    behind = at
    for behind in range(at, min(at + _LONGEST_BLOCK, len(lines))):
        line = lines[behind][:_LONGEST_LINE]
        match = _LABEL.match(line)
        role = _role(match)
        if match and role:
            if role == FROM and FROM in said:
                break
            said.setdefault(role, match[2].strip(" *"))
            last = role
        elif not _QUOTE.sub("", line).strip():
            if len(said) > 1:
                break
        elif last and len(said) > 1 and not said.get(last):
            said[last] = line.strip()
        elif not (last and line[:1] in " \t"):
            break
    senders = addresses_in(said.get(FROM, ""))
    known = {FROM, SENT, SUBJECT} & said.keys()
    if FROM not in said or len(known) < 2 or not (senders or len(known) == 3):
        return None, at + 1
    quoted = bool(_QUOTE.match(lines[at]))
    return Forwarded(at, senders[0] if senders else "", said.get(SUBJECT, ""), said.get(SENT, ""), quoted), behind


def _role(match: re.Match[str] | None) -> str:
    return LABELS.get(match[1].strip(_AROUND_LABEL).casefold(), "") if match else ""


def _day(text: str) -> date | None:
    if match := _ISO.search(text):
        return _valid(match[1], match[2], match[3])
    for pattern, day, month in ((_MONTH_DAY, 2, 1), (_DAY_MONTH, 1, 2)):
        for match in pattern.finditer(text):
            if number := _month(match[month]):
                return _valid(match[3], number, match[day])
    if match := _NUMBERS.search(text):
        first, second = int(match[1]), int(match[3])
        if match[2] == "." or first > 12 or first == second:  # dots: day first, wherever they are used
            return _valid(match[4], second, first)
        if second > 12:
            return _valid(match[4], first, second)
    return None


def _valid(year: str, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day)) if 1990 <= int(year) <= 2100 else None
    except ValueError:
        return None


def _month(word: str) -> int:
    """The month by how its name begins; 0 for another word, or one that begins two."""
    name = word.casefold()
    found = [number for number, starts in enumerate(_MONTHS, 1) if name.startswith(tuple(starts.split("|")))]
    return found[0] if len(found) == 1 else 0


def _clock(text: str) -> time | None:
    match = _CLOCK.search(_ISO.sub(" ", _NUMBERS.sub(" ", text)))
    if not match:
        return None
    hour = int(match["hour"])
    half = (match["after"] or match["before"] or "").casefold()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith(_AFTERNOON) else 0)
    try:
        return time(hour, int(match["minute"]), int(match["second"] or 0))
    except ValueError:
        return None


def _zone(text: str) -> timezone | None:
    match = _OFFSET.search(text)
    if not match:
        return None
    sign, hours, minutes = match[1] or match[4], match[2] or match[5], match[3] or match[6]
    if not sign:
        return UTC
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(offset if sign == "+" else -offset) if offset < timedelta(hours=15) else None
