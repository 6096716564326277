"""What many tests share: one small model, trained, converted and published by the product itself."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from serving import EXAMPLE, ROOT, Service

CLIENTS = "2000"


@dataclass(frozen=True)
class Made:
    """The small model: its raw tables, its features, its bundle, and the store it was published in."""

    folder: Path

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    @property
    def features(self) -> Path:
        return self.folder / "features.parquet"

    @property
    def bundle(self) -> Path:
        return self.folder / "bundle"

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which the model store is the test's own."""
        return {**os.environ, "BENTOML_HOME": str(self.folder / "bentoml"), "BENTOML_DO_NOT_TRACK": "True"}

    def run(self, *arguments: str) -> str:
        """The output of `python -m` with *arguments*, which must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


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
            _make(Made(shared / "being-made")).rename(made.folder)
    return made


def _make(made: Made) -> Path:
    made.folder.mkdir()
    made.run("features", "synth", "--clients", CLIENTS, "--seed", "3", "--out", str(made.raw))
    made.run("features", "build", "--raw", str(made.raw), "--out", str(made.features))
    made.run("training", "fit", "--features", str(made.features), "--out", str(made.bundle), "--trials", "0")
    made.run("conversion", "convert", str(made.bundle))
    made.run("conversion", "publish", str(made.bundle))
    return made.folder


@pytest.fixture(scope="session")
def example() -> dict[str, object]:
    """The body of the example request."""
    return dict(json.loads(EXAMPLE.read_text()))


@pytest.fixture(scope="session")
def service(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service with the small model, one worker, run as a user runs it."""
    with Service(made.environment, tmp_path_factory.mktemp("service")) as running:
        running.wait_until_ready()
        yield running
