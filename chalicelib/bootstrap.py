"""Where the real world is put together: adapters built late and once, and the clock, which is born here.

`runtime(clock=...)` is the one seam besides endpoint addresses. AWS's come from botocore's own `AWS_ENDPOINT_URL` and
`AWS_ENDPOINT_URL_<SERVICE>`; `AR_SLACK_API` and `AR_GOOGLE_API` are the other two (blank: the real ones).

Zone files: the functions run with `PYTHONTZPATH=""`, so that the zones are those of the pinned `tzdata` package and
not of the system, which go stale.
"""

from __future__ import annotations

import logging
import os
import threading
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib import intake_ports, ports, summary_ports
from chalicelib.config import Config, parse_config, unknown_parameters
from chalicelib.ports import Document

if TYPE_CHECKING:  # every adapter brings its SDK along: imported when its port is first asked for
    from chalicelib.adapters.google_credentials import GoogleApi
    from chalicelib.adapters.secrets_manager import SecretsManager

log = logging.getLogger(__name__)

CONFIG_AGE = timedelta(minutes=5)
_CONNECT_SECONDS = 2
_READ_SECONDS = 8
_ATTEMPTS = 3
_SMS_CONNECT_SECONDS = 1
_SMS_READ_SECONDS = 5
_MODEL_READ_SECONDS = 20
_MODEL_ATTEMPTS = 1
"""A mail's function has a minute for two answers of the model; what fails is tried again as a whole."""


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)  # noqa: TID251


class AwsRuntime:
    """`runtime.Runtime` on AWS, Google and Slack. Nothing is built, read or imported before it is asked for."""

    def __init__(self, clock: ports.Clock = utc_now) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._config: Config | None = None
        self._config_read = datetime.min.replace(tzinfo=UTC)

    @property
    def clock(self) -> ports.Clock:
        """Now, aware, UTC."""
        return self._clock

    @property
    def config(self) -> Config:
        """At most five minutes old. Raises ConfigError with every problem, or UpstreamError."""
        with self._lock:
            age = self._clock() - self._config_read
            if self._config is None or not timedelta() <= age < CONFIG_AGE:
                self._config = self._read_config()
                self._config_read = self._clock()
            return self._config

    def _read_config(self) -> Config:
        values = self.parameters.all()
        config = parse_config(values)
        if config == self._config:
            return self._config  # the same object, so that what is cached by it stays
        for pointer in ("sheet", "docs"):  # these were built for the documents that the former one named
            self.__dict__.pop(pointer, None)
        for problem in unknown_parameters(values):
            log.warning("unknown_parameter", extra={"problem": problem})
        return config

    @property
    def _known_config(self) -> Config:
        """What was last read, however old: an adapter in the middle of a send must not fail for a fresher one."""
        return self._config or self.config

    @cached_property
    def documents(self) -> ports.Documents:
        from chalicelib.adapters.s3_documents import S3Documents

        return S3Documents(self._client("s3"))

    @cached_property
    def sheet(self) -> ports.Sheet:
        from chalicelib.adapters.google_sheet import GoogleSheet

        return GoogleSheet(self._google, self.config.sheet_id)

    @cached_property
    def docs(self) -> ports.Docs:
        from chalicelib.adapters.google_docs import GoogleDocs

        ids = {Document.RULES: self.config.rules_doc_id, Document.VOICE: self.config.voice_doc_id}
        return GoogleDocs(self._google, ids)

    @cached_property
    def store(self) -> ports.Store:
        from chalicelib.adapters.dynamodb_store import DynamoStore

        return DynamoStore(self._dynamodb)

    @cached_property
    def ledger(self) -> ports.Ledger:
        from chalicelib.adapters.dynamodb_ledger import DynamoLedger

        return DynamoLedger(self._dynamodb)

    @cached_property
    def week_records(self) -> summary_ports.WeekRecords:
        from chalicelib.adapters.dynamodb_week import DynamoWeekRecords

        return DynamoWeekRecords(self._dynamodb)

    @cached_property
    def bus(self) -> ports.Bus:
        from chalicelib.adapters.eventbridge_bus import EventBridgeBus

        return EventBridgeBus(self._client("events"))

    @cached_property
    def schedules(self) -> ports.Schedules:
        from chalicelib.adapters.scheduler_one_offs import SchedulerOneOffs

        return SchedulerOneOffs(self._client("scheduler"))

    @cached_property
    def sms(self) -> ports.Sms:
        from chalicelib.adapters.sns_sms import SnsSms

        client = self._client("sns", connect_timeout=_SMS_CONNECT_SECONDS, read_timeout=_SMS_READ_SECONDS, attempts=1)
        return SnsSms(client, lambda: self._known_config.sms_sender)

    @cached_property
    def email(self) -> ports.Email:
        from chalicelib.adapters.ses_email import SesEmail

        return SesEmail(self._client("sesv2"), lambda: self._known_config.email_from, self._clock)

    @cached_property
    def staff(self) -> ports.Staff:
        from chalicelib.adapters.slack_staff import SlackStaff

        return SlackStaff(self.secrets.slack_token, os.environ.get("AR_SLACK_API", ""))

    @cached_property
    def presses(self) -> ports.StaffPresses:
        from chalicelib.adapters.slack_signature import SlackPresses

        return SlackPresses(self.secrets.slack_signing_secret)

    @cached_property
    def parameters(self) -> ports.Parameters:
        from chalicelib.adapters.ssm_parameters import SsmParameters

        return SsmParameters(self._client("ssm"))

    @cached_property
    def secrets(self) -> SecretsManager:
        from chalicelib import logs
        from chalicelib.adapters.secrets_manager import SecretsManager

        return SecretsManager(self._client("secretsmanager"), logs.hide)

    @cached_property
    def metrics(self) -> ports.Metrics:
        from chalicelib.adapters.emf_metrics import EmfMetrics

        return EmfMetrics()

    @cached_property
    def tokens(self) -> ports.Tokens:
        from chalicelib.adapters.system_tokens import SystemTokens

        return SystemTokens()

    @cached_property
    def raw_mail(self) -> intake_ports.RawMail:
        from chalicelib.adapters.s3_raw_mail import S3RawMail

        return S3RawMail(self._client("s3"))

    @cached_property
    def invites(self) -> intake_ports.ExactReader:
        from chalicelib.adapters.icalendar_invites import IcalendarInvites

        return IcalendarInvites()

    @cached_property
    def structured_pages(self) -> intake_ports.ExactReader:
        from chalicelib.adapters.structured_pages import StructuredPages

        return StructuredPages()

    @cached_property
    def office_text(self) -> intake_ports.DocumentText:
        from chalicelib.adapters.office_documents import OfficeDocuments

        return OfficeDocuments()

    @property
    def booking_model(self) -> intake_ports.BookingModel | None:
        return self._bedrock_bookings if self.config.bedrock_model else None

    @cached_property
    def _bedrock_bookings(self) -> intake_ports.BookingModel:
        from chalicelib.adapters.bedrock_bookings import BedrockBookings

        client = self._client("bedrock-runtime", read_timeout=_MODEL_READ_SECONDS, attempts=_MODEL_ATTEMPTS)
        return BedrockBookings(client, lambda: self._known_config.bedrock_model)

    @property
    def storyteller(self) -> summary_ports.Storyteller | None:
        return self._bedrock_story if self.config.bedrock_model else None

    @cached_property
    def _bedrock_story(self) -> summary_ports.Storyteller:
        from chalicelib.adapters.bedrock_story import BedrockStory

        client = self._client("bedrock-runtime", read_timeout=_MODEL_READ_SECONDS, attempts=_MODEL_ATTEMPTS)
        return BedrockStory(client, lambda: self._known_config.bedrock_model)

    @cached_property
    def charts(self) -> summary_ports.Charts:
        from chalicelib.adapters.pypng_charts import PypngCharts

        return PypngCharts()

    @cached_property
    def scans(self) -> intake_ports.Scans:
        from chalicelib.adapters.textract_scans import TextractScans

        return TextractScans(self._client("textract"), self._clock)

    @cached_property
    def calendars(self) -> intake_ports.Calendars:
        from chalicelib.adapters.google_calendar import GoogleCalendars

        return GoogleCalendars(self._google)

    @cached_property
    def _google(self) -> GoogleApi:
        from chalicelib.adapters.google_credentials import GoogleApi

        return GoogleApi(self.secrets.google_account, os.environ.get("AR_GOOGLE_API", ""))

    @cached_property
    def _dynamodb(self) -> Any:
        return self._client("dynamodb")

    @cached_property
    def _session(self) -> Any:
        import boto3

        return boto3.session.Session()

    def _client(
        self,
        service: str,
        connect_timeout: int = _CONNECT_SECONDS,
        read_timeout: int = _READ_SECONDS,
        attempts: int = _ATTEMPTS,
    ) -> Any:
        """A client whose calls end well before the function does. Seconds; `attempts` counts the first one."""
        from botocore.config import Config as ClientConfig

        with self._lock:  # a session isn't safe to build clients from in two threads
            return self._session.client(
                service,
                config=ClientConfig(
                    connect_timeout=connect_timeout,
                    read_timeout=read_timeout,
                    retries={"total_max_attempts": attempts, "mode": "standard"},
                ),
            )


_runtime: AwsRuntime | None = None


def runtime(clock: ports.Clock | None = None) -> AwsRuntime:
    """The process's one runtime, built at the first call. Another `clock` begins a new one."""
    global _runtime
    if _runtime is None or (clock is not None and clock != _runtime.clock):
        _runtime = AwsRuntime(clock or utc_now)
        if os.environ.get("AWS_LAMBDA_FUNCTION_NAME"):
            from chalicelib import logs

            logs.set_up()
    return _runtime
