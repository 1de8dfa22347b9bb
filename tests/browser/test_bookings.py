"""Bookings that come in, on the desk: a mail, a calendar's event, and what staff press."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.test_desk import has_no_sideways_scroll, let_pass, look, open_link, open_phone, row_of
from tests.desk_process import DeskProcess

pytestmark = [pytest.mark.browser, pytest.mark.ministack]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """The sample shop on its first morning, shared: each test has a customer of its own."""
    with DeskProcess(tmp_path_factory.mktemp("desk") / "state") as running:
        yield running


def forward(page: Page, subject: str) -> None:
    """Forward one of the sample mails to the booking address."""
    page.get_by_role("tab", name="Bookings").click()
    page.locator(".samples li", has_text=subject).get_by_role("button", name="Forward").click()
    expect(page.locator(".received li", has_text=subject).first).to_be_visible()


def proposal(page: Page, customer: str) -> Locator:
    """The newest message in Slack that proposes something of this customer."""
    page.get_by_role("tab", name="Slack").click()
    return page.locator(".slack-message", has=page.locator(".proposal", has_text=customer)).last


def sheet_row(desk: DeskProcess, customer: str) -> dict[str, str]:
    """The customer's row of the sheet, by its headers; {} if there is none."""
    header, *rows = desk.state()["sheet"]["rows"]
    found = [row for row in rows if customer in row]
    assert len(found) <= 1, "one booking, one row"
    return dict(zip(header, found[0] + [""] * len(header), strict=False)) if found else {}


def test_a_mail_becomes_a_row_a_reminder_and_a_confirmation(desk: DeskProcess, window: BrowserContext) -> None:
    page = look(window, desk, "bookings")
    forward(page, "New booking: Check-up with Dr Lim")
    message = proposal(page, "Anika Rao")
    expect(message).to_contain_text("2:30pm")
    assert sheet_row(desk, "Anika Rao") == {}, "nothing lands without a press"
    message.get_by_role("button", name="Approve").click()
    expect(proposal(page, "Anika Rao")).to_contain_text("dana")
    expect(proposal(page, "Anika Rao").get_by_role("button")).to_have_count(0)
    row = sheet_row(desk, "Anika Rao")
    assert (row["Service"], row["Date"], row["Phone"]) == ("Check-up", "2026-12-17", "+6591237788")
    for _ in range(3):
        let_pass(page, "+1 day")
    open_phone(page, "Anika Rao")
    reply = open_link(window, page.locator(".bubble a").last)
    reply.get_by_role("button", name="Confirm").click()
    expect(reply.get_by_role("heading", level=1)).to_contain_text("confirmed")
    reply.close()
    page.get_by_role("tab", name="Sheet").click()
    expect(page.locator('input[value="Anika Rao"]')).to_be_visible()
    expect(row_of(page, sheet_row(desk, "Anika Rao")["Appt ID"]).locator('input[value="confirmed"]')).to_be_visible()
    page.close()


def test_an_edit_is_saved_by_the_form_and_its_faults_are_shown_in_it(desk: DeskProcess, window: BrowserContext) -> None:
    page = look(window, desk, "bookings")
    forward(page, "Invitation: Dental cleaning")
    proposal(page, "Tomas Berg").get_by_role("button", name="Edit").click()
    form = page.get_by_role("dialog")
    expect(form).to_be_visible()
    form.get_by_label("Phone").fill("123")
    form.get_by_role("button", name="Save").click()
    expect(form.locator("small.bad")).to_be_visible()
    form.get_by_label("Phone").fill("8234 5577")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    expect(proposal(page, "Tomas Berg")).to_contain_text("5577")
    proposal(page, "Tomas Berg").get_by_role("button", name="Discard").click()
    expect(proposal(page, "Tomas Berg").get_by_role("button")).to_have_count(0)
    assert sheet_row(desk, "Tomas Berg") == {}
    page.close()


def test_a_newsletter_proposes_nothing(desk: DeskProcess, window: BrowserContext) -> None:
    page = look(window, desk, "bookings")
    forward(page, "20% off gloves")
    expect(page.locator(".received li", has_text="20% off gloves")).to_contain_text("no booking")
    page.close()


def test_a_saved_mail_can_be_dropped(desk: DeskProcess, window: BrowserContext, tmp_path: Path) -> None:
    mail = tmp_path / "by-hand.eml"
    mail.write_text(
        "From: a@example.com\nTo: bookings@in.bright.example\nSubject: Booking of Noor Aziz\n"
        "Date: Mon, 14 Dec 2026 08:00:00 +0800\n\nName: Noor Aziz\nPhone: 9345 6677\nService: Check-up\n"
        "Date: 22 December 2026\nTime: 11:15am\n"
    )
    page = look(window, desk, "bookings")
    page.locator("#eml").set_input_files(mail)
    expect(page.locator(".received li", has_text="Booking of Noor Aziz")).to_contain_text("proposed in Slack")
    expect(proposal(page, "Noor Aziz")).to_contain_text("11:15")
    page.close()


def test_a_calendars_event_is_proposed_and_its_move_as_well(desk: DeskProcess, window: BrowserContext) -> None:
    page = look(window, desk, "bookings")
    page.get_by_label("Guest", exact=True).fill("Ken Ho")
    page.get_by_label("Start", exact=True).fill("2026-12-23T11:00")
    page.get_by_role("button", name="Enter into the calendar").click()
    expect(page.locator(".received li", has_text="Ken Ho")).to_be_visible()
    proposal(page, "Ken Ho").get_by_role("button", name="Approve").click()
    expect(proposal(page, "Ken Ho").get_by_role("button")).to_have_count(0)
    assert sheet_row(desk, "Ken Ho")["Time"] == "11:00"
    page.get_by_role("tab", name="Bookings").click()
    entry = page.locator(".received li", has_text="Ken Ho")
    entry.locator("input").fill("2026-12-23T15:30")
    entry.get_by_role("button", name="Move").click()
    moved = proposal(page, "Ken Ho")
    expect(moved).to_contain_text("3:30pm")
    moved.get_by_role("button", name="Approve").click()
    expect(proposal(page, "Ken Ho").get_by_role("button")).to_have_count(0)
    assert sheet_row(desk, "Ken Ho")["Time"] in ("15:30", "3:30pm")
    page.close()


@pytest.mark.parametrize("width", [1024, 1600])
def test_the_bookings_fit_the_window(desk: DeskProcess, window: BrowserContext, width: int) -> None:
    page = look(window, desk, "bookings")
    page.set_viewport_size({"width": width, "height": 800})
    assert has_no_sideways_scroll(page)
    page.close()
