"""How a derived feature follows from others: one definition for the tables' engines and for one applicant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import add

Number = float | None


class Operation(StrEnum):
    """What is done with the parts. Missing parts are left out, except where every part is needed."""

    QUOTIENT = "quotient"
    """The first divided by the second; missing where either is, or the second is 0."""
    PRODUCT = "product"
    """Of all parts; missing where any is."""
    TOTAL = "total"
    """Sum of all parts; missing where any is."""
    MEAN = "mean"
    LEAST = "least"
    GREATEST = "greatest"
    KNOWN = "known"
    """How many parts are known."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A value computed from the named *parts*, times *factor*.

    >>> Formula(Operation.QUOTIENT, ("AMT_ANNUITY", "AMT_CREDIT")).value([5.0, 100.0])
    0.05
    """

    operation: Operation
    parts: tuple[str, ...]
    factor: float = 1.0

    def value(self, parts: Sequence[Number]) -> Number:
        """The value that follows from *parts*, in the order of `self.parts`; `None` where none does."""
        known = parts if None not in parts else [part for part in parts if part is not None]
        found = _VALUES[self.operation](parts, known)  # type: ignore[arg-type]  # none of them is missing
        return found if found is None or self.factor == 1.0 else found * self.factor


def _quotient(parts: Sequence[Number], known: Sequence[float]) -> Number:
    return known[0] / known[1] if len(known) == len(parts) and known[1] else None


def _product(parts: Sequence[Number], known: Sequence[float]) -> Number:
    if len(known) < len(parts):
        return None
    found = 1.0
    for part in known:
        found *= part
    return found


def _total(parts: Sequence[Number], known: Sequence[float]) -> Number:
    return _added(known) if len(known) == len(parts) else None


def _mean(_: Sequence[Number], known: Sequence[float]) -> Number:
    return _added(known) / len(known) if known else None


_VALUES: dict[Operation, Callable[[Sequence[Number], Sequence[float]], Number]] = {
    Operation.QUOTIENT: _quotient,
    Operation.PRODUCT: _product,
    Operation.TOTAL: _total,
    Operation.MEAN: _mean,
    Operation.LEAST: lambda _, known: min(known, default=None),
    Operation.GREATEST: lambda _, known: max(known, default=None),
    Operation.KNOWN: lambda _, known: float(len(known)),
}


def _added(numbers: Sequence[float]) -> float:
    """Their sum, one by one as the tables' engine adds; `sum` of Python 3.12 corrects its rounding."""
    return reduce(add, numbers, 0.0)
