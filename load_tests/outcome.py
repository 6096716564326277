"""What a load test found: what had to hold, and the numbers behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that had to hold, what was measured, and whether it held."""

    what: str
    measured: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers for people."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


class Outcome(Protocol):
    """What every kind of load test can tell."""

    @property
    def meaning(self) -> str:
        """What was done, in a few words."""

    def checks(self) -> Iterator[Check]:
        """Everything that had to hold."""

    def tables(self) -> Iterator[Table]:
        """The numbers behind it."""


def holds(outcome: Outcome) -> bool:
    """Whether all of it held."""
    return all(check.holds for check in outcome.checks())
