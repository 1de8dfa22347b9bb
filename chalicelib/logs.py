"""One JSON object per fact, and no contact, token or secret in any of them: not even in a traceback of a library.

What leaves through the root logger is scrubbed string by string: phone numbers (their last two digits stay),
e-mail addresses, reply links and tokens, keys, and every secret text that was announced with `hide`.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from chalicelib import names

_secrets: set[str] = set()
_SHORTEST_SECRET = 8

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Secrets Manager's own answer, which its client's DEBUG line shows before anybody could announce the secret.
    (re.compile(r"\bSecret(?:String|Binary)\b.*", re.S), "[secret]"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S), "[key]"),
    (re.compile(r"\bxox[a-z]-[A-Za-z0-9-]+"), "[token]"),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), "[key id]"),
    (re.compile(r"(?i)\b(bearer|authorization:?)\s+\S+"), r"\1 [token]"),
    (re.compile(r"(?<=/r/)[\w%.~-]+|(?<=/u/)[\w%.~-]+"), "[token]"),
    # 30 and more of base64url's letters, small and capital, that are neither hex nor a class's name: a token.
    (
        re.compile(
            r"(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]{30})(?=[a-z0-9_-]*[A-Z])(?=[A-Z0-9_-]*[a-z])(?=[A-Fa-f0-9-]*[G-Zg-z_])"
            r"(?!(?:[A-Z]{1,3}[a-z]+)+(?![A-Za-z0-9_-]))[A-Za-z0-9_-]+={0,2}"
        ),
        "[token]",
    ),
    # A mail or a session's token in plain base64.
    (re.compile(r"(?<![A-Za-z0-9+/])(?=[a-z0-9+/]*[A-Z])(?=[A-Z0-9+/]*[a-z])[A-Za-z0-9+/]{60,}={0,2}"), "[base64]"),
    (
        re.compile(
            r"(?<![A-Za-z0-9.!#$%&'*+/=?^_`{|}~-])[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
        ),
        "[e-mail]",
    ),
    (re.compile(r"(?<!\w)(?:\+|%2B)\d[\d ().-]{4,18}(\d{2})(?!\d)", re.I), r"[phone ..\1]"),
    # A number as people write it in a cell: 8 to 12 digits, alone or in groups; not a date, an ARN or a decimal.
    (
        re.compile(
            r"(?<![\w.:/+-])(?=(?:[() -]{0,3}\d){8})\(?\d{3,5}\)?[ -]?\d{2,4}(?:[ -]?\d{1,3})?(\d{2})(?![\w:/-]|\.\d)"
        ),
        r"[phone ..\1]",
    ),
)
_NOISY = ("boto3", "botocore", "urllib3", "s3transfer", "googleapiclient", "google", "slack_sdk", "httplib2")


def scrub(text: str) -> str:
    """The text without anything that would reach a customer or open a door."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def hide(secret: str) -> None:
    """Keep this text out of every line from now on."""
    for form in {secret, secret.strip(), json.dumps(secret)[1:-1]}:
        if len(form) >= _SHORTEST_SECRET:
            _secrets.add(form)


def set_up(level: int = logging.INFO) -> None:
    """Give the root logger's handlers (Lambda brings one) the scrubbed JSON form. Safe to repeat."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stdout))
    for handler in root.handlers:
        if not isinstance(handler.formatter, ScrubbedJson):
            handler.setFormatter(ScrubbedJson())
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


class ScrubbedJson(LambdaPowertoolsFormatter):
    """Powertools' JSON lines, with every string in them scrubbed. The message of a line is its `event`."""

    def __init__(self) -> None:
        super().__init__(
            service=names.METRICS_NAMESPACE,
            utc=True,
            serialize_stacktrace=False,
            location="%(name)s.%(funcName)s:%(lineno)d",
        )

    def serialize(self, log: Any) -> str:
        """The line."""
        clean = _scrubbed(dict(log))
        line = {"event": clean.pop("message", ""), **clean}
        return json.dumps(line, default=lambda value: scrub(str(value)), ensure_ascii=False)


def _scrubbed(value: Any) -> Any:
    match value:
        case str():
            return scrub(value)
        case dict():
            return {scrub(str(key)): _scrubbed(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_scrubbed(inner) for inner in value]
        case _:
            return value
