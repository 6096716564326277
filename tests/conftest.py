"""What many tests share: one small model, made by the product itself, and both databases."""

import fcntl
import json
import os
import signal
from collections.abc import Iterator

import pytest
from databases import database, postgres, postgres_url, url  # noqa: F401  # fixtures
from hypothesis import HealthCheck, settings
from made import Made, make
from serving import EXAMPLE, Service
from uncovered import unmeasured_children

# Started in the background of a shell, the tests and what they start would ignore Ctrl+C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Test processes share the cores: LightGBM's threads would burn them while they wait for each other.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# How fast examples are drawn says how busy the machine is, not whether a promise holds.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Made:
    """The small model; the first test process that asks makes it, the others wait for it."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    made = Made(shared / "made")
    with (shared / "made.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.folder.exists():
            make(Made(shared / "being-made")).rename(made.folder)
    return made


@pytest.fixture(scope="module", name="unmeasured_children")
def _unmeasured_children() -> Iterator[None]:
    """What the tests of a file start is left alone by coverage."""
    with unmeasured_children():
        yield


@pytest.fixture(scope="session")
def example() -> dict[str, object]:
    """The body of the example request."""
    return dict(json.loads(EXAMPLE.read_text()))


@pytest.fixture(scope="session")
def service(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service with the small model, one worker, run as a user runs it."""
    with Service(made.covered, tmp_path_factory.mktemp("service")) as running:
        running.wait_until_ready()
        yield running
