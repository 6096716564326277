"""One service under load, by few clients and many, in rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from profiling.load import Load, typical
from profiling.steadiness import warned

BUSY, ALONE = 32, 1
"""Connections under load, and of one client alone."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one service did in one round."""

    loads: tuple[Load, ...]
    """At each number of connections, `BUSY` among them."""
    cpu_us: float
    """Processor time of the workers for each request at `BUSY` connections."""

    @property
    def rate(self) -> float:
        """Requests answered in a second under load."""
        return next(load.per_second for load in self.loads if load.connections == BUSY)


@dataclass(frozen=True, slots=True)
class Measured:
    """One service with few clients and many: medians of its rounds."""

    name: str
    loads: tuple[Load, ...]
    """At each number of connections."""
    cpu_us: float
    """Processor time of the workers for each request under load."""
    spread: float
    """Of the rates under load: largest less smallest round, as a share of their median."""

    @classmethod
    def of(cls, name: str, rounds: Sequence[Round]) -> "Measured":
        """What *rounds* of service *name* say together."""
        rates = [one.rate for one in rounds]
        return cls(
            name,
            tuple(typical(same) for same in zip(*(one.loads for one in rounds), strict=True)),
            median(one.cpu_us for one in rounds),
            (max(rates) - min(rates)) / median(rates),
        )

    @property
    def busy(self) -> Load:
        """Under load."""
        return self.at(BUSY)

    @property
    def alone(self) -> Load:
        """One client alone."""
        return self.at(ALONE)

    def at(self, connections: int) -> Load:
        return next(load for load in self.loads if load.connections == connections)


def steadiness(services: Sequence[Measured], whose: str = "A service's") -> str:
    """How far the rounds of any of *services* were apart at most, and a warning where that is too much."""
    spread = max(one.spread for one in services)
    return warned(f"{whose} rate differed by at most {spread:.0%} between its rounds", spread)
