"""The logs: one JSON object per fact, and nothing in it that would reach a customer or open a door."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chalicelib import logs
from chalicelib.adapters.system_tokens import SystemTokens
from chalicelib.domain.reply_token import Link, ReplyAction, issue_action, issue_link
from chalicelib.logs import ScrubbedJson, scrub
from tests.fakes.runtime import KEYS

PHONES = [
    "+6591234567",
    "+65 9123 4567",
    "91234567",
    "9123 4567",
    "(020) 7946 0958",
    "+1 (415) 555-2671",
    "415-555-2671",
]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a logger of our own writes through the formatter."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(ScrubbedJson())
    logger = logging.getLogger("canary")
    logger.addHandler(handler)
    logger.propagate = False
    yield written
    logger.removeHandler(handler)


def test_a_line_is_one_json_object_with_its_facts(lines: io.StringIO) -> None:
    """Promise 83."""
    logging.getLogger("canary").warning("sent", extra={"appt_id": "A-17", "move": "first_reminder", "attempt": 2})
    line = json.loads(lines.getvalue())
    assert (line["event"], line["level"]) == ("sent", "WARNING")
    assert (line["appt_id"], line["move"], line["attempt"]) == ("A-17", "first_reminder", 2)


@pytest.mark.parametrize("phone", PHONES)
def test_of_a_phone_number_only_the_last_two_digits_stay(phone: str) -> None:
    clean = scrub(f"Mei at {phone}, again")
    assert clean == f"Mei at [phone ..{phone[-2:]}], again"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-26 09:00",
        "2026-11-26T01:00:00Z",
        "A-17 20261126T0100Z#h48",
        "arn:aws:lambda:ap-southeast-1:123456789012:function:ar-dev-dispatch",
        "0100018c-1234-5678-9abc-def012345678-000000",
        "ar-" + "0a1b2c3d4e" * 4,
        "100000 rows in 12.345678 s",
        "row 12345",
        "ProvisionedThroughputExceededException",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        "test_of_a_phone_number_only_the_last_two_digits_stay",
        "127.0.0.1:45678",
    ],
)
def test_what_is_no_contact_stays(text: str) -> None:
    assert scrub(text) == text


def test_no_link_or_button_can_be_taken_from_a_log() -> None:
    """Promise 69."""
    for number in range(300):
        link = Link(f"{number}", "20261126T0100Z", 2880)
        token = issue_link(link, KEYS)
        button = issue_action(
            link, ReplyAction.CANCEL, SystemTokens().nonce(), datetime(2026, 11, 26, tzinfo=UTC), KEYS
        )
        clean = scrub(f"GET https://r.bright.sg/r/{token}?a=confirm {token} t={button} /u/{token}")
        assert token not in clean
        assert button not in clean
        assert clean.startswith("GET https://r.bright.sg/r/[token]?a=confirm")


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-1234567890-abcdefGHIJ",
        "AKIAIOSFODNN7EXAMPLE",
        "Bearer abc.def-ghi",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
    ],
)
def test_keys_of_known_forms_are_kept_out(secret: str) -> None:
    clean = scrub(f"refused: {secret} (end)")
    assert secret.split()[-1] not in clean
    assert clean.startswith("refused: ")


def test_a_secret_that_was_announced_is_kept_out_whatever_it_looks_like() -> None:
    logs.hide("wordslikeothers\n")
    assert scrub("got wordslikeothers, and more") == "got [secret], and more"


def test_a_traceback_is_scrubbed_too(lines: io.StringIO) -> None:
    try:
        raise ValueError("cannot write to mei@example.com at +6591234567")
    except ValueError:
        logging.getLogger("canary").exception("failed", extra={"to": ["mei@example.com", {"phone": "91234567"}]})
    written = lines.getvalue()
    assert "ValueError" in written
    for contact in ("mei@example.com", "6591234567", "91234567"):
        assert contact not in written


def test_a_library_s_own_line_is_scrubbed_too(lines: io.StringIO) -> None:
    logging.getLogger("canary").error("Caught exception for path %s: %r", "/r/" + "aB3" * 14, {"to": "+6591234567"})
    line = json.loads(lines.getvalue())
    assert line["event"] == "Caught exception for path /r/[token]: {'to': '[phone ..67]'}"


def test_setting_up_twice_changes_nothing_more() -> None:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    formatters = [handler.formatter for handler in handlers]
    try:
        logs.set_up()
        first = [handler.formatter for handler in root.handlers]
        logs.set_up()
        assert [handler.formatter for handler in root.handlers] == first
        assert all(isinstance(formatter, ScrubbedJson) for formatter in first)
        assert logging.getLogger("botocore").level == logging.WARNING
    finally:
        root.setLevel(level)
        for handler, formatter in zip(handlers, formatters, strict=True):
            handler.setFormatter(formatter)
