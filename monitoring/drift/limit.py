"""How large the PSI of a feature grows by chance alone."""

import math
from functools import lru_cache

import numpy as np
from scipy import special

from monitoring.drift.measures import SMOOTHING, psi
from monitoring.drift.tally import Tally

FLOOR = 0.1
"""A smaller PSI is no drift worth the name, however sure."""
_DRAWS = 10_000
_TAIL = 0.01
_CLEAR = 1.5


def no_drift_limit(reference: Tally, rows: int, alpha: float) -> float:
    """The PSI that *rows* decisions drawn like the *reference* exceed with a probability of about *alpha*.

    Both samples are drawn anew, since the reference's shares are estimates too. Never below `FLOOR`: where
    chance is far from it, nothing is drawn.
    """
    counts = tuple(reference.counts[reference.counts > 0].tolist())
    empty = int((reference.counts == 0).sum())
    return _limit(counts, empty, rows, alpha)


@lru_cache(maxsize=4096)
def _limit(counts: tuple[int, ...], empty: int, rows: int, alpha: float) -> float:
    bins, trained = len(counts) + empty, sum(counts)
    chance = float(special.chdtri(max(1, bins - 1), alpha)) * (1 / rows + 1 / max(1, trained))
    if _CLEAR * chance < FLOOR:
        return FLOOR
    smoothed = np.array([*counts, *[0] * empty]) + SMOOTHING
    shares = smoothed / smoothed.sum()
    rng = np.random.default_rng([rows, trained, *counts])
    drawn = np.sort(psi(rng.multinomial(trained, shares, _DRAWS), rng.multinomial(rows, shares, _DRAWS)))
    return max(FLOOR, _tail(drawn, alpha))


def _tail(drawn: np.ndarray[tuple[int], np.dtype[np.float64]], alpha: float) -> float:
    """The value that only a share *alpha* exceeds: past what was drawn, tails fall off exponentially."""
    largest = drawn[-int(_TAIL * len(drawn)) :]
    start = float(largest[0])
    falling = start + float((largest - start).mean()) * math.log(_TAIL / alpha)
    return max(falling, float(np.quantile(drawn, 1.0 - alpha)))
