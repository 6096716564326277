"""python -m profiling.latency ENGINE FILE: what opening an engine takes, as JSON."""

import sys
import time
from pathlib import Path

import msgspec
import numpy as np

from profiling.latency.engines import TEXT, kinds
from profiling.latency.opening import Opening
from runners.bundle import feature_names

_ROWS = 100


def measure_opening(engine: str, file: Path) -> Opening:
    """Open *engine* once, and have it answer a few rows."""
    (kind,) = [one for one in kinds({}) if one.name == engine]
    width = len(feature_names(file.with_name(TEXT)))
    rows = np.random.default_rng(0).normal(size=(_ROWS, width))
    before, started = _resident(), time.perf_counter()
    answers = kind.open(file, 1)
    seconds = time.perf_counter() - started
    for row in range(_ROWS):
        answers(rows[row : row + 1])
    return Opening(engine, seconds, max(0, _resident() - before), file.stat().st_size)


def _resident() -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


if __name__ == "__main__":
    name, path = sys.argv[1:]
    print(msgspec.json.encode(measure_opening(name, Path(path))).decode())
