"""The shop as its mirrored documents describe it: rules, hours, voice, rows. What every deciding use case reads first.

Nothing here asks Google: the mirrors in S3 are what the system acts on (DESIGN §4.1).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from chalicelib.config import Config
from chalicelib.domain.appointment import Appointment, Window
from chalicelib.domain.chain import ChainState, chain_state, seen
from chalicelib.domain.mirror import MirrorRow, appointment_of, find_row
from chalicelib.domain.plan import Schedule, Seen
from chalicelib.domain.rules import HouseRules, house_rules, parse_rules
from chalicelib.domain.send import Send
from chalicelib.domain.sending_hours import SendingHours
from chalicelib.domain.sheet import Terms
from chalicelib.domain.standing import Standing
from chalicelib.domain.voice import VoiceBook, parse_voice
from chalicelib.ports import Document
from chalicelib.runtime import Runtime


@dataclass(frozen=True)
class Visit:
    """One appointment with all that a decision about it needs."""

    row: MirrorRow
    appointment: Appointment  # with the start that counts
    standing: Standing | None
    state: ChainState
    schedule: Schedule
    seen: Seen


class Shop:
    """The mirrored documents, parsed when first asked for."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self.config: Config = rt.config
        mirror = rt.documents.read(Document.APPOINTMENTS)
        rules = rt.documents.read(Document.RULES)
        self.mirror = mirror.text if mirror else ""
        self._rules_text = rules.text if rules else None

    @property
    def ready(self) -> bool:
        """False until a sheet and a rules doc have been taken: with neither former doc nothing is sent (§4.2)."""
        return bool(self.mirror) and self._rules_text is not None

    @property
    def rules(self) -> HouseRules:
        """The house rules in force."""
        return _house_rules(self._rules_text, self.config)

    @cached_property
    def hours(self) -> SendingHours:
        """When customers may be written to."""
        return _sending_hours(self._rules_text, self.config)

    @cached_property
    def terms(self) -> Terms:
        """How cells are read."""
        return Terms(self.config.zone, self.config.country, self.config.date_order, self.rules.opening)

    @cached_property
    def voice(self) -> VoiceBook:
        """The templates in force; the product's defaults where there is no voice doc."""
        stored = self._rt.documents.read(Document.VOICE)
        return parse_voice(stored.text if stored else "", self.config.language)

    @cached_property
    def rules_since(self) -> Mapping[str, Mapping[str, str]]:
        """Per service and window, the sync that took its line."""
        stored = self._rt.documents.read(Document.RULES_SINCE)
        since: Mapping[str, Mapping[str, str]] = json.loads(stored.text) if stored else {}
        return since

    @cached_property
    def held(self) -> frozenset[str]:
        """The appointments that the brake holds."""
        stored = self._rt.documents.read(Document.SYNC_STATE)
        return frozenset(json.loads(stored.text).get("held", ())) if stored else frozenset()

    def row(self, appt_id: str) -> MirrorRow | None:
        """The mirrored row of an id; None if it is gone or isn't acted on."""
        return find_row(self.mirror, appt_id)

    def visit(self, row: MirrorRow, standing: Standing | None) -> Visit | None:
        """What a decision about this row needs; None if the row can't be acted on (its problems are the sync's)."""
        reading = appointment_of(row, self.terms)
        if reading.appointment is None or row.first_seen is None:
            return None
        state = chain_state(row, reading.appointment, standing, row.appt_id in self.held)
        schedule = self.schedule(state.appointment)
        return Visit(row, state.appointment, standing, state, schedule, seen(state, schedule.windows, self.rules_since))

    def visit_of(self, rt: Runtime, appt_id: str) -> Visit | None:
        """The visit of an id as it stands now; None if its row is gone or can't be acted on."""
        row = self.row(appt_id)
        return self.visit(row, rt.store.standings([appt_id]).get(appt_id)) if row else None

    def schedule(self, appointment: Appointment) -> Schedule:
        """The windows that count for this visit: the row's own, else its service's."""
        rules = self.rules
        windows, _ = rules.windows(appointment.service)
        own: tuple[Window, ...] | None = appointment.reminders
        return Schedule(windows if own is None else own, rules.gap_minutes)

    def minutes(self, appointment: Appointment) -> int:
        """How long the visit takes: the row's own, else the rules', else thirty minutes."""
        return appointment.minutes or self.rules.minutes(appointment.service)


def is_answered(visit: Visit, send: Send) -> bool:
    """Whether this send has become pointless: its visit was answered, or is at another time now."""
    return bool(visit.state.closed) or visit.appointment.chain != send.key.chain


@lru_cache(maxsize=4)
def _house_rules(text: str | None, config: Config) -> HouseRules:
    # A doc that was taken reads the same without the services' names; they only guard its taking.
    book = parse_rules(text, ()) if text is not None else None
    return house_rules(book, windows=config.windows, quiet=config.quiet, gap_minutes=config.gap_minutes)


@lru_cache(maxsize=4)  # it remembers its days' stretches, which tick after tick asks for
def _sending_hours(text: str | None, config: Config) -> SendingHours:
    return _house_rules(text, config).sending_hours(config.zone, config.country, config.region)
