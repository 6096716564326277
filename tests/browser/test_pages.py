"""Each page in a real browser: with data, without, and while the database goes away and comes back."""

import re
import subprocess
import sys

import pytest
from lending import decide
from playwright.sync_api import Page, expect
from postgres_server import PostgresServer
from proving import sqlite_of, wait_until_archived
from serving import ROOT
from shown import PAGES, Dashboard, open_page, settle

from keys import new_secret
from records.database import Database

TITLES = ("Home", "Overview", "Business", "Drift", "Performance", "Decisions")
_NOBODY = "http://127.0.0.1:9"
_BACK_MS = 30_000
"""A live page looks again every ten seconds."""


@pytest.fixture(scope="module")
def served(service, tmp_path_factory):
    """A service that decided on 300 applications, half of them drifted; its report; the dashboard."""
    url = f"http://127.0.0.1:{service.port}"
    service.run("load_tests", "traffic", "--num-predictions", "300", "--drift-prob", "0.5", "--url", url)
    wait_until_archived(sqlite_of(service), 300)
    command = [sys.executable, "-m", "monitoring", "drift", "--days", "7"]
    done = subprocess.run(command, cwd=ROOT, env=service.environment, capture_output=True)
    assert done.returncode in {0, 3}, done.stderr
    environment = {**service.environment, "OCTROI_SERVICE_URL": url}
    with Dashboard(environment, tmp_path_factory.mktemp("dashboard")) as dashboard:
        yield dashboard


@pytest.mark.parametrize(("path", "title"), list(zip(PAGES, TITLES, strict=True)))
def test_every_page_shows_what_there_is_in_the_width_there_is(served, page: Page, path, title):
    open_page(page, f"{served.url}/{path}")

    expect(page.locator("h1")).to_have_text(title)
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator("[data-testid=stAlertContentError]").count() == 0
    body = page.locator("[data-testid=stMain]")
    assert body.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_home_says_that_what_runs_is_all_right(served, page: Page):
    open_page(page, served.url)

    for name in ("Service", "Model", "Database", "Archivist"):
        light = page.locator("p").filter(has_text=re.compile(f"^{name}.*all right"))
        expect(light).to_be_visible()


def test_the_filters_change_what_is_shown(served, page: Page):
    open_page(page, f"{served.url}/overview")
    total = page.locator("[data-testid=stMetricValue]").first
    expect(total).to_have_text("300")

    for name in ("24 h", "30 d", "all", "7 d"):
        page.get_by_role("radio", name=name).click()
        settle(page)
        expect(total).to_have_text("300")
    page.get_by_role("radio", name="from \N{EN DASH} to").click()
    settle(page)
    expect(page.get_by_text("From day to day (UTC)")).to_be_visible()


def test_a_decision_is_found_and_comes_out_again(served, service, page: Page):
    with Database(f"sqlite:///{service.folder / 'var' / 'octroi.db'}", read_only=True) as database:
        decision_id = read_newest(database)

    open_page(page, f"{served.url}/decisions?id={decision_id}")
    page.get_by_role("button", name="Make it again").click()

    expect(page.get_by_text("It came out again, bit for bit.")).to_be_visible(timeout=60_000)


def read_newest(database: Database) -> str:
    from records.views.calls import Search, read_calls

    return read_calls(database, Search(), 1)[0].decision_id


def test_the_pages_speak_french(served, page: Page):
    open_page(page, f"{served.url}/drift?lang=Fran\u00e7ais")

    expect(page.locator("h1")).to_have_text("D\u00e9rive")
    expect(page.get_by_text("Variables touch\u00e9es")).to_be_visible()


def test_from_elsewhere_a_key_leads_to_the_page_that_was_asked_for(page: Page, tmp_path):
    url = f"sqlite:///{tmp_path / 'octroi.db'}"
    with Database(url, create=True) as database:
        decide(database, 40)
    secret = new_secret()
    environment = {
        "OCTROI_DATA": str(tmp_path),
        "DATABASE_URL": url,
        "OCTROI_SERVICE_URL": _NOBODY,
        "API_KEY": secret,
    }
    with Dashboard(environment, tmp_path, "0.0.0.0") as dashboard:
        page.goto(f"{dashboard.url}/overview")
        for tried, shown in (("wrong", 0), (secret, 1)):
            page.get_by_label("API key", exact=True).fill(tried)
            page.get_by_role("button", name="Enter").click()
            expect(page.locator("h1")).to_have_count(shown)
            settle(page)
        expect(page.locator("h1")).to_have_text("Overview")
        expect(page.locator("[data-testid=stMetricValue]").first).to_have_text("40")


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A dashboard of a database in which nothing was decided."""
    folder = tmp_path_factory.mktemp("empty")
    Database(f"sqlite:///{folder / 'octroi.db'}", create=True).close()
    environment = {"OCTROI_DATA": str(folder), "DATABASE_URL": "", "OCTROI_SERVICE_URL": _NOBODY}
    with Dashboard(environment, folder) as dashboard:
        yield dashboard


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_nothing_says_that_there_is_nothing(empty, page: Page, path):
    open_page(page, f"{empty.url}/{path}")

    expect(page.get_by_text("No data yet").first).to_be_visible()
    assert page.locator("[data-testid=stVegaLiteChart]").count() == 0


def test_a_database_that_stops_is_told_in_words_and_its_return_is_seen(page: Page, tmp_path):
    with PostgresServer() as server:
        with Database(server.url, create=True) as database:
            decide(database, 40)
        environment = {
            "OCTROI_DATA": str(tmp_path),
            "DATABASE_URL": server.url,
            "OCTROI_SERVICE_URL": _NOBODY,
        }
        with Dashboard(environment, tmp_path) as dashboard:
            open_page(page, f"{dashboard.url}/overview")
            total = page.locator("[data-testid=stMetricValue]").first
            expect(total).to_have_text("40")

            server.stop()
            gone = page.get_by_text("The database does not answer, so there is nothing true to show.")
            expect(gone).to_be_visible(timeout=_BACK_MS)
            for path in PAGES[1:]:
                open_page(page, f"{dashboard.url}/{path}")
                expect(gone).to_be_visible()
                assert page.get_by_text("Traceback").count() == 0
            open_page(page, f"{dashboard.url}/overview")
            server.start()
            expect(total).to_have_text("40", timeout=_BACK_MS)
