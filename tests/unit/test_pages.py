"""The pages themselves: what every answer carries, and that no text of anybody's becomes a page."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.pages.render import (
    Button,
    PageAnswer,
    ShopFace,
    SlotDay,
    SlotsView,
    VisitView,
    clock_time,
    gone_page,
    long_day,
    mail_page,
    slots_page,
    trouble_page,
    visit_page,
)

SHOP = ShopFace("Bright Dental", "+65 6123 4567")


def a_visit(**changes: Any) -> PageAnswer:
    values: dict[str, Any] = {
        "shop": SHOP,
        "stand": "open",
        "said": "",
        "service": "Dental cleaning",
        "staff": "Dr Lee",
        "day": "Thursday 26 November",
        "time": "9:00am",
        "buttons": [Button("confirm", "c", True), Button("reschedule", ""), Button("cancel", "x")],
        "texts": Button("no-texts", "n"),
    }
    return visit_page(VisitView(**{**values, **changes}))


def some_slots(**changes: Any) -> PageAnswer:
    values: dict[str, Any] = {
        "shop": SHOP,
        "service": "Dental cleaning",
        "staff": "Dr Lee",
        "day": "Thursday 26 November",
        "time": "9:00am",
        "days": [SlotDay("Friday 27 November", [("2026-11-27T07:00:00Z", "3:00pm")])],
        "token": "t",
    }
    return slots_page(SlotsView(**{**values, **changes}))


EVERY_PAGE = [
    a_visit(),
    some_slots(),
    gone_page(SHOP),
    trouble_page(SHOP),
    mail_page(SHOP, False, Button("no-emails", "n")),
]


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_answer_carries_the_security_headers(page: PageAnswer) -> None:
    headers = page.headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "noindex" in headers["X-Robots-Tag"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
    assert "unsafe" not in policy and "script" not in policy


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_the_policy_allows_exactly_the_style_that_the_page_has(page: PageAnswer) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", page.html, flags=re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page.headers["Content-Security-Policy"]
    assert "style=" not in page.html


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_a_page_has_no_script_and_fetches_nothing(page: PageAnswer) -> None:
    assert not re.search(r"<(script|img|link|iframe|object|embed)\b|\bsrc=|\bon\w+=|@import|url\(", page.html)


@given(st.text(max_size=60))
def test_no_text_of_a_cell_becomes_part_of_the_page(text: str) -> None:
    evil = f"<b>{text}</b>\"'><script>"
    for page in (
        a_visit(service=evil, staff=evil, booking_link=evil, undo_until=evil),
        some_slots(service=evil, staff=evil, taken=evil),
        gone_page(ShopFace(evil, evil)),
    ):
        assert "<b>" not in page.html and "<script" not in page.html
        assert not re.search(r'="[^"]*<', page.html)


def test_a_press_posts_and_the_free_times_are_only_a_link() -> None:
    page = a_visit()
    assert page.html.count('<form method="post"') == 3  # confirm, cancel, no texts
    assert '<a class="press" href="?move=1"' in page.html


def test_the_free_times_are_one_press_each() -> None:
    page = some_slots()
    assert '<button name="slot" value="2026-11-27T07:00:00Z">3:00pm</button>' in page.html


def test_no_free_time_says_to_call() -> None:
    assert "no free time" in some_slots(days=[]).html


def test_a_shop_without_name_or_phone_still_has_its_calm_page() -> None:
    page = gone_page(ShopFace("", ""))
    assert page.status == 404 and "tel:" not in page.html and "<header>" not in page.html


def test_a_cancelled_visit_is_struck_through_and_says_until_when_it_can_be_taken_back() -> None:
    page = a_visit(stand="cancelled", buttons=[Button("undo", "u", True)], undo_until="10:10am")
    assert "struck" in page.html and "until 10:10am" in page.html and "Undo" in page.html


def test_day_and_time_are_the_shops_own() -> None:
    instant = datetime(2026, 11, 25, 16, 30, tzinfo=UTC)
    zone = ZoneInfo("Asia/Singapore")
    assert (long_day(instant, zone), clock_time(instant, zone)) == ("Thursday 26 November", "12:30am")
