"""python -m profiling.latency FOLDER ENGINE...: what opening each engine takes, as JSON."""

import os
import sys
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import numpy as np

from profiling.latency.engines import TEXT, kinds
from profiling.latency.opening import Opening
from profiling.proc import own_bytes
from runners.bundle import feature_names

_ROWS = 100


def measure_opening(folder: Path, engine: str) -> Opening:
    """Open *engine* once from its file in *folder*, and have it answer a few rows."""
    (kind,) = [one for one in kinds({}) if one.name == engine]
    width = len(feature_names(folder / TEXT))
    rows = np.random.default_rng(0).normal(size=(_ROWS, width))
    file = folder / kind.file
    before, started = own_bytes(os.getpid()), time.perf_counter()
    answers = kind.open(file, 1)
    seconds = time.perf_counter() - started
    for row in range(_ROWS):
        answers(rows[row : row + 1])
    return Opening(engine, seconds, max(0, own_bytes(os.getpid()) - before), file.stat().st_size)


def _tell(theirs: Connection, folder: Path, engine: str) -> None:
    theirs.send(measure_opening(folder, engine))


def _apart(folder: Path, engine: str) -> Opening:
    """The same in a fork, in which all libraries are loaded and nothing was opened before."""
    context = get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(theirs, folder, engine))
    process.start()
    theirs.close()
    try:
        opening: Opening = ours.recv()
    except EOFError:
        # It has said why.
        sys.exit(1)
    finally:
        process.join()
    return opening


if __name__ == "__main__":
    path, *names = sys.argv[1:]
    print(msgspec.json.encode([_apart(Path(path), name) for name in names]).decode())
