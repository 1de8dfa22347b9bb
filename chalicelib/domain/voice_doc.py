"""The voice doc, cut at its headings: which text is whose, and every line that can't be understood (DESIGN §4.3)."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

from chalicelib.domain.appointment import Channel
from chalicelib.domain.rule_book import as_typed
from chalicelib.domain.voice_dates import language_code
from chalicelib.domain.voice_templates import CUSTOMER_FIELDS, STAFF_FIELDS, Section, Template
from chalicelib.errors import DocumentError, LineProblem

SectionKey = tuple[Template, Channel, str]
"""Template, channel, language code."""

_TEMPLATES = {template.heading.casefold(): template for template in Template} | {
    "reschedule confirmation": Template.MOVED,
    "cancellation note": Template.CANCELLED,
    "canceled": Template.CANCELLED,
}
_ALMOST = {"1st reminder": Template.FIRST_REMINDER, "2nd reminder": Template.SECOND_REMINDER}
_CHANNELS = {
    "text": Channel.TEXT, "texts": Channel.TEXT, "sms": Channel.TEXT, "txt": Channel.TEXT, "email": Channel.EMAIL,
    "e-mail": Channel.EMAIL, "emails": Channel.EMAIL, "mail": Channel.EMAIL, "slack": Channel.SLACK,
}  # fmt: skip
_HEADING_EXPECTED = 'expected a heading like "First reminder, text:" or "Second reminder, email, zh:"'
_SUBJECT = re.compile(r"\s*subject ?[:：]\s*(.*)", re.IGNORECASE)
_RULE = re.compile(r"\s*([-_=*~])\1{2,}\s*|\s*[-—–_]{3,}\s*")
_BRACED = re.compile(r"\{\s*([^{}]*?)\s*\}")


@dataclass(frozen=True, slots=True)
class _Heading:
    template: Template
    channels: tuple[Channel, ...]
    language: str
    own_channel: bool  # False: it speaks for all channels, and a heading of a channel's own counts before it


@dataclass(slots=True)
class _Open:
    """A section whose lines come in."""

    heading: _Heading
    line: int
    lines: list[str] = field(default_factory=list)


def read_sections(text: str, language: str) -> dict[SectionKey, Section]:
    """Every section of the doc; `language` is the code of those whose heading names none.

    Raises DocumentError with one problem per line that can't be understood.
    """
    problems: list[LineProblem] = []
    sections: list[_Open] = []
    lost = False  # under a heading that couldn't be read: whose placeholders these are isn't known
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        try:
            heading = _heading(raw, language, inside=bool(sections))
        except ValueError as problem:
            problems.append(_problem(number, raw, problem))
            lost = True
            continue
        if heading:
            sections.append(_Open(heading, number))
            lost = False
        elif sections and not lost:
            try:
                sections[-1].lines.append(_line(raw, sections[-1].heading.template))
            except ValueError as problem:
                problems.append(_problem(number, raw, problem))
                sections[-1].lines.append(raw)
    by_name: dict[SectionKey, Section] = {}
    by_channel: dict[SectionKey, Section] = {}
    for section in sections:
        try:
            _place(by_channel if section.heading.own_channel else by_name, section)
        except ValueError as problem:
            problems.append(LineProblem(section.line, str(problem)))
    if problems:
        raise DocumentError(sorted(problems, key=lambda problem: problem.line))
    return {**by_name, **by_channel}


def _place(found: dict[SectionKey, Section], section: _Open) -> None:
    """Put a finished section where it belongs. Raises ValueError if it is empty, or there already."""
    heading = section.heading
    subject, body = _subject_and_body(section)
    if not body:
        raise ValueError(f'no text under "{heading.template.heading}"; expected its words on the lines below')
    for channel in heading.channels:
        key = (heading.template, channel, heading.language)
        if key in found:
            raise ValueError(f'"{heading.template.heading}" is there already, on line {found[key].line}; expected one')
        found[key] = Section(body, subject if channel is Channel.EMAIL else "", section.line)


def _subject_and_body(section: _Open) -> tuple[str, str]:
    """The subject, if the first line says one, and the text without blank lines and rules at its ends."""
    lines = list(section.lines)
    subject = ""
    while lines and (not lines[0].strip() or _RULE.fullmatch(lines[0])):
        lines.pop(0)
    if lines and (said := _SUBJECT.fullmatch(lines[0])):
        if Channel.EMAIL not in section.heading.channels:
            raise ValueError(f'"{section.heading.template.heading}": only an e-mail has a subject; expected a text')
        subject = said[1].strip()
        lines.pop(0)
    while lines and (not lines[-1].strip() or _RULE.fullmatch(lines[-1])):
        lines.pop()
    return subject, "\n".join(lines).strip()


def _line(raw: str, template: Template) -> str:
    """One line of a text, placeholders spelled one way. Raises ValueError for one that doesn't exist."""
    line = re.sub(r"[\u00a0\u2007\u202f\t]", " ", raw.replace("｛", "{").replace("｝", "}"))
    line = re.sub(r"[\ufeff\u200b\u2060\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", line)
    allowed = CUSTOMER_FIELDS | STAFF_FIELDS if template is Template.GAP_ALERT else CUSTOMER_FIELDS

    def spelled(found: re.Match[str]) -> str:
        name = re.sub(r"[\s-]+", "_", found[1].casefold())
        if name not in allowed:
            raise ValueError(_no_such(found[1], name, allowed))
        return f"{{{name}}}"

    line = _BRACED.sub(spelled, line)
    if re.search(r"[{}]", _BRACED.sub("", line)):
        raise ValueError('a "{" or "}" without its other half; expected placeholders like {customer}')
    return line.rstrip()


def _no_such(shown: str, name: str, allowed: frozenset[str]) -> str:
    if name in STAFF_FIELDS:
        return f"{{{shown[:30]}}} is for the gap alert only"
    close = difflib.get_close_matches(name, allowed, n=1)
    expected = f"{{{close[0]}}}" if close else ", ".join(f"{{{each}}}" for each in sorted(allowed))
    return f"no placeholder is called {{{shown[:30]}}}; expected {expected}"


def _heading(raw: str, language: str, inside: bool) -> _Heading | None:
    """The heading that a line is, or None for a line of text. Raises ValueError for what is almost a heading."""
    line = re.sub(r"^[\s#*•>-]+|[\s*]+$", "", as_typed(raw))
    said, colon, rest = line.partition(":")
    parts = [part.strip() for part in re.split(r"[,，、()]| - | and ", said.casefold()) if part.strip()]
    if not parts or len(said) > 60:
        return None
    name = re.sub(r"[_-]", " ", parts[0])
    template = _TEMPLATES.get(name)
    names_channel = any(part in _CHANNELS for part in parts[1:])
    if template is None:
        meant = _ALMOST.get(name) or next(
            (_TEMPLATES[near] for near in difflib.get_close_matches(name, _TEMPLATES, n=1, cutoff=0.85)), None
        )
        looks_like_one = all(part in _CHANNELS or language_code(part) for part in parts[1:])
        if colon and not rest.strip() and looks_like_one and (names_channel or meant):
            hint = f'expected "{meant.heading}"' if meant else _HEADING_EXPECTED
            raise ValueError(f'no template is called "{parts[0]}"; {hint}')
        return None
    if not colon:
        if names_channel:
            raise ValueError(f"a heading without its colon; {_HEADING_EXPECTED}")
        return None
    if rest.strip():
        if names_channel or not inside:
            raise ValueError("its text begins on the heading's own line; expected it on the lines below")
        return None
    return _read_heading(template, parts[1:], language)


def _read_heading(template: Template, parts: list[str], language: str) -> _Heading:
    channels: list[Channel] = []
    for part in parts:
        if channel := _CHANNELS.get(part):
            if channel not in template.channels:
                raise ValueError(f"{template.heading} does not go by {part}; {_HEADING_EXPECTED}")
            channels.append(channel)
        elif code := language_code(part):
            language = code
        else:
            raise ValueError(f'"{part}" is neither a channel nor a language; {_HEADING_EXPECTED}')
    return _Heading(template, tuple(dict.fromkeys(channels)) or template.channels, language, bool(channels))


def _problem(number: int, raw: str, problem: ValueError) -> LineProblem:
    return LineProblem(number, f'"{_short(as_typed(raw))}": {problem}')


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
