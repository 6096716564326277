"""How the credits elsewhere stood, month by month."""

import numpy as np

from features.made_up import normal
from features.made_up.bureau import Credits
from features.made_up.client import chance, owners, positions
from features.made_up.columns import Columns, Flags, Integers, Words
from features.made_up.normal import Floats
from features.made_up.statistics import load

_MONTH_DAYS = 30.4375
_OLDEST = 96
_STATES = ("C", "0", "X", "1", "2", "3", "4", "5")
"""Closed, paid in time, unknown, and late by 1 to 30, 60, 90, 120 days or more."""
_LATE_CUTS = (0.66, 0.74, 0.79, 0.80)


def rows(rng: np.random.Generator, credits_: Credits, sk_id_bureau: Integers) -> Columns:
    """Rows of bureau_balance: the months, newest first, of the credits that have a monthly report."""
    reported = np.flatnonzero(rng.random(len(credits_)) < _reported_share())
    start = _months(credits_.start[reported])
    stopped = rng.random(len(reported)) < 0.15
    newest = np.where(stopped, rng.integers(0, _OLDEST, len(reported)) % np.maximum(start, 1), 0)
    owner, position = (function(start - newest + 1) for function in (owners, positions))
    month = newest[owner] + position
    closed = np.where(credits_.running, -1, _months(np.nan_to_num(credits_.end)))[reported]
    return {
        "SK_ID_BUREAU": sk_id_bureau[reported][owner],
        "MONTHS_BALANCE": -month,
        "STATUS": _status(rng, credits_.lateness[reported][owner], month < closed[owner]),
    }


def _reported_share() -> float:
    """Share of the credits with a monthly report.

    The sample's own share (0.70) contradicts the known row counts of the full tables; the counts win.
    """
    population = load().population
    per_credit = load().spreads["bureau_balance|rows_per_SK_ID_BUREAU"].mean
    return population["bureau_balance"] / per_credit / population["bureau"]


def _months(days: Floats) -> Integers:
    """Whole months back, no further than the reports reach."""
    return np.minimum((-days / _MONTH_DAYS).astype(np.int64), _OLDEST)


def _status(rng: np.random.Generator, lateness: Floats, after_end: Flags) -> Words:
    drawn = chance(rng, len(lateness))
    late_share = normal.cdf(-2.35 + 0.75 * lateness)
    depth = np.searchsorted(np.array(_LATE_CUTS), drawn / np.maximum(late_share, 1e-9)) + 3
    before_end = np.where(drawn < late_share, depth, np.where(drawn > 0.58, 2, 1))
    return Words(np.where(after_end, 0, before_end).astype(np.int16), _STATES)
