"""The product past its limits: more clients than it can serve at once, more requests than it can decide."""

from collections.abc import Callable
from dataclasses import dataclass

from profiling.bodies import Bodies
from profiling.crowd import Plan, load_by_crowd
from profiling.load import Load
from profiling.running import Server
from profiling.site import Site

SATURATING = 64
"""Connections that keep one worker busy."""
_QUEUE = 128
"""Few places, so that three times as many clients meet the limit."""
_PROCESSES = 1


@dataclass(frozen=True, slots=True)
class Overload:
    """Goodput at its peak and past it, all from the same clients."""

    peak: Load
    crowded: Load
    """Three times the clients, who come back when they are told to."""
    flooded: Load
    """Requests that come at one and a half times the peak rate, whatever is answered."""
    recovered: Load
    """The peak's load again, for the two seconds from when its clients have started, after the flood."""

    @property
    def crowded_share(self) -> float:
        return self.crowded.per_second / self.peak.per_second

    @property
    def flooded_share(self) -> float:
        return self.flooded.per_second / self.peak.per_second

    @property
    def recovered_share(self) -> float:
        return self.recovered.per_second / self.peak.per_second


def measure_overload(site: Site, bodies: Bodies, seconds: int, report: Callable[[float], None]) -> Overload:
    """How the product holds past its limits."""
    with site.octroi(more={"OCTROI_MAX_WAITING": str(_QUEUE)}) as server:
        _closed(server, bodies, SATURATING, 2)
        peak = _closed(server, bodies, SATURATING, seconds)
        report(0.3)
        crowded = _closed(server, bodies, 3 * SATURATING, seconds)
        report(0.6)
        rate = 1.5 * peak.per_second
        plan = Plan(server.port, bodies.texts, 4 * SATURATING, seconds, rate)
        flooded = load_by_crowd(plan, _PROCESSES)
        recovered = _closed(server, bodies, SATURATING, 2)
        report(1.0)
    return Overload(peak, crowded, flooded, recovered)


def _closed(server: Server, bodies: Bodies, connections: int, seconds: int) -> Load:
    return load_by_crowd(Plan(server.port, bodies.texts, connections, seconds), _PROCESSES)
