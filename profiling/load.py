"""What became of the requests of one measurement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median


@dataclass(frozen=True, slots=True)
class Load:
    """Requests and latencies of one run, seen from the clients."""

    connections: int
    seconds: float
    answered: int
    """With status 200."""
    refused: int
    """With any other status."""
    failed: int
    """Not answered at all."""
    p50_ms: float
    p99_ms: float
    """Latencies of what was answered; clients of our own leave out what was refused."""
    client_cpu_seconds: float = 0.0
    """Processor time that making this load took."""

    @property
    def per_second(self) -> float:
        """Requests answered with 200 in a second."""
        return self.answered / self.seconds

    @property
    def client_cores(self) -> float:
        """How many cores the clients kept busy."""
        return self.client_cpu_seconds / self.seconds


def together(loads: Sequence[Load]) -> Load:
    """What clients met who asked at the same time; latencies are the worst of theirs."""
    return Load(
        connections=sum(one.connections for one in loads),
        seconds=max(one.seconds for one in loads),
        answered=sum(one.answered for one in loads),
        refused=sum(one.refused for one in loads),
        failed=sum(one.failed for one in loads),
        p50_ms=max(one.p50_ms for one in loads),
        p99_ms=max(one.p99_ms for one in loads),
        # Of the children of one process, all of which each of them may have counted.
        client_cpu_seconds=max(one.client_cpu_seconds for one in loads),
    )


def typical(rounds: Sequence[Load]) -> Load:
    """The round of *rounds* with the middle rate, the lower one of two; its latencies are medians of theirs.

    What was refused and what failed in any of them is not forgotten.
    """
    middle = sorted(rounds, key=lambda one: one.per_second)[(len(rounds) - 1) // 2]
    return replace(
        middle,
        refused=max(one.refused for one in rounds),
        failed=max(one.failed for one in rounds),
        p50_ms=median(one.p50_ms for one in rounds),
        p99_ms=median(one.p99_ms for one in rounds),
    )
