"""A browser, and what the dashboard has to show."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from shown import launch


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(params=[1280, 390], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A window, as wide as a desk's and as a phone's, that tells of whatever went wrong in it."""
    context = browser.new_context(viewport={"width": request.param, "height": 900}, locale="en-GB")
    context.set_default_timeout(30_000)
    page = context.new_page()
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    yield page
    context.close()
    # Anything from elsewhere fails on a machine without internet; nothing may be from elsewhere.
    assert [url for url in failed if "127.0.0.1" not in url] == []
