"""One load test from an empty database to what is in it afterwards."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from load_tests.locust_run import Order, run_locust
from load_tests.profile import Profile
from load_tests.reckoning import answered_in, reckon, recorded_in
from load_tests.stage import QUESTIONS_FILE, run_records, set_stage
from load_tests.verdict import Run
from load_tests.vitals import Watch, processes_with
from runners.bundle import Bundle

_STAGED, _SERVED = 0.1, 0.9
"""Shares of the time at which the stage is set, and the load is over."""


@dataclass(frozen=True)
class Place:
    """Where a trial happens: its folder, the model that is served, the environment of its service."""

    folder: Path
    bundle: Bundle
    environment: Mapping[str, str]
    """Names OCTROI_DATA, and DATABASE_URL in it."""

    @property
    def database(self) -> str:
        return self.environment["DATABASE_URL"]

    @property
    def questions(self) -> Path:
        return self.folder / QUESTIONS_FILE


Served = AbstractContextManager[str]
"""A service, by its URL."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a trial."""

    profile: Profile
    seconds: int
    clients: int
    with_page: bool = False


def try_out(place: Place, asked: Asked, serve: Callable[[], Served], report: Callable[[float], None]) -> Run:
    """Load what *serve* starts, and compare what was answered with what is recorded afterwards."""
    set_stage(
        place.folder, place.bundle, asked.clients, place.environment, lambda done: report(_STAGED * done)
    )
    find = partial(processes_with, f"OCTROI_DATA={place.environment['OCTROI_DATA']}")
    with serve() as url, Watch(find) as watch:
        order = Order(asked.profile, url, asked.seconds, place.folder, with_page=asked.with_page)
        counted = run_locust(order, lambda done: report(_STAGED + (_SERVED - _STAGED) * done))
    run_records(place.environment, "archive", "--once")
    reckoning = reckon(answered_in(place.folder), recorded_in(place.database))
    return Run(asked.profile, asked.seconds, counted, reckoning, watch.trends())
