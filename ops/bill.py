"""A month's bill, line by line: so many units of everything, each at its price. Pure; the prices come from outside.

What a text, an answer and an idle run cost in requests was counted on the embedded AWS (`bench/` holds the write units
of a text to their bar). What a run takes in seconds, how much is logged, and how people behave is assumed, and said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ops.prices import Price

MONTH_MINUTES = 30 * 24 * 60
"""A month has thirty days here, as on AWS's own calculator near enough."""

KEPT_MONTHS = 12
"""Tables are never emptied: the storage is that of a system which has run for a year."""


@dataclass(frozen=True, slots=True)
class Function:
    """A scheduled function: minutes between its runs, memory in MB."""

    every_minutes: int
    memory_mb: int

    @property
    def runs(self) -> int:
        """How often it runs in a month."""
        return MONTH_MINUTES // self.every_minutes


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is whether or not anybody books."""

    scheduled: Mapping[str, Function]
    secrets: int = 4
    metrics: int = 6  # metric-months: three come every hour, the rest count only in the hours in which they happen
    alarmed_metrics: int = 21
    dashboards: int = 1
    budgets: int = 1
    own_keys: int = 0  # everything is encrypted with keys that AWS holds


@dataclass(frozen=True, slots=True)
class Month:
    """A shop's month."""

    appointments: int
    country: str
    messages_per_visit: Decimal = Decimal(2)
    segments: int = 1
    emailed: Decimal = Decimal(0)  # share of the messages that go by e-mail: 0 to 1
    answered: Decimal = Decimal("0.6")  # share of the visits that somebody answers by the page
    mails: int = 10  # bookings that come in by e-mail
    pages_per_mail: Decimal = Decimal(1)  # of PDFs and pictures, for Textract


@dataclass(frozen=True, slots=True)
class Work:
    """What one thing that happens costs in requests."""

    writes: int = 0  # DynamoDB write units
    reads: int = 0  # DynamoDB read units, strongly consistent
    gets: int = 0  # S3
    puts: int = 0
    events: int = 0  # EventBridge, our own
    one_offs: int = 0  # EventBridge Scheduler
    runs: int = 0  # Lambda
    gb_seconds: Decimal = Decimal(0)


def _seconds(memory_mb: int, seconds: str, runs: int = 1) -> Decimal:
    return Decimal(memory_mb) / 1024 * Decimal(seconds) * runs


A_TEXT = Work(writes=14, reads=5, gets=10, events=1, one_offs=1, runs=3, gb_seconds=_seconds(256, "1", 3))
"""Two runs of dispatch (one books the minute, one sends) and one on its delivery. Counted but for the seconds."""

AN_EMAIL = Work(writes=11, reads=5, gets=10, events=1, one_offs=1, runs=2, gb_seconds=_seconds(256, "1", 2))
"""No delivery report. Counted but for the seconds."""

AN_ALERT = Work(writes=9, reads=5, gets=10, events=1, one_offs=1, runs=2, gb_seconds=_seconds(256, "1", 2))
"""A visit that nobody answered: the line to staff. No counters, no report."""

AN_ANSWER = Work(
    writes=22, reads=16, gets=25, puts=2, events=3, runs=4, gb_seconds=_seconds(256, "0.5", 3) + _seconds(512, "2")
)
"""A look, a press, what the press writes, the sync that shows it and the tick that follows. Counted but for the
seconds."""

AN_EDIT = Work(writes=6, reads=10, gets=15, puts=2, events=1, runs=1, gb_seconds=_seconds(512, "2"))
"""The shop types a visit in: the mirror is written, a tick follows. Assumed from what an answer was counted at."""

A_MAIL = Work(writes=12, reads=12, gets=6, puts=3, events=2, runs=4, gb_seconds=_seconds(512, "8", 2))
"""Read, proposed, approved. Assumed."""

AN_IDLE_RUN = Work(writes=1, reads=3, gets=2, runs=1)
"""A scheduled run that finds nothing to do: its heartbeat. Counted on a sync; a tick reads more."""

A_TICK = Work(writes=1, reads=11, gets=18, events=1, runs=1)
"""The hourly tick of an ordinary day. Counted."""

TICK = "reminder"
RUN_SECONDS = {"drive_sync": "1.5", TICK: "2"}
"""Assumed; the others take one second."""

REQUESTS_PER_ANSWER = 3
"""At API Gateway: a look by the phone or a scanner, a look by the customer, a press."""

RECORD_KB = 6
"""Of a visit in the tables: two sends, a standing, a reply, some six audit entries."""
ROW_BYTES = 112
"""Of a visit in the mirror. Counted."""
MAIL_KB = 60
EMAIL_KB = 12
PAGE_KB = 8
LOG_KB_PER_RUN = 2
TOKENS_PER_MAIL = (6_000, 700)
SUMMARIES = 5
TOKENS_PER_SUMMARY = (3_000, 500)
"""Read and written. All assumed."""

_GB = Decimal(1_000_000_000)


def usage(month: Month, standing: Standing) -> dict[str, Decimal]:
    """How many units of what a month takes, by the prices' keys."""
    messages = month.appointments * month.messages_per_visit
    emails = messages * month.emailed
    texts = messages - emails
    answers = month.appointments * month.answered
    happened = [
        (texts, A_TEXT),
        (emails, AN_EMAIL),
        (answers, AN_ANSWER),
        (month.appointments - answers, AN_ALERT),
        (month.appointments, AN_EDIT),
        (month.mails, A_MAIL),
        *((one.runs, A_TICK if name == TICK else AN_IDLE_RUN) for name, one in standing.scheduled.items()),
    ]

    def all_of(what: str) -> Decimal:
        return sum((times * getattr(work, what) for times, work in happened), Decimal(0))

    gb_seconds = all_of("gb_seconds") + sum(
        (
            _seconds(function.memory_mb, RUN_SECONDS.get(name, "1"), function.runs)
            for name, function in standing.scheduled.items()
        ),
        Decimal(0),
    )
    records = Decimal(month.appointments * RECORD_KB * KEPT_MONTHS * 1000) / _GB
    changes = min(Decimal(month.appointments) + answers, Decimal(MONTH_MINUTES) / 5)
    versions = changes * month.appointments * ROW_BYTES / _GB  # GB of mirrors a month makes
    raw_mail = Decimal(month.mails * MAIL_KB * 1000) / _GB
    return {
        f"sms.{month.country}": texts * month.segments,
        f"sender.{month.country}": Decimal(1),
        "dynamodb.write_units": all_of("writes"),
        "dynamodb.read_units": all_of("reads"),
        "dynamodb.storage_gb": records,
        "dynamodb.pitr_gb": records,
        "lambda.requests": all_of("runs"),
        "lambda.gb_seconds": gb_seconds,
        "s3.gets": all_of("gets"),
        "s3.puts": all_of("puts"),
        "s3.storage_gb": versions * 3 + raw_mail,
        "s3.glacier_gb": versions * 21 + raw_mail * 11,
        "s3.glacier_moves": changes + month.mails,
        "ses.sent": emails + SUMMARIES,
        "ses.received": Decimal(month.mails),
        "secretsmanager.secrets": Decimal(standing.secrets),
        "secretsmanager.calls": all_of("runs"),
        "cloudwatch.logs_gb": all_of("runs") * LOG_KB_PER_RUN * 1000 / _GB,
        "cloudwatch.metrics": Decimal(standing.metrics),
        "cloudwatch.alarms": Decimal(standing.alarmed_metrics),
        "cloudwatch.dashboards": Decimal(standing.dashboards),
        "eventbridge.events": all_of("events"),
        "scheduler.invocations": all_of("one_offs"),
        "sns.publishes": Decimal(100),
        "sns.emails": Decimal(100),
        "bedrock.input_tokens": Decimal(month.mails * TOKENS_PER_MAIL[0] + SUMMARIES * TOKENS_PER_SUMMARY[0]),
        "bedrock.output_tokens": Decimal(month.mails * TOKENS_PER_MAIL[1] + SUMMARIES * TOKENS_PER_SUMMARY[1]),
        "textract.pages": month.mails * month.pages_per_mail,
        "apigateway.requests": answers * REQUESTS_PER_ANSWER,
        "transfer.out_gb": (emails * EMAIL_KB + answers * REQUESTS_PER_ANSWER * PAGE_KB) * 1000 / _GB,
        "budgets.budgets": Decimal(standing.budgets),
        "kms.keys": Decimal(standing.own_keys),
    }


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill. US dollars, not rounded."""

    price: Price
    quantity: Decimal
    usd: Decimal


def bill(quantities: Mapping[str, Decimal], prices: Mapping[str, Price], *, free: bool = True) -> list[Line]:
    """The lines. `free` leaves out what AWS gives away each month for good.

    A country without a sender's fee has no such line. Raises LookupError for anything else that has no price.
    """
    return list(_lines(quantities, prices, free))


def _lines(quantities: Mapping[str, Decimal], prices: Mapping[str, Price], free: bool) -> Iterator[Line]:
    for key, quantity in quantities.items():
        price = prices.get(key)
        if price is None and key.startswith("sender."):
            continue
        if price is None:
            raise LookupError(f"no price is known for {key}")
        yield Line(price, quantity, price.cost(quantity, free=free))


def total(lines: list[Line]) -> Decimal:
    """Of a bill, US dollars, not rounded."""
    return sum((line.usd for line in lines), Decimal(0))
