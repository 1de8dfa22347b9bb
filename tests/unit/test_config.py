"""The configuration: typed, with every problem named at once."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from chalicelib.config import Config, parse_config, unknown_parameters
from chalicelib.errors import ConfigError

GOOD = {
    "timezone": "Asia/Singapore",
    "country": "SG",
    "shop_name": "Bright Dental",
    "base_url": "https://r.bright.sg/r/",
    "sheet_id": "1AbC-_9",
    "rules_doc_id": "rules1",
    "voice_doc_id": "voice1",
    "slack_channel": "#front-desk",
    "email_from": "appointments@bright.example",
}


def config(**changes: str) -> Config:
    return parse_config({**GOOD, **changes})


def problems(**changes: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config(**changes)
    return list(caught.value.problems)


def test_the_required_parameters_alone_give_the_product_s_defaults() -> None:
    """Promise 39."""
    plain = config()
    assert (plain.windows, plain.gap_minutes, plain.quiet) == ((1440, 120), 180, (time(21), time(8)))
    assert (plain.texts_per_number, plain.texts_per_day, plain.brake_share, plain.brake_rows) == (12, 300, 0.3, 5)
    assert str(plain.zone) == "Asia/Singapore"
    assert not plain.delivery_log


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("country", "gb-eng", "region", "ENG"),
        ("country", "gb-eng", "country", "GB"),
        ("default_windows", "72, 24, 3", "windows", (4320, 1440, 180)),
        ("default_windows", "none", "windows", ()),
        ("quiet_hours", "10pm to 7:30am", "quiet", (time(22), time(7, 30))),
        ("quiet_hours", "none", "quiet", None),
        ("gap_alert", "4", "gap_minutes", 240),
        ("gap_alert", "90 minutes", "gap_minutes", 90),
        ("date_order", "DMY", "date_order", "dmy"),
        ("brake_share", "50%", "brake_share", 0.5),
        ("texts_per_day", "1000", "texts_per_day", 1000),
        ("sms_delivery_log", "yes", "delivery_log", True),
        (
            "calendars",
            "dana@bright.example, c_1a2b@group.calendar.google.com",
            "calendars",
            ("dana@bright.example", "c_1a2b@group.calendar.google.com"),
        ),
        ("bedrock_model", "None", "bedrock_model", ""),
        ("intake_address", "Bookings@bright.example", "intake_address", "bookings@bright.example"),
        (
            "intake_senders",
            "Dana@bright.example, @salon.example",
            "intake_senders",
            frozenset({"dana@bright.example", "@salon.example"}),
        ),
        ("sms_sender", "+6598765432", "sms_sender", "+6598765432"),
        ("sms_sender", "BRIGHT", "sms_sender", "BRIGHT"),
        ("slack_users", "U1, dana  U2", "slack_users", frozenset({"U1", "dana", "U2"})),
        ("base_url", "http://127.0.0.1:8123/r/", "base_url", "http://127.0.0.1:8123/r/"),
        ("sheet_id", "https://docs.google.com/spreadsheets/d/1AbC-_9/edit#gid=0", "sheet_id", "1AbC-_9"),
        ("language", "zh", "language", "zh"),
    ],
)
def test_each_parameter_is_read_as_people_write_it(name: str, text: str, field: str, value: Any) -> None:
    assert getattr(config(**{name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("timezone", "Singapore time", "Asia/Singapore"),
        ("timezone", "../etc/passwd", "Asia/Singapore"),
        ("country", "Singapore", "two letters"),
        ("country", "GB-XYZ", "no region of GB"),
        ("base_url", "http://r.bright.sg/r/", "https://"),
        ("base_url", "https://r.bright.sg/", "end with /r/"),
        ("base_url", "https://r.bright.sg/r/?x=/r/", "no address"),
        ("sheet_id", "my sheet", "after /d/"),
        ("date_order", "ymd", "dmy or mdy"),
        ("gap_alert", "3, 2", "one number of hours"),
        ("quiet_hours", "9 to 8", "am or pm"),
        ("sms_sender", "BRIGHT DENTAL SG", "sender id"),
        ("email_from", "appointments", "e-mail address"),
        ("texts_per_day", "0", "whole number from 1"),
        ("texts_per_number", "many", "whole number from 1"),
        ("brake_share", "0", "percentage"),
        ("sms_delivery_log", "maybe", "yes or no"),
        ("shop_name", "Bright\nDental", "one line"),
        ("calendars", "Dana's calendar", "calendar ids"),
        ("bedrock_model", "the cheap one", "inference profile"),
        ("intake_address", "bookings", "e-mail address"),
        ("intake_senders", "bright.example", "@bright.example"),
        ("default_windows", "soon", "soon"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(name: str, text: str, expected: str) -> None:
    [problem] = problems(**{name: text})
    assert problem.startswith(f"{name}: ")
    assert expected in problem


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({"timezone": "Mars", "texts_per_day": "x"})
    named = [problem.partition(":")[0] for problem in caught.value.problems]
    assert set(named) == set(GOOD) | {"texts_per_day"}


def test_a_blank_parameter_counts_as_missing() -> None:
    assert problems(sheet_id="  ") == ["sheet_id: is missing"]


def test_a_misspelt_name_is_pointed_out_where_it_is_missed() -> None:
    values = {**GOOD, "time_zone": "Asia/Singapore"}
    del values["timezone"]
    with pytest.raises(ConfigError, match="did you mean time_zone"):
        parse_config(values)


def test_an_unknown_parameter_stops_nothing_and_is_worth_a_warning() -> None:
    assert config(quite_hours="none").quiet == (time(21), time(8))
    assert unknown_parameters([*GOOD, "quite_hours", "sending"]) == [
        "quite_hours: no such parameter (did you mean quiet_hours?)"
    ]


def test_a_configuration_can_key_a_cache() -> None:
    assert hash(config()) == hash(config())
