"""How the default hangs on single columns, against what is known."""

from collections.abc import Iterator

import numpy as np

from features.made_up.difference import Difference
from features.made_up.raw import RawTables
from features.made_up.statistics import SENTINEL, TARGET_RATE, load

_RATE_LIMIT = 0.006
_STRONG = 0.05
_CORRELATION_LIMIT = 0.035
"""Narrower than `_STRONG`: within it, the sign is right."""
_DECILES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3", "DAYS_BIRTH")
_DECILE_LIMIT = 0.045


def target_rate(raw: RawTables) -> Difference:
    """Share of training clients with payment difficulties."""
    found = raw.number("avg(TARGET)", "application_train")
    return Difference("TARGET", "rate", TARGET_RATE, found, _RATE_LIMIT)


def correlations(raw: RawTables) -> Iterator[Difference]:
    """Correlation with TARGET of the columns that are known to have a strong one."""
    for name, column in load().tables["application_train"].items():
        if column.corr_target is not None and abs(column.corr_target) >= _STRONG:
            correlation = f'corr("{name}"::double, TARGET)'
            found = raw.number(correlation, "application_train", f'"{name}" <> {SENTINEL}')
            yield Difference(name, "correlation with TARGET", column.corr_target, found, _CORRELATION_LIMIT)


def deciles(raw: RawTables) -> Iterator[Difference]:
    """Default rates along the strongest columns: the largest gap over the known tenths."""
    for name in _DECILES:
        known = load().deciles[name]
        found = raw.rows(f'"{name}" as x, TARGET as y', "application_train", f'where "{name}" is not null')
        tenth = np.searchsorted([decile.bound for decile in known[:-1]], found["x"].to_numpy())
        counts = np.bincount(tenth, minlength=len(known))
        rates = np.bincount(tenth, found["y"].to_numpy(), minlength=len(known)) / np.maximum(counts, 1)
        gap = np.abs(rates - [decile.default_rate for decile in known]).max()
        yield Difference(name, "default rate by tenths", 0.0, float(gap), _DECILE_LIMIT)
