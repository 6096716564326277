"""One load test by Locust, from an empty database to what is in it afterwards."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from load_tests.locust_run import Order, run_locust
from load_tests.place import Place
from load_tests.profile import Profile
from load_tests.reckoning import answered_in, reckon, recorded_in
from load_tests.stage import archive_all, set_stage
from load_tests.verdict import Run
from load_tests.vitals import Watch, processes_with

_STAGED, _SERVED = 0.1, 0.9
"""Shares of the time at which the stage is set, and the load is over."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a trial."""

    profile: Profile
    seconds: int
    clients: int
    with_page: bool = False


def try_out(
    place: Place,
    asked: Asked,
    serve: Callable[[], AbstractContextManager[str]],
    report: Callable[[float], None],
) -> Run:
    """Load what *serve* starts, and compare what was answered with what is recorded afterwards.

    *serve* gives the URL of the service.
    """
    set_stage(place, asked.clients, lambda done: report(_STAGED * done))
    find = partial(processes_with, f"OCTROI_DATA={place.data}")
    with serve() as url, Watch(find) as watch:
        order = Order(asked.profile, url, asked.seconds, place.folder, with_page=asked.with_page)
        counted = run_locust(order, lambda done: report(_STAGED + (_SERVED - _STAGED) * done))
    archive_all(place)
    reckoning = reckon(answered_in(place.folder), recorded_in(place.database))
    return Run(asked.profile, asked.seconds, counted, reckoning, watch.trends(), watch.seen("worker"))
