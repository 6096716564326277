"""The pictures of docs/screenshots: `make screenshots` serves the model, sends traffic, and looks.

What they show is what a newcomer sees after the commands of the README.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PIL import Image
from playwright.sync_api import Browser
from proving import sqlite_of, wait_until_archived
from serving import ROOT, Service
from shown import Dashboard, as_tall_as_its_content, open_page

from records.database import Database
from records.views.calls import Search, read_calls

OUT = ROOT / "docs" / "screenshots"
_SENT = 2000
_DESK, _PHONE = 1280, 390
_COLOURS = 256
_MOST_BYTES = 250_000


@pytest.fixture(scope="module")
def shown():
    """The dashboard of a service with the newest model of the store, after the README's traffic."""
    with TemporaryDirectory(prefix="octroi-") as name, Service(dict(os.environ), Path(name)) as service:
        folder = Path(name)
        service.wait_until_ready()
        url = f"http://127.0.0.1:{service.port}"
        service.run(*f"load_tests traffic --num-predictions {_SENT} --drift-prob 0.5 --url {url}".split())
        wait_until_archived(sqlite_of(service), _SENT)
        command = [sys.executable, "-m", "monitoring", "drift", "--days", "7"]
        done = subprocess.run(command, cwd=ROOT, env=service.environment, capture_output=True)
        assert done.returncode in {0, 3}, done.stderr
        with (
            Dashboard({**service.environment, "OCTROI_SERVICE_URL": url}, folder) as dashboard,
            Database(sqlite_of(service), read_only=True) as database,
        ):
            yield dashboard.url, read_calls(database, Search(decision="refuse"), 1)[0].decision_id


@pytest.mark.parametrize(
    ("name", "path", "width", "scheme"),
    [
        ("home", "", _DESK, "light"),
        ("overview", "overview", _DESK, "light"),
        ("business", "business", _DESK, "light"),
        ("drift", "drift", _DESK, "light"),
        ("performance", "performance", _DESK, "light"),
        ("decisions", "decisions", _DESK, "light"),
        ("decision", "decisions?id={decision_id}", _DESK, "light"),
        ("overview-dark", "overview", _DESK, "dark"),
        ("overview-phone", "overview", _PHONE, "dark"),
        ("overview-fr", "overview?lang=Fran\u00e7ais", _DESK, "light"),
    ],
)
def test_picture(shown, browser: Browser, name, path, width, scheme):
    url, decision_id = shown
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    open_page(page, f"{url}/{path.format(decision_id=decision_id)}")
    as_tall_as_its_content(page)
    picture = OUT / f"{name}.png"
    picture.parent.mkdir(exist_ok=True)
    page.screenshot(path=picture)
    context.close()
    _shrink(picture)


def _shrink(picture: Path) -> None:
    """Few colours are enough for a page, and the repository stays small."""
    with Image.open(picture) as image:
        image.convert("RGB").quantize(_COLOURS, Image.Quantize.MAXCOVERAGE).save(picture, optimize=True)
    assert picture.stat().st_size < _MOST_BYTES
