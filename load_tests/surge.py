"""All the load that clients make who ask as soon as they are answered, and three times as many of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from load_tests.outcome import Check, Table

CLIENTS = 64
"""They saturate the service on any machine."""


class Load(Protocol):
    """What became of the requests of one phase."""

    @property
    def connections(self) -> int: ...
    @property
    def answered(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def p99_ms(self) -> float: ...
    @property
    def per_second(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Phase:
    """So many clients, for a share of the time; what they must reach of the rate of `_BASE`."""

    name: str
    clients: int
    share: float
    goodput: float


_WARM_UP = Phase("64 clients, as it warms up", CLIENTS, 0.1, 0.0)
_BASE = Phase("64 clients", CLIENTS, 0.3, 1.0)
PHASES = {
    "saturation": (_WARM_UP, _BASE, Phase("64 clients still", CLIENTS, 0.6, 0.8)),
    "spike": (
        _WARM_UP,
        _BASE,
        Phase("three times as many", 3 * CLIENTS, 0.3, 0.8),
        Phase("64 clients again", CLIENTS, 0.3, 0.9),
    ),
}
_MOST_P99_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the database holds of clients whose answers nobody wrote down."""

    decisions: int
    wrong: int
    """With a probability that is not the client's."""


@dataclass(frozen=True)
class Surge:
    """All phases of one run."""

    phases: Sequence[Phase]
    loads: Sequence[Load]
    recorded: Recorded

    @property
    def meaning(self) -> str:
        return "Clients of wrk, each asking as soon as it is answered"

    def checks(self) -> Iterator[Check]:
        """Everything that must hold."""
        answered = sum(one.answered for one in self.loads)
        # Whoever still waits at the end of a phase hangs up: recorded, and answered to nobody.
        hung_up = sum(one.connections for one in self.loads)
        decisions = self.recorded.decisions
        yield Check(
            "every answered decision is recorded, and at most one more for each client that hung up",
            f"{answered:,} answered, {decisions:,} recorded, {hung_up} hung up",
            0 < answered <= decisions <= answered + hung_up,
        )
        yield Check(
            "recorded with another probability than the client's: none",
            f"{self.recorded.wrong:,}",
            not self.recorded.wrong,
        )
        base = self.loads[self.phases.index(_BASE)].per_second
        for phase, load in zip(self.phases, self.loads, strict=True):
            yield from _of_phase(phase, load, load.per_second / base if base else 0.0)

    def tables(self) -> Iterator[Table]:
        """One row for each phase."""
        rows = [
            (
                phase.name,
                f"{load.per_second:,.0f}",
                f"{load.refused:,}",
                f"{load.failed:,}",
                f"{load.p99_ms:.0f} ms",
            )
            for phase, load in zip(self.phases, self.loads, strict=True)
        ]
        yield Table("Phases", ("Clients", "answered a second", "refused", "not answered", "p99"), rows)


def _of_phase(phase: Phase, load: Load, share: float) -> Iterator[Check]:
    yield Check(f"{phase.name}: not answered at all: none", f"{load.failed:,}", not load.failed)
    if phase in {_WARM_UP, _BASE}:
        return
    yield Check(
        f"{phase.name}: answered, of the rate before: at least {phase.goodput:.0%}",
        f"{share:.0%}",
        share >= phase.goodput,
    )
    yield Check(
        f"{phase.name}: p99: at most {_MOST_P99_MS:g} ms",
        f"{load.p99_ms:.0f} ms",
        load.p99_ms <= _MOST_P99_MS,
    )
