"""How far two tallies of one feature lie apart. Pure."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitoring.drift.chance import (
    binomial_tail,
    chi_squared_tail,
    hypergeometric_tail,
    kolmogorov_tail,
    poisson_limit,
)
from monitoring.drift.tally import Tally

SMOOTHING = 0.5
"""Added to each bin before shares are taken, so that an empty bin is no infinite surprise."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A statistic, and how probable one as large is when nothing changed."""

    statistic: float
    p_value: float


def psi(reference: npt.ArrayLike, current: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Population stability index over the last axis: the sum of (q - p) ln(q / p) over the bins.

    The shares p and q are of counts + 0.5; bins that are empty in both do not count. 0.1 is a moderate
    change and 0.25 a large one, says the custom of the trade.

    >>> round(float(psi([100, 100], [150, 50])), 3)
    0.272
    """
    before, now = np.asarray(reference), np.asarray(current)
    live = before + now > 0
    p, q = _shares(before, live), _shares(now, live)
    ratio = np.where(live, q, 1.0) / np.where(live, p, 1.0)
    return np.asarray(((q - p) * np.log(ratio)).sum(axis=-1))


def _shares(counts: npt.NDArray[np.int64], live: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    smoothed = np.where(live, counts + SMOOTHING, 0.0)
    return np.asarray(smoothed / smoothed.sum(axis=-1, keepdims=True))


def kolmogorov_smirnov(reference: Tally, current: Tally) -> Tested | None:
    """The largest distance between the distribution functions of the known numbers, at the points counted.

    `None` where one side knows no number. The p-value is the asymptotic one.
    """
    if not (reference.below and reference.known and current.known):
        return None
    before = np.array(reference.below) / reference.known
    now = np.array(current.below) / current.known
    distance = float(np.abs(before - now).max())
    size = reference.known * current.known / (reference.known + current.known)
    return Tested(distance, kolmogorov_tail(math.sqrt(size) * distance))


def chi_squared(reference: Tally, current: Tally) -> Tested | None:
    """Pearson's test that the words, missing ones left out, come from one distribution."""
    table = np.array([reference.counts[:-1], current.counts[:-1]], dtype=np.float64)
    table = table[:, table.sum(axis=0) > 0]
    if not table.sum(axis=1).all() or table.shape[1] < 2:
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return Tested(statistic, chi_squared_tail(statistic, table.shape[1] - 1))


def missing_p_value(reference: Tally, current: Tally) -> float:
    """How probable so different missing shares are when both miss alike: Fisher's exact test, doubled."""
    everyone, missing = reference.total + current.total, reference.missing + current.missing
    if not 0 < missing < everyone:
        return 1.0
    # The tail towards what was seen, the seen included.
    if current.missing_share >= reference.missing_share:
        tail = hypergeometric_tail(current.missing, everyone, missing, current.total)
    else:
        tail = hypergeometric_tail(current.known, everyone, everyone - missing, current.total)
    return min(1.0, 2 * tail)


def unseen_p_value(reference: Tally, current: Tally, once: int) -> float:
    """How probable so many unseen words are when nothing changed.

    Good and Turing: the words that training missed are as frequent as those it saw *once*; the rate that
    leads to is taken at its upper limit.
    """
    expected = poisson_limit((reference.unseen or 0) + once)
    return binomial_tail(current.unseen or 0, current.total, min(1.0, expected / max(1, reference.total)))
