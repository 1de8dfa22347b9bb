"""A real Chromium, and a desk to look at with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's own Chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the browser tests need one (apt install chromium)")
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--headless"])
        yield running
        running.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    """One window as wide as a desk's screen. What a page complains of fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    complaints: list[str] = []

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error" and "favicon" not in message.text:
            complaints.append(message.text)

    def watch(page: Page) -> None:
        page.on("console", note_console)
        page.on("pageerror", lambda error: complaints.append(str(error)))

    context.on("page", watch)
    yield context
    context.close()
    assert complaints == []
