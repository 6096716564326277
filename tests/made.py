"""One small model, trained, converted and published by the product itself, for many tests."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from serving import ROOT
from uncovered import uncovered

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
        """The environment in which the model store is the test's own; coverage leaves its processes alone."""
        return uncovered(self.covered)

    @property
    def covered(self) -> dict[str, str]:
        """The same, for a process that runs what no other test runs."""
        return {**os.environ, "BENTOML_HOME": str(self.folder / "bentoml"), "BENTOML_DO_NOT_TRACK": "True"}

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """The output of `python -m` with *arguments*, which must succeed; without coverage, unless told."""
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment or self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def make(made: Made) -> Path:
    """Walk the path of the data into the folder of *made*."""
    made.folder.mkdir()
    made.run("features", "synth", "--clients", CLIENTS, "--seed", "3", "--out", str(made.raw))
    made.run("features", "build", "--raw", str(made.raw), "--out", str(made.features))
    made.run(
        "training",
        "fit",
        "--features",
        str(made.features),
        "--out",
        str(made.bundle),
        "--trials",
        "0",
        "--threads",  # more would wait for each other, where other tests use the cores
        "1",
        "--no-track",
    )
    made.run("conversion", "convert", str(made.bundle))
    made.run("conversion", "publish", str(made.bundle))
    return made.folder
