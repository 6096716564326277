"""How large the PSI of a feature grows by chance alone."""

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from monitoring.drift.chance import chi_squared_tail
from monitoring.drift.measures import SMOOTHING, psi
from monitoring.drift.tally import Counts, Numbers, Tally

FLOOR = 0.1
"""A smaller PSI is no drift worth the name, however sure."""
_DRAWS = 3000
"""In each of three ways."""
_CLEAR = 1.5


def no_drift_limit(reference: Tally, rows: int, alpha: float) -> float:
    """The PSI that *rows* decisions drawn like the *reference* exceed with a probability of about *alpha*.

    Both samples are drawn anew, since the reference's shares are estimates too. Never below `FLOOR`: where
    chance is far from it, nothing is drawn.
    """
    if chance_of_floor(reference, rows) < alpha:
        return FLOOR
    counts = tuple(reference.counts[reference.counts > 0].tolist())
    return max(FLOOR, _limit(counts, int((reference.counts == 0).sum()), rows, alpha))


def chance_of_floor(reference: Tally, rows: int) -> float:
    """A probability that the PSI of *rows* decisions reaches `FLOOR` by chance, rather too large a one.

    Of many, the PSI is as χ² divided by the size of both samples; of few it is larger.
    """
    size = 1 / (1 / rows + 1 / max(1, reference.total))
    return chi_squared_tail(size * FLOOR / _CLEAR, max(1, len(reference.counts) - 1))


@lru_cache(maxsize=4096)
def _limit(counts: tuple[int, ...], empty: int, rows: int, alpha: float) -> float:
    trained = sum(counts)
    smoothed = np.array([*counts, *[0] * empty]) + SMOOTHING
    shares = smoothed / smoothed.sum()
    rng = np.random.default_rng([rows, trained, *counts])
    # The smaller sample is the one that strays.
    fewer, more = sorted((rows, trained))
    drawn, weights = _rare_samples(shares, fewer, _spread(len(shares), fewer / more, alpha), rng)
    found = psi(rng.multinomial(more, shares, len(drawn)), drawn)
    downwards = np.argsort(-found)
    exceeding = np.cumsum(weights[downwards]) / len(drawn)
    return float(found[downwards][int(np.searchsorted(exceeding, alpha))])


def _spread(bins: int, ratio: float, alpha: float) -> float:
    """How many times its variance a sample must have for its PSI to lie about where only *alpha* exceeds it.

    *ratio*: of its size to the reference's. Wilson and Hilferty's formula for the quantile of χ².
    """
    ninth = 2 / (9 * (bins - 1))
    quantile = (1 - ninth + NormalDist().inv_cdf(1 - alpha) * math.sqrt(ninth)) ** 3
    return 1 + (quantile - 1) * (1 + ratio)


def _rare_samples(
    shares: Numbers, rows: int, spread: float, rng: np.random.Generator
) -> tuple[Counts, Numbers]:
    """Samples of *rows* from *shares*, the improbable ones more often than they are, and each one's weight.

    Importance sampling: what is asked for happens once in ten thousand samples and less. A third of them
    are as they come, a third have their bins spread wider (Dirichlet and multinomial), a third do so around
    shares in which rare bins are less rare; the weights make up for it, and none is above 3.
    """
    wider = min(spread, rows / 2)
    alike = (rows - wider) / (wider - 1)
    flatter = (shares + 1 / rows) / (shares + 1 / rows).sum()
    drawn = np.concatenate(
        [
            rng.multinomial(rows, shares, _DRAWS),
            rng.multinomial(rows, rng.dirichlet(alike * shares, _DRAWS)),
            rng.multinomial(rows, rng.dirichlet(alike * flatter, _DRAWS)),
        ]
    )
    plain = (drawn * np.log(shares)).sum(axis=1)
    ways = [plain, _log_spread(drawn, alike * shares), _log_spread(drawn, alike * flatter)]
    return drawn, np.exp(plain - np.logaddexp.reduce(ways)) * len(ways)


def _log_spread(drawn: Counts, alike: Numbers) -> Numbers:
    """Log probability of samples under Dirichlet and multinomial, without the multinomial coefficient."""
    each = np.arange(int(drawn[0].sum()))
    rising = np.cumsum(np.log(alike[:, np.newaxis] + each), axis=1)
    table = np.concatenate([np.zeros((len(alike), 1)), rising], axis=1)
    logs = table[np.arange(len(alike)), drawn].sum(axis=1)
    return np.asarray(logs - np.log(alike.sum() + each).sum())
