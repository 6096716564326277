"""What cProfile counted in a worker: which functions took the time, and how often they were called."""

import pstats
from dataclasses import dataclass
from pathlib import Path

from profiling.request.sampled import short

PROFILE_FILE = "worker.pstats"
"""What a profiled worker leaves in the folder of OCTROI_DATA."""
_TOP = 10


@dataclass(frozen=True, slots=True)
class Called:
    """One function, for each request."""

    name: str
    calls: float
    own_us: float
    """In it, without what it called; longer than without a profiler."""
    total_us: float


def called_in(file: Path, requests: int) -> list[Called]:
    """The ten functions with the most time of their own, in a file of cProfile's over so many *requests*."""
    stats = pstats.Stats(str(file))
    found = [
        Called(_name(where), calls / requests, own * 1e6 / requests, total * 1e6 / requests)
        for where, (_, calls, own, total, _) in stats.stats.items()  # type: ignore[attr-defined]  # its only way
    ]
    return sorted(found, key=lambda one: -one.own_us)[:_TOP]


def _name(where: tuple[str, int, str]) -> str:
    file, line, function = where
    return function.strip("<>") if file == "~" else f"{function} ({short(file)}:{line})"
