"""Every alarm: what it watches, when it is one, what it means for the shop, and which section says what to do.

Plain values, so that docs/operations.md can be held to them. `guardrails_stack.py` makes them; the function `alarm`
posts their words to Slack. An alarm costs ten cents a month for each metric that it watches, after ten that are free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib import names

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

LAMBDA = "AWS/Lambda"


@dataclass(frozen=True, slots=True)
class Watched:
    """One metric of an alarm."""

    metric: str
    namespace: str = names.METRICS_NAMESPACE
    stat: str = "Sum"
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. It is one when the figure of `of` periods in a row is `above` a bound, or `below` it.

    `metrics` has one entry, or several by the ids that `expression` uses. `what` is the first sentence that staff
    read, and the one that tells of the end; `means` goes on from there; `section` is a heading of docs/operations.md.
    `missing` is what no figure at all stands for: a heartbeat that is missing is `breaching`.
    """

    name: str
    section: str
    what: str
    means: str
    metrics: Mapping[str, Watched]
    period: int  # seconds
    of: int = 1
    above: float | None = None
    below: float | None = None
    expression: str = ""
    missing: str = "notBreaching"

    @property
    def description(self) -> str:
        """What CloudWatch keeps and staff read."""
        return f"{self.what} {self.means} What to do: docs/operations.md, “{self.section}”."


TICK = "The tick is missing"
SYNC = "The sync is missing"
SCHEDULED = "A scheduled function is missing"
WEEK = "The week isn't told"
FAILED = "A function failed, or stopped taking events"
ERRORS = "Errors in the log"
LETTERS = "Dead letters"
OUTBOX = "The outbox grows old"
TEXTS = "Texts don't arrive"
QUOTA = "The month's quota for texts is used up"
CAP = "Texts stopped at a daily cap"
MAILS = "Mails can't be read on"
LINKS = "Bad links"
SLACK = "Slack's requests are refused"
PAGES = "A page could not be shown"

LOG_TROUBLE = "log_trouble"
PAGE_ERRORS = "page_errors"
FEW_FAILED_TEXTS = 3
"""So many at least: one text of two that failed is half of them, and no sign of anything."""


def _ours(metric: str, stat: str = "Sum") -> dict[str, Watched]:
    return {"m": Watched(metric, stat=stat)}


def alarms(functions: Mapping[str, str], scheduled: Sequence[str]) -> list[Alarm]:
    """All of them. `functions` are their names as deployed, by the names in app.py; `scheduled` those with a clock."""
    reminder = {"FunctionName": functions[names.REMINDER]}
    others = [name for name in scheduled if name not in (names.REMINDER, names.DRIVE_SYNC)]
    return [
        Alarm(
            "tick-missing", TICK, "The tick is missing.",
            "Nothing new has been handed out for over an hour; reminders that were booked before still go.",
            _ours("tick"), period=15 * MINUTE, of=5, below=1, missing="breaching",
        ),
        Alarm(
            "tick-failed", TICK, "The tick failed.",
            "What is due now may go an hour late; nothing is lost, and the next good tick catches up.",
            {"m": Watched("Errors", LAMBDA, dimensions=reminder)}, period=HOUR, above=0,
        ),
        Alarm(
            "sync-missing", SYNC, "The sync is missing.",
            "What is written into the sheet isn't seen; reminders go on from the last good list.",
            _ours("sync"), period=5 * MINUTE, of=3, below=1, missing="breaching",
        ),
        *(
            Alarm(
                f"missing-{name}", WEEK if name == names.SUMMARY else SCHEDULED,
                f"The function {name} hasn't run for over an hour.",
                "Reminders are not touched; what it looks after waits.",
                {"m": Watched("Invocations", LAMBDA, dimensions={"FunctionName": functions[name]})},
                period=15 * MINUTE, of=5, below=1, missing="breaching",
            )
            for name in others
        ),
        Alarm(
            "functions-failed", FAILED, "Functions keep failing.",
            "Each event is tried three times and kept then; what could not be sent is told here by itself.",
            {"m": Watched("Errors", LAMBDA)}, period=HOUR, above=2,
        ),
        Alarm(
            "functions-throttled", FAILED, "AWS holds functions back.",
            "Too many run at once: messages and pages are late, or a page isn't shown.",
            {"m": Watched("Throttles", LAMBDA)}, period=5 * MINUTE, above=0,
        ),
        Alarm(
            "log-trouble", ERRORS, "The logs are full of errors.",
            "Something that the system relies on refuses, holds back or doesn't answer.",
            _ours(LOG_TROUBLE), period=HOUR, above=20,
        ),
        Alarm(
            "dead-letters", LETTERS, "There are dead letters.",
            "Something was given up on and is kept; a reminder in it is taken up again by the tick.",
            {"m": Watched("ApproximateNumberOfMessagesVisible", "AWS/SQS", "Maximum",
                          {"QueueName": names.DEAD_LETTERS})},
            period=5 * MINUTE, above=0,
        ),
        Alarm(
            "outbox-old", OUTBOX, "Something promised can't be done.",
            "An answer may not be in the sheet yet, or a line not in Slack; the answers themselves are safe and count.",
            _ours("outbox_minutes", "Maximum"), period=15 * MINUTE, above=30,
        ),
        Alarm(
            "outbox-unreadable", OUTBOX, "Something promised is not understood.",
            "It is kept, and done when the newer version is deployed again.",
            _ours("outbox_unreadable"), period=15 * MINUTE, above=0,
        ),
        Alarm(
            "texts-failed", TEXTS, "More than 5 % of the day's texts didn't arrive.",
            "Each of them has gone by e-mail, or was put to you to call.",
            {"failed": Watched("sms_failed"), "delivered": Watched("sms_delivered")}, period=DAY, above=5,
            expression=f"IF(FILL(failed, 0) < {FEW_FAILED_TEXTS}, 0, "
            "100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(delivered, 0)))",
        ),
        Alarm(
            "texts-over-quota", QUOTA, "The month's quota for texts is used up.",
            "No text arrives until it is raised; customers with an e-mail address are reached.",
            _ours("texts_over_quota"), period=HOUR, above=0,
        ),
        Alarm(
            "texts-over-cap", CAP, "Texts stopped at a daily cap.",
            "Customers with an e-mail address get their reminder by e-mail, the others need a call.",
            _ours("texts_over_cap"), period=HOUR, above=0,
        ),
        Alarm(
            "scans-stuck", MAILS, "Scans of mails don't end.",
            "You have got what there was of each mail; look at the originals.",
            _ours("scan_stuck"), period=DAY, above=1,
        ),
        Alarm(
            "model-malformed", MAILS, "The model's answers can't be used.",
            "The mails' text was put to you instead.",
            _ours("model_malformed"), period=DAY, above=5,
        ),
        Alarm(
            "links-refused", LINKS, "Many presses came with a link that isn't good.",
            "None of them changed anything.",
            _ours("token_refused"), period=HOUR, above=10,
        ),
        Alarm(
            "slack-refused", SLACK, "Slack's requests are refused.",
            "If your buttons don't act, the signing secret has changed; if they do, somebody else is trying.",
            _ours("slack_refused"), period=HOUR, above=5,
        ),
        Alarm(
            "pages-failed", PAGES, "A page could not be shown.",
            "A customer saw “something went wrong”. Nothing was half done; they may try again, or call.",
            _ours(PAGE_ERRORS), period=HOUR, above=0,
        ),
    ]  # fmt: skip
