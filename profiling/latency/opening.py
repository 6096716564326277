"""What it takes to open an engine: time and memory, in a process of its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

_PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening an engine took, libraries not counted."""

    engine: str
    seconds: float
    memory_bytes: int
    """Resident, after its first answers, more than before it was opened."""
    file_bytes: int


def opening_of(engine: str, file: Path) -> Opening:
    """Open *file*, by its whole path, by *engine* in a process of its own."""
    command = [sys.executable, "-m", "profiling.latency", engine, str(file)]
    done = subprocess.run(command, cwd=_PROJECT, check=True, capture_output=True)  # noqa: S603  # all ours
    return msgspec.json.decode(done.stdout, type=Opening)
