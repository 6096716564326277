"""How good the probabilities are, on clients the model had not seen."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, roc_curve

from credit.cost import Costs, Labels, Probabilities, outcome_at

_BINS = 10


@dataclass(frozen=True)
class Metrics:
    """Ranking, calibration and decisions, measured out of fold."""

    auc: float
    gini: float
    ks: float
    """Kolmogorov-Smirnov: the largest gap between the shares of defaults and of others refused."""
    log_loss: float
    brier: float
    calibration_error: float
    """Mean over ten equally filled bins of |mean probability - default rate|."""
    precision: float | None
    """Share of defaults among the refused; none when nobody is refused."""
    recall: float
    """Share of the defaults that were refused."""
    approval_rate: float
    default_rate: float
    cost_per_client: float


@dataclass(frozen=True)
class Bin:
    """A tenth of the clients, alike in probability."""

    clients: int
    predicted: float
    """Mean probability."""
    observed: float
    """Default rate."""


def measure(defaulted: Labels, probabilities: Probabilities, threshold: float, costs: Costs) -> Metrics:
    """The metrics of refusing from *threshold* on. *defaulted*, *probabilities*: (n,), with both outcomes."""
    refused = probabilities >= threshold
    caught = int((refused & defaulted).sum())
    auc = float(roc_auc_score(defaulted, probabilities))
    others_refused, defaults_refused, _ = roc_curve(defaulted, probabilities)
    return Metrics(
        auc=auc,
        gini=2 * auc - 1,
        ks=float((defaults_refused - others_refused).max()),
        log_loss=float(log_loss(defaulted, probabilities)),
        brier=float(brier_score_loss(defaulted, probabilities)),
        calibration_error=calibration_error(defaulted, probabilities),
        precision=caught / int(refused.sum()) if refused.any() else None,
        recall=caught / int(defaulted.sum()),
        approval_rate=float((~refused).mean()),
        default_rate=float(defaulted.mean()),
        cost_per_client=outcome_at(defaulted, probabilities, threshold, costs).per_client,
    )


def calibration_bins(defaulted: Labels, probabilities: Probabilities) -> list[Bin]:
    """Ten bins of equal mass, from the lowest probability up; fewer for fewer than ten clients."""
    bins = np.array_split(np.argsort(probabilities, kind="stable"), _BINS)
    return [
        Bin(len(rows), float(probabilities[rows].mean()), float(defaulted[rows].mean()))
        for rows in bins
        if len(rows)
    ]


def calibration_error(defaulted: Labels, probabilities: Probabilities) -> float:
    """Expected calibration error over ten bins of equal mass."""
    bins = calibration_bins(defaulted, probabilities)
    return sum(abs(part.predicted - part.observed) * part.clients for part in bins) / len(defaulted)
