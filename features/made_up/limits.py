"""How far tables may lie from the statistics; what is measured stands in the modules that measure."""

LEAST_CLIENTS = 20_000
"""Fewer training clients say too little: chance alone would break the limits."""

TARGET_RATE = 0.006
MISSING = 0.03
"""Of the share of missing values."""
DISTRIBUTION = 0.06
"""Of a gap between distributions.

Numbers: the largest gap between a known quantile's share of the rows and the share it should have, ties in
its favour. Categories: half the sum of the gaps between shares: 0 is the same, 1 is nothing in common.
"""
SHARE = 0.03
"""Of a share of clients or contracts for whom something is so."""
ROWS = 0.12
"""Of the mean number of rows, in parts of it."""

EXACT = 0.001
"""Share of rows that may break an exact rule: the real tables break some in a few rows."""
LOOSE = 0.02
"""For rules between tables, which the real ones keep less well."""
RANKS = 0.07
"""Of a rank correlation between columns of the application."""
TWINS = 0.02
"""Of the correlation between two statistics of one measure."""

STRONG = 0.05
"""A correlation with TARGET from which on it is measured."""
CORRELATION = 0.035
"""Narrower than `STRONG`: within it, the sign is right."""
TENTHS = 0.025
"""Of the default rate of a tenth of the clients, and what chance adds to it."""
STRONG_WORDS = 0.54
"""AUC of the known default rates of a category's words, from which on it is measured."""
WORDS = 0.03
"""Of that AUC."""

LOWEST_AUC, HIGHEST_AUC = 0.74, 0.78
"""Of a plain LightGBM on the columns of the application alone."""
LEAST_GAIN, MOST_GAIN = 0.015, 0.06
"""What simple aggregates of all tables add to it."""


def by_chance(rows: int) -> float:
    """How far chance moves a share of few rows: two standard errors at most."""
    return float(max(rows, 1) ** -0.5)
