"""Whether the probabilities came true, once it is known who defaulted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from credit.cost import Labels, Probabilities

LEAST_LOANS = 50
"""Of fewer, nothing can be said."""
LEAST_DEFAULTS = 10
"""Where fewer are expected, ranking cannot be judged."""
_FALSE_ALARMS = 0.002
"""Share of reports on a model that is right which may find concept drift."""
_DRAWS = 400
_FAR = 8.0
_SIGMAS = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """A value, with what 19 times in 20 it lies between when the model is right."""

    value: float
    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Cohort:
    """Loans decided in one span of time, approved and matured."""

    name: str
    loans: int
    default_rate: Interval | None
    """`None`: too few loans to say."""
    auc: Interval | None
    """Of the approved only, so below that of all applicants; `None`: too few defaults to say."""
    concept_drift: bool
    """Whether a gap is larger than chance explains, all cohorts looked at together."""


def cohorts(names: Sequence[str], probabilities: Probabilities, defaulted: Labels) -> list[Cohort]:
    """Each cohort of loans, by name: *names* says for each loan which it belongs to.

    Features may look as ever while clients pay otherwise: only outcomes show that. What to expect follows
    from the model's own probabilities, so the refused, of whom nothing is known, need no correction.
    """
    labels = np.array(names, dtype=str)
    found = sorted(set(names))
    alpha = _FALSE_ALARMS / (2 * max(1, len(found)))
    return [_cohort(name, probabilities[labels == name], defaulted[labels == name], alpha) for name in found]


def _cohort(name: str, probabilities: Probabilities, defaulted: Labels, alpha: float) -> Cohort:
    loans = len(probabilities)
    if loans < LEAST_LOANS:
        return Cohort(name, loans, None, None, concept_drift=False)
    rate, rate_p = _default_rate(probabilities, int(defaulted.sum()))
    auc, auc_p = _ranking(probabilities, defaulted)
    return Cohort(name, loans, rate, auc, concept_drift=min(rate_p, auc_p) < alpha)


def _default_rate(probabilities: Probabilities, defaults: int) -> tuple[Interval, float]:
    """The realised rate, and how probable one as far off is: each loan defaults with its own probability."""
    loans, middle = len(probabilities), float(probabilities.sum())
    reach = math.ceil(_FAR * math.sqrt(float((probabilities * (1 - probabilities)).sum())) + _FAR)
    counts = np.arange(max(0, math.floor(middle) - reach), min(loans, math.ceil(middle) + reach) + 1)
    below = stats.poisson_binom.cdf(counts, probabilities)
    low, high = counts[np.searchsorted(below, [0.025, 0.975])] / loans
    at_most, fewer = stats.poisson_binom.cdf([defaults, defaults - 1], probabilities)
    tail = min(float(at_most), 1.0 - float(fewer))
    return Interval(defaults / loans, middle / loans, float(low), float(high)), min(1.0, 2 * tail)


def _ranking(probabilities: Probabilities, defaulted: Labels) -> tuple[Interval | None, float]:
    """The realised AUC against those of outcomes drawn from the probabilities, and how probable it is."""
    defaults = int(defaulted.sum())
    if not min(defaults, probabilities.sum()) >= LEAST_DEFAULTS or defaults == len(defaulted):
        return None, 1.0
    ranks = stats.rankdata(probabilities)
    rng = np.random.default_rng(len(probabilities))
    drawn = np.array([_auc(ranks, rng.random(len(ranks)) < probabilities) for _ in range(_DRAWS)])
    middle, spread, value = float(drawn.mean()), float(drawn.std(ddof=1)), _auc(ranks, defaulted)
    interval = Interval(value, middle, middle - _SIGMAS * spread, middle + _SIGMAS * spread)
    return interval, float(2 * stats.norm.sf(abs(value - middle) / spread))


def _auc(ranks: npt.NDArray[np.float64], defaulted: Labels) -> float:
    """Mann and Whitney's form: the chance that a default was thought riskier than a loan that was repaid."""
    bad = int(defaulted.sum())
    good = len(ranks) - bad
    if not (bad and good):
        return 0.5
    return float((ranks[defaulted].sum() - bad * (bad + 1) / 2) / (bad * good))
