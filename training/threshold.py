"""Where to refuse: the cheapest threshold on clients the model had not seen."""

from dataclasses import dataclass

import numpy as np

from credit.cost import Costs, Labels, Outcome, Probabilities, cheapest_threshold, compare_thresholds

_RESAMPLES = 200


@dataclass(frozen=True)
class Choice:
    """The threshold taken, and the evidence."""

    threshold: float
    cheapest: float
    interval: tuple[float, float]
    """95 % bootstrap interval of the cheapest threshold."""
    table: list[Outcome]
    """Cost at 0.5, at the theoretical threshold, at the cheapest one."""


def choose_threshold(defaulted: Labels, probabilities: Probabilities, costs: Costs, seed: int) -> Choice:
    """The theoretical threshold when the data do not contradict it, else the cheapest observed one.

    A calibrated probability makes fp / (fp + fn) optimal; a sample's cheapest threshold is noisy. The data
    contradict theory when it lies outside the cheapest threshold's interval.
    """
    cheapest = cheapest_threshold(defaulted, probabilities, costs)
    low, high = _interval(defaulted, probabilities, costs, seed)
    theory = costs.theoretical_threshold
    table = compare_thresholds(defaulted, probabilities, (0.5, theory, cheapest), costs)
    return Choice(theory if low <= theory <= high else cheapest, cheapest, (low, high), table)


def _interval(
    defaulted: Labels, probabilities: Probabilities, costs: Costs, seed: int
) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(_RESAMPLES):
        rows = rng.integers(0, len(defaulted), len(defaulted))
        found.append(cheapest_threshold(defaulted[rows], probabilities[rows], costs))
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)
