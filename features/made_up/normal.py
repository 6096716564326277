"""The normal distribution, for arrays, without scipy."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_STANDARD = NormalDist()
_GRID = np.linspace(-8.0, 8.0, 16_001)
_CDF = np.array([_STANDARD.cdf(z) for z in _GRID])


def cdf(z: Floats) -> Floats:
    """P(Z <= z), right to 5e-8: linear between points 0.001 apart."""
    return np.asarray(np.interp(z, _GRID, _CDF))


def quantile(shares: npt.ArrayLike) -> Floats:
    """The z below which each share lies; 0 and 1 stand at -8 and 8.

    >>> quantile([0.5, 0.975]).round(2).tolist()
    [0.0, 1.96]
    """
    return np.asarray(np.interp(np.asarray(shares, dtype=np.float64), _CDF, _GRID))


def blurred(rng: np.random.Generator, score: Floats, weight: float) -> Floats:
    """A normal score that has correlation *weight* with *score*."""
    return weight * score + sqrt(1.0 - weight**2) * rng.standard_normal(len(score))


def evenly(rng: np.random.Generator, score: Floats) -> Floats:
    """Normal scores in the same order, one in each of equal shares: chance hardly moves a frequency."""
    rank = np.empty(len(score))
    rank[np.argsort(score, kind="stable")] = np.arange(len(score))
    return quantile((rank + rng.random(len(score))) / max(len(score), 1))
