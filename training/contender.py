"""What a model must do to be compared."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from credit.cost import Labels, Probabilities
from features.encoder import Rows
from runners.scorer import Scorer

Part = tuple[Rows, Labels]
"""Encoded rows, float64 (n, features) with NaN for missing, and who of them defaulted."""


class Contender(Protocol):
    """A kind of model with its parameters, ready to learn."""

    @property
    def name(self) -> str: ...

    def fit(self, learning: Part, stopping: Part) -> Scorer:
        """A model of *learning*; the same parts, seed and threads give the same one. It scores on one thread.

        *stopping* tells when to stop; a model that has no need of that learns from it, too.
        """
        ...


@dataclass(frozen=True)
class Scores:
    """A fitted model as a `Scorer`: what any library's prediction gives, as float64."""

    predict: Callable[[Rows], Any]

    def score(self, rows: Rows) -> Probabilities:
        return np.asarray(self.predict(rows), dtype=np.float64)
