"""What moves the model: how much each feature gains, and what it adds for single clients."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.encoder import Rows
from training.parameters import Booster

_EXPLAINED = 1_000
"""Clients whose probabilities are taken apart; more of them change no picture, and exact values take time."""


@dataclass(frozen=True)
class Explanation:
    """A model's features in its order, with their weight."""

    names: tuple[str, ...]
    gain: npt.NDArray[np.float64]
    """By how much splits on each feature lowered the training loss, in all."""
    rows: Rows
    """The explained clients as the model sees them, (n, width)."""
    contributions: Rows
    """What each feature adds to each client's log-odds (exact SHAP values), (n, width)."""

    def most_important(self, count: int) -> list[tuple[str, float]]:
        """The *count* features of the highest gain and their share of all gain, the highest first."""
        order = np.argsort(-self.gain, kind="stable")[:count]
        total = float(self.gain.sum()) or 1.0
        return [(self.names[i], float(self.gain[i]) / total) for i in order]


def explain(booster: Booster, rows: Rows) -> Explanation:
    """The model's importances, and the contributions for clients evenly taken from *rows*."""
    step = -(-len(rows) // _EXPLAINED)
    some = rows[::step]
    with_base = np.asarray(booster.predict(some, pred_contrib=True), dtype=np.float64)
    return Explanation(
        names=tuple(booster.feature_name()),
        gain=np.asarray(booster.feature_importance("gain"), dtype=np.float64),
        rows=some,
        contributions=with_base[:, :-1],
    )
