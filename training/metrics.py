"""How good the probabilities are, on clients the model had not seen."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import brier_score_loss, roc_auc_score

from credit.cost import Labels, Probabilities

_BINS = 10


@dataclass(frozen=True)
class Metrics:
    """Ranking and calibration, measured out of fold."""

    auc: float
    brier: float
    calibration_error: float
    """Mean over ten equally filled bins of |mean probability - default rate|."""
    precision: float
    """Share of defaults among the refused."""
    recall: float
    """Share of the defaults that were refused."""
    approval_rate: float
    default_rate: float


def measure(defaulted: Labels, probabilities: Probabilities, threshold: float) -> Metrics:
    """The metrics of refusing from *threshold* on. *defaulted*, *probabilities*: (n,)."""
    refused = probabilities >= threshold
    caught = float((refused & defaulted).sum())
    return Metrics(
        auc=float(roc_auc_score(defaulted, probabilities)),
        brier=float(brier_score_loss(defaulted, probabilities)),
        calibration_error=calibration_error(defaulted, probabilities),
        precision=caught / max(1, int(refused.sum())),
        recall=caught / int(defaulted.sum()),
        approval_rate=float((~refused).mean()),
        default_rate=float(defaulted.mean()),
    )


def calibration_error(defaulted: Labels, probabilities: Probabilities) -> float:
    """Expected calibration error over ten bins of equal mass."""
    bins = np.array_split(np.argsort(probabilities, kind="stable"), _BINS)
    gaps = [
        abs(float(probabilities[rows].mean() - defaulted[rows].mean())) * len(rows)
        for rows in bins
        if len(rows)
    ]
    return sum(gaps) / len(defaulted)
