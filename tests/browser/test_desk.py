"""The desk in a browser: what somebody sees and does who tries the system out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.desk_process import DeskProcess

pytestmark = [pytest.mark.browser, pytest.mark.ministack]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskProcess]:
    """The sample shop on its first morning."""
    with DeskProcess(tmp_path / "state") as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """The same, for tests that need no untouched one."""
    with DeskProcess(tmp_path_factory.mktemp("desk") / "state") as running:
        yield running


def look(window: BrowserContext, desk: DeskProcess, tab: str = "overview") -> Page:
    page = window.new_page()
    page.goto(f"{desk.url}/#{tab}")
    expect(page.get_by_role("tab", selected=True)).to_have_id(f"tab-{tab}")
    return page


def let_pass(page: Page, step: str) -> None:
    """Press a button of the clock, and wait until the desk is quiet again."""
    button = page.get_by_role("button", name=step, exact=True)
    before = page.locator("#time").inner_text(), page.locator("#day").inner_text()
    button.click()
    expect(button).to_be_enabled()
    expect(page.locator("#progress")).to_be_hidden()
    page.wait_for_function(
        "([time, day]) => document.getElementById('time').textContent !== time"
        " || document.getElementById('day').textContent !== day",
        arg=list(before),
    )


def row_of(page: Page, appt_id: str) -> Locator:
    """A visit's row in the sheet."""
    return page.locator("table.grid tbody tr", has=page.locator(f'input[data-column="Appt ID"][value="{appt_id}"]'))


def status_of(page: Page, appt_id: str) -> Locator:
    return row_of(page, appt_id).locator('input[data-column="Status"]')


def open_phone(page: Page, customer: str) -> None:
    page.get_by_role("tab", name="Phone").click()
    page.get_by_role("group", name="Whose phone").get_by_role("button", name=customer).click()


def open_link(window: BrowserContext, link: Locator) -> Page:
    with window.expect_page() as opened:
        link.click()
    page = opened.value
    page.set_viewport_size(PHONE)
    page.wait_for_load_state()
    return page


def has_no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_customer_confirms_from_the_text_and_hears_no_more(desk: DeskProcess, window: BrowserContext) -> None:
    """Promise 51. Promise 52. Promise 54."""
    page = look(window, desk)
    let_pass(page, "+1 hour")
    let_pass(page, "+1 hour")
    open_phone(page, "Diana Kwek")
    expect(page.locator(".bubble")).to_have_count(1)

    reply = open_link(window, page.locator(".bubble a"))
    assert has_no_sideways_scroll(reply)
    reply.get_by_role("button", name="Confirm").click()
    expect(reply.get_by_role("heading", level=1)).to_contain_text("confirmed for Wednesday 16 December, 9:15am")

    page.get_by_role("tab", name="Sheet").click()
    expect(status_of(page, "A-12")).to_have_value("confirmed")

    let_pass(page, "+1 day")
    let_pass(page, "+1 day")
    open_phone(page, "Diana Kwek")
    expect(page.locator(".bubble")).to_have_count(1)
    assert sum(text["appt_id"] == "A-12" for text in desk.state()["texts"]) == 1


def test_every_reply_page_fits_a_phone(shared: DeskProcess, window: BrowserContext) -> None:
    page = look(window, shared, "phone")
    reply = open_link(window, page.locator(".bubble a").first)
    assert has_no_sideways_scroll(reply)
    reply.get_by_role("link", name="Move to another time").click()
    expect(reply.get_by_role("heading", level=1)).to_have_text("Pick a new time")
    assert has_no_sideways_scroll(reply)
    reply.get_by_role("link", name="Keep the present time").click()
    reply.get_by_role("button", name="Cancel the appointment").click()
    expect(reply.locator("main")).to_have_attribute("data-stand", "cancelled")
    assert has_no_sideways_scroll(reply)
    smallest = reply.locator(".press").evaluate_all("all => Math.min(...all.map(one => one.offsetHeight))")
    assert smallest >= 44


def test_a_slack_button_settles_the_visit_and_goes(desk: DeskProcess, window: BrowserContext) -> None:
    page = look(window, desk, "slack")
    for _ in range(3):
        let_pass(page, "+1 hour")
    alert = page.locator(".slack-message", has_text="Gap alert: Rosa Diaz")
    alert.get_by_role("button", name="Confirmed by phone").click()
    expect(alert.get_by_role("button")).to_have_count(0)
    expect(page.locator(".slack-message", has_text="Rosa Diaz").first).to_contain_text("dana")
    page.get_by_role("tab", name="Sheet").click()
    expect(status_of(page, "A-04")).to_have_value("confirmed")


def test_an_edited_rule_takes_effect_at_the_next_sync(shared: DeskProcess, window: BrowserContext) -> None:
    page = look(window, shared, "documents")
    rules = page.get_by_label("Rules: who is reminded when")
    rules.fill(rules.input_value().replace("Check-up: 24 and 2 hours.", "Check-up: 5 hours."))
    paper = page.locator(".paper", has=rules)
    paper.get_by_role("button", name="Save").click()
    expect(paper.locator(".chip")).to_contain_text("waits for the next sync")
    paper.get_by_role("button", name="Sync now").click()
    expect(paper.locator(".chip")).to_have_text("in force")
    page.get_by_role("tab", name="Plan").click()
    expect(page.locator('.visit[data-appt="A-40"]')).to_contain_text("5-hour reminder")


def test_a_cell_is_edited_in_place_by_keyboard(shared: DeskProcess, window: BrowserContext) -> None:
    page = look(window, shared, "sheet")
    cell = row_of(page, "A-36").locator('input[data-column="Staff"]')
    cell.fill("Dr Wong")
    cell.press("Enter")
    expect(row_of(page, "A-37").locator('input[data-column="Staff"]')).to_be_focused()
    shared.wait_until(lambda state: any("A-36" in row and "Dr Wong" in row for row in state["sheet"]["rows"]))
    expect(row_of(page, "A-36").locator('input[data-column="Staff"]')).to_have_value("Dr Wong")


def test_what_somebody_types_is_shown_and_never_run(shared: DeskProcess, window: BrowserContext) -> None:
    page = look(window, shared, "sheet")
    name = "<img src=x onerror=alert(1)>"
    row_of(page, "A-38").locator('input[data-column="Customer"]').fill(name)
    page.get_by_role("button", name="Sync now").click()
    shared.wait_until(lambda state: any(visit["customer"] == name for visit in state["plan"]))
    page.get_by_role("tab", name="Plan").click()
    expect(page.locator('.visit[data-appt="A-38"]')).to_contain_text(name)
    assert page.locator("#panel img").count() == 0


def test_an_email_is_shown_as_sent_with_links_that_work(desk: DeskProcess, window: BrowserContext) -> None:
    page = look(window, desk, "inbox")
    let_pass(page, "+1 day")
    page.get_by_role("group", name="E-mails").get_by_role("button", name="Adam Reid").first.click()
    frame = page.frame_locator("iframe.letter-body")
    reply = open_link(window, frame.get_by_role("link", name="Confirm"))
    expect(reply.get_by_role("button", name="Confirm")).to_be_visible()


def test_the_tabs_are_walked_with_the_arrow_keys(shared: DeskProcess, window: BrowserContext) -> None:
    page = look(window, shared)
    page.get_by_role("tab", name="Overview").press("ArrowRight")
    expect(page.get_by_role("tab", name="Sheet")).to_be_focused()
    expect(page.get_by_role("tab", name="Sheet")).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("width", [1024, 1600])
def test_no_tab_overflows_the_window(shared: DeskProcess, window: BrowserContext, width: int) -> None:
    page = look(window, shared)
    page.set_viewport_size({"width": width, "height": 800})
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert has_no_sideways_scroll(page), tab.inner_text()
        assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight"), tab.inner_text()


def test_the_desk_goes_on_where_it_was_closed(tmp_path: Path, window: BrowserContext) -> None:
    with DeskProcess(tmp_path / "state") as first:
        page = look(window, first)
        let_pass(page, "Run to the next send")
        line, column = first.place("A-20", "Status")
        first.post("/api/sheet/cell", line=line, column=column, text="cancelled", was="")
        before = first.state()
        page.close()
    assert first.exit_status == 0
    with DeskProcess(tmp_path / "state") as again:
        after = again.state()
        assert [after[part] for part in ("now", "sheet", "slack", "docs")] == [
            before[part] for part in ("now", "sheet", "slack", "docs")
        ]
        assert [text["to"] for text in after["texts"]] == [text["to"] for text in before["texts"]]
        page = look(window, again, "phone")
        reply = open_link(window, page.locator(".bubble a").first)
        expect(reply.get_by_role("button", name="Confirm")).to_be_visible()
        page.get_by_role("tab", name="Overview").click()
        let_pass(page, "+1 hour")
        reply.close()
        page.close()


def test_the_plan_tells_the_whole_story_of_a_visit(window: BrowserContext, shared: DeskProcess) -> None:
    page = look(window, shared, "plan")
    visit = page.locator("article.visit").first
    visit.get_by_role("button", name="Why?").click()
    expect(visit.locator(".story")).to_contain_text("of the sheet was first seen at this start")
    visit.get_by_role("button", name="Close the story").click()
    expect(visit.locator(".story")).to_have_count(0)


def test_the_week_is_shown_as_slack_and_the_owner_get_it(window: BrowserContext, shared: DeskProcess) -> None:
    page = look(window, shared, "week")
    expect(page.locator(".week pre")).to_contain_text("Confirmations by day")
    mail = page.frame_locator("iframe[title='The weekly summary']")
    expect(mail.get_by_role("heading", name="The figures")).to_be_visible()
    expect(mail.get_by_role("img").first).to_have_js_property("naturalWidth", 1120)


def test_slack_can_be_read_and_pressed_on_a_phone(window: BrowserContext, shared: DeskProcess) -> None:
    page = look(window, shared, "slack")
    page.set_viewport_size({"width": 390, "height": 844})
    text = page.locator(".slack-message p").first
    expect(text).to_be_visible()
    box = text.bounding_box()
    assert box is not None
    assert box["width"] > 220
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
