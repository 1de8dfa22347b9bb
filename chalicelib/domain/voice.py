"""The voice doc: the shop's own words for every message, the product's where it has none (DESIGN §4.3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from chalicelib.domain.appointment import Channel
from chalicelib.domain.sms import UCS2, segments
from chalicelib.domain.voice_dates import ENGLISH, language_code
from chalicelib.domain.voice_doc import SectionKey, read_sections
from chalicelib.domain.voice_filling import fill
from chalicelib.domain.voice_templates import DEFAULTS, Section, Template
from chalicelib.domain.voice_values import clean_text, in_language, visit_fields
from chalicelib.errors import LineProblem

__all__ = ["DEFAULT_VOICE", "Message", "Template", "VoiceBook", "clean_text", "parse_voice", "visit_fields"]

DEAR = 2
"""A text of more segments than this is warned of."""
SAMPLE = {
    "customer": "Mei Tan-Lopez",
    "service": "Dental cleaning",
    "staff": "Dr Kumar",
    "shop": "Bright Smile Dental",
    "shop_phone": "+6565550123",
    "link": "https://r.bright.sg/r/" + "a" * 42,
    "confirm_link": "https://r.bright.sg/r/" + "a" * 42 + "?a=confirm",
    "reschedule_link": "https://r.bright.sg/r/" + "a" * 42 + "?a=reschedule",
    "cancel_link": "https://r.bright.sg/r/" + "a" * 42 + "?a=cancel",
    "booking_link": "https://book.bright.sg/b/12345",
    "local_start": "2026-11-25T10:00",
}
"""A usual visit, to measure templates with."""

_OPTS_OUT = re.compile(
    r"\b(?:reply|respond|answer|text|send|type)\s+(?:back\s+|with\s+|us\s+|the word\s+)*\W?(cancel|end|quit|remove)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out. `subject` is blank for all but e-mails; both are plain text."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class VoiceBook:
    """A whole voice doc. `language` is the shop's own; a template that isn't in `sections` is the product's."""

    language: str = ENGLISH
    sections: Mapping[SectionKey, Section] = field(default_factory=dict)

    def render(self, template: Template, channel: Channel, language: str, fields: Mapping[str, str]) -> Message:
        """The message in that language, else in the shop's, else in the product's words. Fields are plain values.

        A text has the short day (`Thu`) where that saves a segment. Raises ValueError for a channel that the
        template can't travel by.
        """
        section, spoken = self._section(template, channel, language)
        said = in_language(dict(fields), spoken)
        if channel is Channel.TEXT:
            return Message("", _cheaper(section.body, said, in_language(dict(fields), spoken, short_day=True)))
        if channel is not Channel.EMAIL:
            return Message("", fill(section.body, said))
        if section.subject:
            subject = fill(section.subject, said)
        else:
            subject = fill(DEFAULTS[template, channel].subject, in_language(dict(fields), ENGLISH))
        return Message(re.sub(r"\s+", " ", subject), fill(section.body, said))

    def warnings(self, fields: Mapping[str, str] | None = None) -> tuple[LineProblem, ...]:
        """What the doc may say but shouldn't: dear texts, by a usual visit's fields, and words that opt people out."""
        found: dict[tuple[int, str], LineProblem] = {}
        sample = {**SAMPLE, **(fields or {})}
        for (template, channel, language), section in self.sections.items():
            for problem in _doubts(template, channel, section, sample, language):
                found[section.line, problem] = LineProblem(section.line, problem)
        return tuple(found[key] for key in sorted(found))

    def _section(self, template: Template, channel: Channel, language: str) -> tuple[Section, str]:
        """The words to use and the language that they are in."""
        if channel not in template.channels:
            raise ValueError(f"{template.heading} does not go by {channel.value}")
        own = language_code(self.language) or ENGLISH
        for wanted in dict.fromkeys((language_code(language) or own, own)):
            base = wanted.partition("-")[0]
            for spoken in (wanted, base, *sorted(key[2] for key in self.sections if key[2].startswith(base + "-"))):
                if section := self.sections.get((template, channel, spoken)):
                    return section, spoken
        return DEFAULTS[template, channel], ENGLISH


DEFAULT_VOICE = VoiceBook()
"""The product's own words, where a shop has no voice doc."""


@lru_cache(maxsize=16)  # dispatch and the sync read the same doc again and again
def parse_voice(text: str, language: str) -> VoiceBook:
    """The book that the doc describes; `language` is the shop's own. An empty doc is the product's words.

    Raises DocumentError with one problem per line that can't be understood.
    """
    own = language_code(language) or ENGLISH
    return VoiceBook(own, read_sections(text, own))


def _cheaper(body: str, full: dict[str, str], short: dict[str, str]) -> str:
    """The text with the day written out, or short where that saves a segment."""
    text, shorter = fill(body, full), fill(body, short)
    return shorter if segments(shorter).count < segments(text).count else text


def _doubts(template: Template, channel: Channel, section: Section, sample: dict[str, str], language: str) -> list[str]:
    doubts = []
    if word := _OPTS_OUT.search(section.body):
        doubts.append(f'{template.heading}: "{word.group()}" makes carriers opt the customer out; use {{link}} instead')
    if channel is not Channel.TEXT:
        return doubts
    cost = segments(
        _cheaper(section.body, in_language(sample, language), in_language(sample, language, short_day=True))
    )
    if cost.count > DEAR:
        why = f"; {_named(cost.culprit)} cuts a segment from 153 to 67 characters" if cost.encoding == UCS2 else ""
        doubts.append(f"{template.heading}, text: costs {cost.count} segments for a usual visit{why}")
    return doubts


def _named(letter: str) -> str:
    return f'"{letter}" ({unicodedata.name(letter, f"U+{ord(letter):04X}")})'
