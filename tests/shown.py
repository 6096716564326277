"""A real dashboard, and a real browser that looks at it."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx
from playwright.sync_api import Browser, Page, Playwright
from serving import ROOT, free_port

PAGES = ("", "overview", "business", "drift", "performance", "decisions")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE_S = 60
_READY = "[data-testid=stApp][data-test-script-state=notRunning]"


class Dashboard:
    """`python -m dashboard serve` on a port of its own, until the end of the `with` block."""

    def __init__(self, environment: dict[str, str], folder: Path, host: str = "127.0.0.1") -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "dashboard.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "dashboard", "serve", "--host", host, "--port", str(self.port)],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, f"the dashboard ended:\n{self.log.read_text()}"
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/_stcore/health").status_code == 200:
                    return self
            time.sleep(0.1)
        raise AssertionError(f"no dashboard in {_PATIENCE_S} s:\n{self.log.read_text()}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=_PATIENCE_S)


def launch(playwright: Playwright) -> Browser:
    """The machine's own Chromium: the wheel that drives it brings none."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    assert found, (
        "there is no Chromium: make test-browser installs Debian's where it may, or install one yourself"
    )
    return playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])


def open_page(page: Page, address: str) -> None:
    """Go there, and wait until all is drawn."""
    page.goto(address)
    page.wait_for_selector("h1")
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page is drawn as far as it will be."""
    page.wait_for_selector(_READY)
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    # Charts are drawn a moment after their data came.
    page.wait_for_timeout(1000)


def as_tall_as_its_content(page: Page) -> None:
    """Make the window so tall that nothing of the page is hidden."""
    assert page.viewport_size is not None
    width = page.viewport_size["width"]
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": height})
    settle(page)
