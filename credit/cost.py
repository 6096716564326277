"""What wrong answers cost the lender."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.errors import InvalidPolicy

Labels = npt.NDArray[np.bool_]
Probabilities = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Costs:
    """Cost of a false negative (an approved client who defaults) and of a false positive.

    >>> round(Costs().theoretical_threshold, 4)
    0.0909
    """

    fn: float = 10.0
    fp: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.fn) and math.isfinite(self.fp) and self.fn > 0 and self.fp > 0):
            raise InvalidPolicy(f"costs must be positive numbers; they are fn={self.fn} and fp={self.fp}")

    @property
    def theoretical_threshold(self) -> float:
        """The cheapest threshold of a calibrated probability: refuse when p * fn >= (1 - p) * fp."""
        return self.fp / (self.fp + self.fn)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one threshold would have cost on labelled clients."""

    threshold: float
    false_negatives: int
    false_positives: int
    clients: int
    costs: Costs

    @property
    def total(self) -> float:
        return self.costs.fn * self.false_negatives + self.costs.fp * self.false_positives

    @property
    def per_client(self) -> float:
        return self.total / self.clients


def outcome_at(defaulted: Labels, probabilities: Probabilities, threshold: float, costs: Costs) -> Outcome:
    """Errors and cost of refusing from *threshold* on. *defaulted*, *probabilities*: (n,), n > 0."""
    refused = probabilities >= threshold
    return Outcome(
        threshold,
        int((defaulted & ~refused).sum()),
        int((~defaulted & refused).sum()),
        len(defaulted),
        costs,
    )


def compare_thresholds(
    defaulted: Labels, probabilities: Probabilities, thresholds: Iterable[float], costs: Costs
) -> list[Outcome]:
    """The outcome at each of *thresholds*, in order: the table a lender reads."""
    return [outcome_at(defaulted, probabilities, threshold, costs) for threshold in thresholds]


def cost_curve(
    defaulted: Labels, probabilities: Probabilities, costs: Costs
) -> tuple[Probabilities, npt.NDArray[np.float64]]:
    """The probabilities in ascending order, and the total cost of refusing from each of them on."""
    order = np.argsort(probabilities, kind="stable")
    thresholds = probabilities[order]
    bad = defaulted[order]
    # Refusing from thresholds[i] on approves exactly the clients before the first equal probability.
    first = np.searchsorted(thresholds, thresholds, side="left")
    missed = np.concatenate(([0], np.cumsum(bad)))[first]
    good_refused = (~bad).sum() - np.concatenate(([0], np.cumsum(~bad)))[first]
    return thresholds, costs.fn * missed + costs.fp * good_refused


def cheapest_threshold(defaulted: Labels, probabilities: Probabilities, costs: Costs) -> float:
    """The observed probability with the lowest cost as threshold; the lowest one on a tie.

    >>> cheapest_threshold(np.array([False, True]), np.array([0.2, 0.7]), Costs(fn=10, fp=1))
    0.7
    """
    thresholds, total = cost_curve(defaulted, probabilities, costs)
    return float(thresholds[np.argmin(total)])
