"""What became of the requests of one measurement."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    """Latencies of what was answered with 200."""
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


def typical(rounds: Sequence[Load]) -> Load:
    """What came of all *rounds* together; latencies are the medians of theirs."""
    return Load(
        connections=rounds[0].connections,
        seconds=sum(one.seconds for one in rounds),
        answered=sum(one.answered for one in rounds),
        refused=sum(one.refused for one in rounds),
        failed=sum(one.failed for one in rounds),
        p50_ms=median(one.p50_ms for one in rounds),
        p99_ms=median(one.p99_ms for one in rounds),
        client_cpu_seconds=sum(one.client_cpu_seconds for one in rounds),
    )
