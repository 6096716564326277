"""What it takes to open an engine: time and memory, in a process of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from profiling.child import told_by


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening an engine took, libraries not counted."""

    engine: str
    seconds: float
    memory_bytes: int
    """Of its own, after its first answers, more than before it was opened."""
    file_bytes: int


def openings_of(engines: Sequence[str], folder: Path) -> list[Opening]:
    """What opening each of *engines* from its file in *folder*, a whole path, takes."""
    return msgspec.json.decode(told_by("profiling.latency", str(folder), *engines), type=list[Opening])
