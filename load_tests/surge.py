"""All the load that clients make who ask as soon as they are answered, and three times as many of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol

from load_tests.outcome import Check, Table
from load_tests.reckoning import Reckoning

CLIENTS = 64
"""They saturate the service on any machine."""
ROUNDS = 5
"""Each on a service that has just been started, so that what a spike did to it is no measure of the next."""


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
    """So many clients, for a share of a round; what they must reach of the rate of `_BASE` in it."""

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


@dataclass(frozen=True)
class Surge:
    """All rounds of one run, each with the same phases."""

    phases: Sequence[Phase]
    rounds: Sequence[Sequence[Load]]
    """What became of each of the phases."""
    wrong: int
    """Answers that are not what their client must be answered."""
    reckoning: Reckoning
    makers: str
    """What made the load."""

    @property
    def meaning(self) -> str:
        return (
            f"Load by {self.makers}: each client asks as soon as it is answered, in {len(self.rounds)} "
            "rounds, each on a service that has just been started"
        )

    def checks(self) -> Iterator[Check]:
        """Everything that must hold."""
        loads = [load for loads in self.rounds for load in loads]
        answered = sum(one.answered for one in loads)
        # Whoever still waits at the end of a phase hangs up: recorded, and answered to nobody.
        hung_up = sum(one.connections for one in loads)
        found = self.reckoning
        yield Check(
            "answered with another probability than the client's: none",
            f"{self.wrong:,} of {answered:,}",
            not self.wrong,
        )
        yield Check(
            "every answered decision is recorded, and at most one more for each client that hung up",
            f"{found.answered:,} answered; {found.missing:,} missing, {found.unasked:,} more, "
            f"{found.different:,} recorded otherwise; {hung_up:,} hung up",
            found.answered >= answered > 0
            and not (found.missing or found.different)
            and found.unasked <= hung_up,
        )
        for phase, of_phase, of_base in self._by_phase():
            yield from _of_phase(phase, of_phase, of_base)

    def tables(self) -> Iterator[Table]:
        """One row for each phase."""
        rows = [
            (
                phase.name,
                _middle([one.per_second for one in loads], ",.0f"),
                f"{sum(one.refused for one in loads):,}",
                f"{sum(one.failed for one in loads):,}",
                f"{_worst_ms(loads):.0f} ms",
            )
            for phase, loads, _ in self._by_phase()
        ]
        yield Table(
            "Phases",
            ("Clients", "answered a second, in the middle round", "refused", "not answered", "p99 at worst"),
            rows,
        )

    def _by_phase(self) -> Iterator[tuple[Phase, Sequence[Load], Sequence[Load]]]:
        """Each phase, with what became of it and of `_BASE` in each round."""
        columns = list(zip(*self.rounds, strict=True))
        base = columns[self.phases.index(_BASE)]
        for phase, loads in zip(self.phases, columns, strict=True):
            yield phase, loads, base


def _of_phase(phase: Phase, loads: Sequence[Load], base: Sequence[Load]) -> Iterator[Check]:
    fewest = min(one.answered for one in loads)
    yield Check(f"{phase.name}: answered in every round: some", f"{fewest:,} at least", fewest > 0)
    failed = sum(one.failed for one in loads)
    yield Check(f"{phase.name}: not answered at all: none", f"{failed:,}", not failed)
    if phase in {_WARM_UP, _BASE}:
        return
    shares = [
        one.per_second / before.per_second if before.per_second else 0.0
        for one, before in zip(loads, base, strict=True)
    ]
    yield Check(
        f"{phase.name}: answered, of the rate before: at least {phase.goodput:.0%}",
        _middle(shares, ".0%"),
        median(shares) >= phase.goodput,
    )
    worst = _worst_ms(loads)
    yield Check(
        f"{phase.name}: p99: at most {_MOST_P99_MS:g} ms",
        f"{worst:.0f} ms",
        worst <= _MOST_P99_MS,
    )


def _middle(found: Sequence[float], form: str) -> str:
    """The median of what was *found* in the rounds, and between what it lies."""
    return f"{median(found):{form}} ({min(found):{form}} to {max(found):{form}})"


def _worst_ms(loads: Sequence[Load]) -> float:
    return max(one.p99_ms for one in loads)
