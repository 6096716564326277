"""With ten million decisions every page shows in under two seconds: `make bench-dashboard`, by itself."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from tempfile import TemporaryDirectory

import pytest
from crowd_of_decisions import crowd
from postgres_server import PostgresServer

from doors import progress
from records.database import Database
from records.views.calls import Search, read_calls

DECISIONS = 10_000_000
DAYS = 365
LIMIT_S = 2.0
_PERIODS = ("24h", "7d", "30d", "all")
_PAGES = [
    *((page, period) for page in ("overview", "business", "performance") for period in _PERIODS),
    *((page, None) for page in ("home", "drift", "decisions")),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of a busy lender's year, which takes some six minutes and 12 GB, of each kind in turn."""
    with _kept(request.param) as url:
        started = time.perf_counter()
        with (
            Database(url, create=True) as database,
            progress(f"Writing {DECISIONS:,} decisions") as report,
        ):
            crowd(database, DECISIONS, DAYS, report)
        _say(f"{request.param}, written in {time.perf_counter() - started:.0f} s\n")
        yield url


@contextmanager
def _kept(kind: str) -> Iterator[str]:
    """The URL of a place for a database, which is gone afterwards."""
    if kind == "postgresql":
        with PostgresServer() as server:
            yield server.url
    else:
        with TemporaryDirectory(prefix="octroi-crowd-") as folder:
            yield f"sqlite:///{folder}/octroi.db"


def _say(words: str) -> None:
    sys.stderr.write(words)
    sys.stderr.flush()


def test_every_page_shows_in_under_two_seconds(look):
    look("home")  # loads what all pages need
    took = {}
    for page, period in _PAGES:
        took[page, period] = median(_timed(look, page, period) for _ in range(3))
        _say(f"{page:<12} {period or '':<4} {took[page, period]:.2f} s\n")

    assert max(took.values()) < LIMIT_S


def _timed(look, page: str, period: str | None) -> float:
    started = time.perf_counter()
    app = look(page, time=period)
    took = time.perf_counter() - started
    assert not app.error
    return took


def test_a_client_and_a_day_are_found_in_under_two_seconds(url):
    with Database(url, read_only=True) as database:
        client = 123_456
        started = time.perf_counter()
        found = read_calls(database, Search(sk_id_curr=client), 25)
        newest = read_calls(database, Search(), 1)[0].decided_at_us
        refused = read_calls(database, Search(until_us=newest, decision="refuse"), 25, 10_000)
        took = time.perf_counter() - started

    _say(f"searches          {took:.2f} s\n")
    assert len(found) > 10
    assert len(refused) == 25
    assert took < LIMIT_S
