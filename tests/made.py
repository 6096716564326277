"""One small model, trained, converted and published by the product itself, for many tests."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
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
        return self._python("-m", *arguments, environment=environment)

    def walk(self, *commands: Sequence[str]) -> None:
        """`run` of each of the *commands* in turn, in one process, which loads what they share once."""
        self._python("-c", _WALK, json.dumps(commands))

    def _python(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment or self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


_WALK = """
import json, runpy, sys

for room, *words in json.loads(sys.argv[1]):
    sys.argv[1:] = words
    try:
        runpy.run_module(room, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            raise
"""


def make(made: Made) -> Path:
    """Walk the path of the data into the folder of *made*."""
    made.folder.mkdir()
    raw, features, bundle = str(made.raw), str(made.features), str(made.bundle)
    # More threads would wait for each other, where other tests use the cores.
    plainly = ["--trials", "0", "--threads", "1", "--no-track"]
    made.walk(
        ["features", "synth", "--clients", CLIENTS, "--seed", "3", "--out", raw],
        ["features", "build", "--raw", raw, "--out", features],
        ["training", "fit", "--features", features, "--out", bundle, *plainly],
        ["conversion", "convert", bundle],
        ["conversion", "publish", bundle],
    )
    return made.folder
