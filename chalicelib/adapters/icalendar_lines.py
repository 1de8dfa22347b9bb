"""An .ics as the components and lines that it is made of, before any meaning: every limit is kept here.

The library's tokenizer reads each line. Its own tree isn't used: one bad line would cost the whole file, a quote
needs the line as sent, and its time zones follow any rule to whatever end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from icalendar.parser import Contentline

from chalicelib.errors import Unreadable

MOST_BYTES = 2_000_000
_MOST_LINES = 20_000
_MOST_COMPONENTS = 1_000
_DEEPEST = 8
_LONGEST_LINE = 20_000
_MOST_OF_A_NAME = 200
"""Lines of one name in one component: attendees without end are nobody's booking."""
_FOLD = re.compile(r"(?:\r\n|\r|\n)[ \t]")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ")
_NAME = re.compile(r"[A-Za-z0-9-]{1,80}")
_STAMPS = re.compile(r"[0-9TZPWDHMS,/]*", re.I)


@dataclass(frozen=True, slots=True)
class Line:
    """One property. `text` is the line as sent, unfolded; `value` is unescaped, `params` by upper-case name."""

    text: str
    params: dict[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """What stands between a BEGIN and its END. `broken`: a line that can't be read, or no END."""

    name: str
    lines: dict[str, list[Line]] = field(default_factory=dict)
    inner: list[Component] = field(default_factory=list)
    broken: bool = False

    def first(self, name: str) -> Line | None:
        """The first property of a name."""
        return next(iter(self.lines.get(name, ())), None)

    def value(self, name: str) -> str:
        """Its value; "" if there is none."""
        line = self.first(name)
        return line.value.strip() if line else ""


def calendars(content: bytes | str) -> list[Component]:
    """The VCALENDARs of a file, and events that stand outside of any as one more. Raises Unreadable."""
    root, open_now, count = Component("FILE"), [], 0
    stack: list[Component] = [root]
    for text in _unfolded(content):
        name, _, rest = text.partition(":")
        keyword = name.strip().upper()
        if keyword == "BEGIN":
            count += 1
            if count > _MOST_COMPONENTS:
                raise Unreadable(f"the calendar file has more than {_MOST_COMPONENTS} entries")
            if len(stack) > _DEEPEST:
                raise Unreadable("the calendar file is nested too deep")
            inner = Component(rest.strip().upper()[:40])
            stack[-1].inner.append(inner)
            stack.append(inner)
        elif keyword == "END":
            open_now = [component.name for component in stack[1:]]
            if rest.strip().upper()[:40] in open_now:
                while len(stack) > 1 and stack[-1].name != rest.strip().upper()[:40]:
                    stack.pop().broken = True
                stack.pop()
        elif len(stack) > 1:
            _add(stack[-1], text)
    for component in stack[1:]:
        component.broken = True
    if not root.inner:
        raise Unreadable("it isn't a calendar file")
    found = [component for component in root.inner if component.name == "VCALENDAR"]
    loose = [component for component in root.inner if component.name in ("VEVENT", "VTIMEZONE")]
    if not found and not loose:
        raise Unreadable("the calendar file has no calendar in it")
    return [*found, Component("VCALENDAR", inner=loose)] if loose else found


def _add(component: Component, text: str) -> None:
    """Add a line's property to its component. Attachments are left out unread."""
    name = _NAME.match(text)
    if name is None:
        component.broken = component.broken or bool(text.strip())
        return
    key = name[0].upper()
    same = component.lines.setdefault(key, [])
    if key in ("ATTACH", "X-ALT-DESC") or len(same) >= _MOST_OF_A_NAME:
        return
    line = _line(text)
    if line is None:
        component.broken = True
    else:
        same.append(line)


def _line(text: str) -> Line | None:
    """A line's property; None for one that can't be read, or is too long to be anything of a booking."""
    if len(text) > _LONGEST_LINE:
        return None
    try:
        _, params, value = Contentline(text).parts()
    except ValueError:
        return None
    flat = {str(k).upper(): ",".join(map(str, v)) if isinstance(v, list) else str(v) for k, v in params.items()}
    if "TZID" in flat and not _STAMPS.fullmatch(value.strip()):
        return _line_with_bare_zone(text)
    return Line(text, flat, value)


def _line_with_bare_zone(text: str) -> Line | None:
    """`DTSTART;TZID=(UTC+08:00) Kuala Lumpur, Singapore:20261130T090000`: some calendars forget that a
    colon wants quotes."""
    match = re.fullmatch(r"[A-Z-]+;(?:VALUE=[A-Z-]+;)?TZID=(?P<zone>[^;]*):(?P<value>[0-9TZ,]+)", text, re.I)
    return Line(text, {"TZID": match["zone"]}, match["value"]) if match else None


def _unfolded(content: bytes | str) -> Iterator[str]:
    if len(content) > MOST_BYTES:
        raise Unreadable(f"the calendar file is larger than {MOST_BYTES // 1_000_000} MB")
    text = _FOLD.sub("", content if isinstance(content, str) else _decoded(content))
    lines = re.split(r"[\r\n]+", text)
    if len(lines) > _MOST_LINES:
        raise Unreadable(f"the calendar file has more than {_MOST_LINES} lines")
    return (line for line in lines if line)


def _decoded(content: bytes) -> str:
    if content.startswith(_PACKED):
        raise Unreadable("the calendar file is packed")
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
