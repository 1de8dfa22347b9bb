"""Parameters -> one typed `Config`; a configuration that is wrong names every problem at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import phonenumbers

from chalicelib.domain.appointment import Window
from chalicelib.domain.rules_clock import read_quiet_hours
from chalicelib.domain.rules_windows import parse_windows
from chalicelib.domain.text_price import TextPrice, read_text_price
from chalicelib.domain.time_text import read_time
from chalicelib.errors import ConfigError

HAIKU = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
"""Haiku 4.5 through the global cross-region profile."""


@dataclass(frozen=True, slots=True)
class Config:
    """What the shop and its engineer decided. Defaults are DESIGN §4.2's; names are the parameters' own."""

    zone: ZoneInfo  # timezone
    country: str  # country: `SG`, for public holidays and phone numbers
    region: str = ""  # from country `GB-ENG`: `ENG`
    shop_name: str = ""
    shop_phone: str = ""
    base_url: str = ""  # of reply links, ends in `/r/`
    sheet_id: str = ""
    rules_doc_id: str = ""
    voice_doc_id: str = ""
    language: str = "en"  # the shop's own
    date_order: str = ""  # "", `dmy` or `mdy`
    windows: tuple[Window, ...] = (24 * 60, 2 * 60)  # default_windows, hours in the parameter
    quiet: tuple[time, time] | None = (time(21), time(8))  # quiet_hours
    gap_minutes: int = 180  # gap_alert, hours in the parameter
    staff_channel: str = ""  # slack_channel
    slack_channels: frozenset[str] = frozenset()  # allowed for presses; the staff channel always is
    slack_users: frozenset[str] = frozenset()  # allowed to press; empty: everybody in the channel
    sms_sender: str = ""  # sender id or number (origination identity)
    email_from: str = ""
    texts_per_number: int = 12
    texts_per_day: int = 300
    brake_share: float = 0.30
    brake_rows: int = 5
    delivery_log: bool = False  # sms_delivery_log: whether SNS delivery logging is on
    calendars: tuple[str, ...] = ()  # Google Calendar ids that are looked through for `#appt`
    busy_calendars: tuple[str, ...] = ()  # Google Calendar ids whose taken times are offered to nobody
    bedrock_model: str = HAIKU  # the model that reads mails; "" for none
    intake_address: str = ""  # where bookings are forwarded to
    intake_senders: frozenset[str] = frozenset()  # whose mail is read: addresses, `@domains`; empty: anybody's
    summary_channel: str = ""  # where the weekly summary goes; "": the staff channel
    owner_email: str = ""  # who gets it as a mail, too; "": nobody
    text_price: TextPrice | None = None  # per segment, for the summary
    morning_line: time | None = None  # when staff hear of the day's visits; None: never


NOT_CONFIG = frozenset({"sending"})
"""Parameters under the config path that are read elsewhere, fresh."""

REQUIRED = (
    "timezone",
    "country",
    "shop_name",
    "base_url",
    "sheet_id",
    "rules_doc_id",
    "voice_doc_id",
    "slack_channel",
    "email_from",
)


def parse_config(values: Mapping[str, str]) -> Config:
    """The configuration that the parameters under `/ar/config/` give. Raises ConfigError with every problem.

    Required: `timezone` (IANA: Asia/Singapore), `country` (ISO 3166: SG, or with its region GB-ENG), `shop_name`,
    `base_url` (of reply links: https://r.bright.sg/r/), `sheet_id`, `rules_doc_id`, `voice_doc_id`,
    `slack_channel`, `email_from` (the verified sender).

    With defaults: `shop_phone`; `language` (en); `date_order` (dmy or mdy; blank refuses 03/04/2026);
    `default_windows` (hours: 24, 2); `quiet_hours` (9pm to 8am; none); `gap_alert` (hours before the start: 3);
    `slack_channels` and `slack_users` (who may press buttons, comma-separated); `sms_sender` (sender id or number;
    blank is SNS's own); `texts_per_number` and `texts_per_day` (caps: 12, 300); `brake_share` (per cent: 30) and
    `brake_rows` (5); `sms_delivery_log` (yes or no).

    For bookings by mail and calendar: `calendars` (Google Calendar ids, comma-separated; blank: none);
    `busy_calendars` (calendars whose taken times no customer may move to);
    `bedrock_model` (an inference profile or model id; Haiku 4.5; none); `intake_address` (where staff forward
    bookings to: no customer's); `intake_senders` (whose mail is read: addresses and @domains, comma-separated;
    blank: anybody's).

    For the weekly summary: `summary_channel` (blank: `slack_channel`); `owner_email` (blank: Slack only);
    `text_price` (per segment, with its currency: SG 0.0421, MY 0.029 USD; blank: segments without a price).
    For the front desk: `morning_line` (when it hears of the day's visits: 8am; blank or none: never).

    A blank parameter counts as missing. `sending` is read on every dispatch instead; names that nobody knows are
    left to `unknown_parameters`.
    """
    config: dict[str, Any] = {}
    problems: list[str] = []
    for name, (field, parse) in _PARAMETERS.items():
        text = values.get(name, "").strip()
        if not text:
            if name in REQUIRED:
                problems.append(f"{name}: is missing{_did_you_mean(name, set(values) - set(_PARAMETERS))}")
            continue
        try:
            config[field] = parse(text)
        except ValueError as problem:
            problems.append(f"{name}: {problem}")
    if problems:
        raise ConfigError(problems)
    config["country"], _, config["region"] = config["country"].partition("-")
    return Config(**config)


def unknown_parameters(names: Collection[str]) -> list[str]:
    """Names that mean nothing here, each with the known name that it may stand for: worth a warning, no more."""
    known = {*_PARAMETERS, *NOT_CONFIG}
    return [f"{name}: no such parameter{_did_you_mean(name, known)}" for name in sorted(set(names) - known)]


def _did_you_mean(name: str, others: Collection[str]) -> str:
    close = difflib.get_close_matches(name, sorted(others), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (LookupError, ValueError, OSError) as unknown:
        raise ValueError(f"{_short(text)} is no time zone; expected one like Asia/Singapore") from unknown


def _country(text: str) -> str:
    country, _, region = text.upper().partition("-")
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"{_short(text)} is no country; expected two letters like SG, or GB-ENG")
    if region:
        import holidays  # 40 ms that only a shop with a region pays

        try:
            holidays.country_holidays(country, subdiv=region)
        except NotImplementedError as unknown:
            raise ValueError(f"{_short(region)} is no region of {country} whose holidays are known") from unknown
    return text.upper()


def _one_line(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("must be one line of text")
    return text


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise ValueError(f"{_short(text)} must begin with https://")
    if not parts.hostname or parts.query or parts.fragment or re.search(r"\s", text):
        raise ValueError(f"{_short(text)} is no address; expected one like https://r.bright.sg/r/")
    if not parts.path.endswith("/r/"):
        raise ValueError(f"{_short(text)} must end with /r/")
    return text


def _google_id(text: str) -> str:
    found = re.fullmatch(r"(?:https://docs\.google\.com/(?:spreadsheets|document)/d/)?([\w-]+)(?:/.*)?", text)
    if not found:
        raise ValueError(f"{_short(text)} is no id; expected the part after /d/ in the document's address")
    return found[1]


def _language(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):
        raise ValueError(f"{_short(text)} is no language; expected a code like en or zh")
    return text.lower()


def _date_order(text: str) -> str:
    if text.lower() not in ("dmy", "mdy"):
        raise ValueError(f"{_short(text)}: expected dmy or mdy")
    return text.lower()


def _gap_minutes(text: str) -> int:
    windows = parse_windows(text)
    if len(windows) != 1:
        raise ValueError(f"{_short(text)}: expected one number of hours, like 3")
    return windows[0]


def _quiet_hours(text: str) -> tuple[time, time] | None:
    quiet = read_quiet_hours(text)
    return (quiet.begin, quiet.end) if quiet else None


def _names(text: str) -> frozenset[str]:
    return frozenset(name for name in re.split(r"[,\s]+", text) if name)


def _sms_sender(text: str) -> str:
    number = re.fullmatch(r"\+?\d{3,15}", text)
    sender_id = re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}", text)
    if not number and not sender_id:
        raise ValueError(f"{_short(text)}: expected a number, or a sender id of up to 11 letters and digits")
    return text


def _email(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text):
        raise ValueError("is no e-mail address; expected one like appointments@your-company.com")
    return text


def _calendars(text: str) -> tuple[str, ...]:
    calendars = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for calendar in calendars:
        if not re.fullmatch(r"[^@\s,<>\"]+@[A-Za-z0-9.-]+|primary", calendar):
            raise ValueError("expected calendar ids, comma-separated, each like an e-mail address")
    return calendars


def _bedrock_model(text: str) -> str:
    if text.lower() == "none":
        return ""
    if not re.fullmatch(r"[A-Za-z0-9.:/_-]{1,2048}", text):
        raise ValueError(f"{_short(text)} is no model; expected an inference profile like {HAIKU}, or none")
    return text


def _address(text: str) -> str:
    return _email(text).lower()


def _senders(text: str) -> frozenset[str]:
    senders = frozenset(_names(text.lower()))
    for sender in senders:
        if not re.fullmatch(r"[^@\s<>\"]*@[a-z0-9-]+(\.[a-z0-9-]+)+", sender):
            raise ValueError(
                "expected addresses and domains, comma-separated, like dana@bright.example, @bright.example"
            )
    return senders


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text) or int(text) < 1:
        raise ValueError(f"{_short(text)}: expected a whole number from 1")
    return int(text)


def _share(text: str) -> float:
    found = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*%?", text)
    if not found or not 1 <= float(found[1]) <= 100:
        raise ValueError(f"{_short(text)}: expected a percentage from 1 to 100, like 30")
    return float(found[1]) / 100


def _morning_line(text: str) -> time | None:
    if text.lower() in ("none", "off", "no"):
        return None
    try:
        read = read_time(text)
    except ValueError as wrong:
        raise ValueError(f"{_short(text)} {wrong}; expected a time like 8am or 07:30, or none") from wrong
    return read.at


def _yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no", "true", "false", "on", "off"):
        raise ValueError(f"{_short(text)}: expected yes or no")
    return text.lower() in ("yes", "true", "on")


_PARAMETERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "timezone": ("zone", _zone),
    "country": ("country", _country),
    "shop_name": ("shop_name", _one_line),
    "shop_phone": ("shop_phone", _one_line),
    "base_url": ("base_url", _base_url),
    "sheet_id": ("sheet_id", _google_id),
    "rules_doc_id": ("rules_doc_id", _google_id),
    "voice_doc_id": ("voice_doc_id", _google_id),
    "language": ("language", _language),
    "date_order": ("date_order", _date_order),
    "default_windows": ("windows", parse_windows),
    "quiet_hours": ("quiet", _quiet_hours),
    "gap_alert": ("gap_minutes", _gap_minutes),
    "slack_channel": ("staff_channel", _one_line),
    "slack_channels": ("slack_channels", _names),
    "slack_users": ("slack_users", _names),
    "sms_sender": ("sms_sender", _sms_sender),
    "email_from": ("email_from", _email),
    "texts_per_number": ("texts_per_number", _count),
    "texts_per_day": ("texts_per_day", _count),
    "brake_share": ("brake_share", _share),
    "brake_rows": ("brake_rows", _count),
    "sms_delivery_log": ("delivery_log", _yes_or_no),
    "calendars": ("calendars", _calendars),
    "busy_calendars": ("busy_calendars", _calendars),
    "bedrock_model": ("bedrock_model", _bedrock_model),
    "intake_address": ("intake_address", _address),
    "intake_senders": ("intake_senders", _senders),
    "summary_channel": ("summary_channel", _one_line),
    "owner_email": ("owner_email", _address),
    "text_price": ("text_price", read_text_price),
    "morning_line": ("morning_line", _morning_line),
}
"""Parameter -> field of Config and what reads it."""
