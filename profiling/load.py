"""What became of the requests of one measurement."""

from dataclasses import dataclass


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

    @property
    def per_second(self) -> float:
        """Requests answered with 200 in a second."""
        return self.answered / self.seconds
