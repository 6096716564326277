"""What a training is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from credit.cost import Costs
from training.parameters import parameters


@dataclass(frozen=True)
class Tuned:
    """The parameters that the trials found best, and how they were judged."""

    parameters: Mapping[str, float]
    trials: int
    stopped_early: int
    """Trials that fell behind the others and were given up."""
    log_loss: float
    """Of the best trial, on the fold that only the trials were judged on."""
    default_log_loss: float
    """Of the default parameters, on the same fold."""


@dataclass(frozen=True)
class Plan:
    """What the user decides about a training, and the parameters that were tuned for it, if any."""

    kept: int = 125
    seed: int = 0
    threads: int = 2
    costs: Costs = field(default_factory=Costs)
    tuned: Tuned | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """What LightGBM is told."""
        return {**parameters(self.seed, self.threads), **(self.tuned.parameters if self.tuned else {})}
