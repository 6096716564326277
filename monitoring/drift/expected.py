"""What the lender may expect of the decisions, before any outcome is known."""

from dataclasses import dataclass

import numpy as np

from credit.cost import Probabilities
from credit.policy import Policy

_SIGMAS = 1.959963984540054
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over clients, and its 95 % interval: what other clients like these would give."""

    value: float
    error: float
    """Standard error."""

    @property
    def low(self) -> float:
        return self.value - _SIGMAS * self.error

    @property
    def high(self) -> float:
        return self.value + _SIGMAS * self.error

    def __sub__(self, other: "Estimate") -> "Estimate":
        return Estimate(self.value - other.value, float(np.hypot(self.error, other.error)))


@dataclass(frozen=True, slots=True)
class Expected:
    """Rates per client under a policy, if the model's calibrated probabilities are right."""

    default_rate: Estimate
    approval_rate: Estimate
    cost: Estimate

    def __sub__(self, other: "Expected") -> "Expected":
        return Expected(
            self.default_rate - other.default_rate,
            self.approval_rate - other.approval_rate,
            self.cost - other.cost,
        )


def expected(probabilities: Probabilities, rows: int, policy: Policy) -> Expected:
    """The expectation of *rows* clients with these *probabilities* of default, at least one.

    Expected cost of a client: fn * p when approved, fp * (1 - p) when refused.
    """
    approved = probabilities < policy.threshold
    costs = np.where(approved, policy.costs.fn * probabilities, policy.costs.fp * (1.0 - probabilities))
    return Expected(
        _mean(probabilities, rows),
        _mean(approved.astype(np.float64), rows),
        _mean(costs, rows),
    )


def _mean(values: Probabilities, rows: int) -> Estimate:
    return Estimate(float(values.mean()), float(values.std() / np.sqrt(rows)))
