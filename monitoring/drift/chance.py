"""Tails of distributions, without SciPy: a comparison of profiles takes less than loading that would."""

import math

import numpy as np
import numpy.typing as npt

_TERMS = 100
_NORMAL_0_999 = 3.090232306167814


def chi_squared_tail(statistic: float, degrees: int) -> float:
    """The probability that χ² of *degrees* degrees of freedom exceeds *statistic*.

    >>> round(chi_squared_tail(3.841459, 1), 6), round(chi_squared_tail(9.487729, 4), 6)
    (0.05, 0.05)
    """
    if statistic <= 0:
        return 1.0
    half, odd = statistic / 2, degrees % 2
    # With whole degrees of freedom the integral is a finite sum.
    powers = np.arange(degrees // 2) + odd / 2
    logs = powers * math.log(half) - half - [math.lgamma(power + 1) for power in powers.tolist()]
    return min(1.0, float(np.exp(logs).sum()) + (math.erfc(math.sqrt(half)) if odd else 0.0))


def kolmogorov_tail(distance: float) -> float:
    """The probability that Kolmogorov's distribution exceeds *distance*: √n times the largest gap.

    >>> round(kolmogorov_tail(1.358099), 6)
    0.05
    """
    if distance < 0.2:
        # 1 - 4e-13 already.
        return 1.0
    terms = np.arange(1, _TERMS)
    return float(2 * ((-1.0) ** (terms - 1) * np.exp(-2 * (terms * distance) ** 2)).sum())


def binomial_tail(least: int, trials: int, rate: float) -> float:
    """The probability of *least* successes or more."""
    if least <= 0 or rate >= 1:
        return 1.0
    if least > trials or rate <= 0:
        return 0.0
    first = _log_choose(trials, least) + least * math.log(rate) + (trials - least) * math.log1p(-rate)
    successes = np.arange(least, trials)
    return _sum(first, (trials - successes) / (successes + 1) * rate / (1 - rate))


def hypergeometric_tail(least: int, everyone: int, marked: int, drawn: int) -> float:
    """The probability that of *drawn* out of *everyone*, *least* or more are among the *marked*."""
    lowest, highest = max(0, drawn + marked - everyone), min(marked, drawn)
    if least <= lowest:
        return 1.0
    if least > highest:
        return 0.0
    unmarked = everyone - marked
    first = _log_choose(marked, least) + _log_choose(unmarked, drawn - least) - _log_choose(everyone, drawn)
    found = np.arange(least, highest)
    ratios = (marked - found) * (drawn - found) / ((found + 1) * (unmarked - drawn + found + 1.0))
    return _sum(first, ratios)


def poisson_limit(count: int) -> float:
    """What the mean of a Poisson variable seen at *count* lies below, 999 times in 1,000: Byar's formula."""
    more = count + 1
    return more * (1 - 1 / (9 * more) + _NORMAL_0_999 / (3 * math.sqrt(more))) ** 3


def _log_choose(of: int, some: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(some + 1) - math.lgamma(of - some + 1)


def _sum(log_of_first: float, ratios: npt.NDArray[np.float64]) -> float:
    """The sum of terms each of which is the one before times a ratio."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(ratios))])
    return min(1.0, float(np.exp(log_of_first + logs).sum()))
