"""The customers' pages as HTML with the headers that every answer carries: no script, nothing fetched, nothing cached.

The words are in the templates; what a page shows is a view made by a use case. Everything is escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """One HTTP answer, whatever carries it. `outcome` is the page's own word for what became of a press."""

    status: int
    html: str
    headers: Mapping[str, str]
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class ShopFace:
    """How the shop shows on its pages."""

    name: str
    phone: str

    @property
    def dial(self) -> str:
        """The phone as a `tel:` link takes it."""
        return "".join(c for c in self.phone if c.isdigit() or c == "+")


@dataclass(frozen=True, slots=True)
class Button:
    """One press. `action` chooses its words in the template; `token` is what it posts."""

    action: str
    token: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class VisitView:
    """The page of one visit. `stand` and `said` choose its words; times are shop-local texts."""

    shop: ShopFace
    stand: str  # open | confirmed | cancelled | ended
    said: str  # thanks | moved | kept | just taken | changed | busy | texts off | texts on; "" for a look
    service: str
    staff: str
    day: str
    time: str
    buttons: Sequence[Button]
    changed: bool = False  # the visit is at another time than the message that was opened
    booking_link: str = ""
    undo_until: str = ""
    texts: Button | None = None  # opt out of texts, or in again
    outcome: str = ""  # of the press that led here, for programs


@dataclass(frozen=True, slots=True)
class SlotDay:
    """One day's free times: (what the button posts, what it says)."""

    label: str
    times: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SlotsView:
    """The page that a new time is picked on. One token is behind all its buttons: the first press moves."""

    shop: ShopFace
    service: str
    staff: str
    day: str
    time: str
    days: Sequence[SlotDay]
    token: str
    taken: str = ""  # the time that somebody else has just taken
    outcome: str = ""


def visit_page(view: VisitView) -> PageAnswer:
    """A visit and what can still be done with it."""
    return _answer(200, "visit.html", view.outcome, view=view, shop=view.shop)


def slots_page(view: SlotsView) -> PageAnswer:
    """The free times."""
    return _answer(200, "slots.html", view.outcome, view=view, shop=view.shop)


def gone_page(shop: ShopFace) -> PageAnswer:
    """The one calm page of every link that can't be used: bad, unknown and expired ones look alike (DESIGN §7)."""
    return _answer(404, "gone.html", "refused", shop=shop)


def trouble_page(shop: ShopFace) -> PageAnswer:
    """It could not be stored, or isn't known to be: the customer must not believe that it was."""
    return _answer(503, "trouble.html", "busy", shop=shop)


def mail_page(shop: ShopFace, out: bool, button: Button | None, outcome: str = "") -> PageAnswer:
    """Whether reminder e-mails come, and the button that changes it."""
    return _answer(200, "mail.html", outcome, shop=shop, out=out, button=button)


def long_day(day: date | datetime, zone: ZoneInfo | None = None) -> str:
    """`Thursday 26 November`, in the zone if one is given. The names are ours: strftime's depend on the machine."""
    if isinstance(day, datetime) and zone is not None:
        day = day.astimezone(zone)
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def clock_time(instant: datetime, zone: ZoneInfo) -> str:
    """`9:00am`, in the zone."""
    local = instant.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"


def page_headers() -> dict[str, str]:
    """What every answer of these routes carries, errors too. The token is in the address, so nothing may pass it on."""
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src '{_style_hash()}'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
    }


def _answer(status: int, template: str, outcome: str, **values: object) -> PageAnswer:
    html = (
        _environment()
        .get_template(template)
        .render(style=Markup(_style()), outcome=outcome, **{"calls": False, **values})
    )
    return PageAnswer(status, html, page_headers(), outcome)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return (_TEMPLATES / "style.css").read_text(encoding="utf-8")


@cache
def _style_hash() -> str:
    digest = hashlib.sha256(_style().encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
