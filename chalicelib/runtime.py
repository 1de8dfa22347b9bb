"""The world as a use case sees it: every port, by name. `bootstrap.runtime()` builds the real one, late and once."""

from __future__ import annotations

from typing import Protocol

from chalicelib import intake_ports, ports, summary_ports
from chalicelib.config import Config


class Runtime(Protocol):
    """Each attribute is built when first asked for, so that a function touches only what its role allows."""

    @property
    def clock(self) -> ports.Clock:
        """Now, aware, UTC."""

    @property
    def config(self) -> Config:
        """At most five minutes old. Raises ConfigError with every problem."""

    @property
    def documents(self) -> ports.Documents: ...

    @property
    def sheet(self) -> ports.Sheet: ...

    @property
    def docs(self) -> ports.Docs: ...

    @property
    def store(self) -> ports.Store: ...

    @property
    def ledger(self) -> ports.Ledger: ...

    @property
    def bus(self) -> ports.Bus: ...

    @property
    def schedules(self) -> ports.Schedules: ...

    @property
    def sms(self) -> ports.Sms: ...

    @property
    def email(self) -> ports.Email: ...

    @property
    def staff(self) -> ports.Staff: ...

    @property
    def presses(self) -> ports.StaffPresses: ...

    @property
    def parameters(self) -> ports.Parameters: ...

    @property
    def secrets(self) -> ports.Secrets: ...

    @property
    def metrics(self) -> ports.Metrics: ...

    @property
    def tokens(self) -> ports.Tokens: ...

    @property
    def week_records(self) -> summary_ports.WeekRecords: ...

    @property
    def charts(self) -> summary_ports.Charts: ...

    @property
    def storyteller(self) -> summary_ports.Storyteller | None:
        """None where no model is configured."""

    @property
    def raw_mail(self) -> intake_ports.RawMail: ...

    @property
    def invites(self) -> intake_ports.ExactReader:
        """.ics files."""

    @property
    def structured_pages(self) -> intake_ports.ExactReader:
        """schema.org JSON-LD and microdata in HTML."""

    @property
    def office_text(self) -> intake_ports.DocumentText: ...

    @property
    def booking_model(self) -> intake_ports.BookingModel | None:
        """None where none is configured."""

    @property
    def scans(self) -> intake_ports.Scans: ...

    @property
    def calendars(self) -> intake_ports.Calendars: ...
