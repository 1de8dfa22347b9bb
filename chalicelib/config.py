"""Parameters -> one typed `Config`; a configuration that is wrong names every problem at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import Window


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

