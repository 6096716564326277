"""How the default hangs on single columns, against what is known."""

from collections.abc import Iterator
from math import nan

import numpy as np
from sklearn.metrics import roc_auc_score

from features.made_up import limits
from features.made_up.difference import Difference
from features.made_up.latent import auc_of_groups
from features.made_up.marginal import shrunk_rates
from features.made_up.normal import Floats
from features.made_up.raw import RawDatabase
from features.made_up.statistics import SENTINEL, TARGET_RATE, load

_TABLE = "application_train"


def target_rate(raw: RawDatabase) -> Difference:
    """Share of training clients with payment difficulties."""
    found = raw.number("avg(TARGET)", _TABLE)
    return Difference("TARGET", "rate", TARGET_RATE, found, limits.TARGET_RATE)


def correlations(raw: RawDatabase) -> Iterator[Difference]:
    """Correlation with TARGET of the columns that are known to have a strong one."""
    for name, column in load().tables[_TABLE].items():
        if column.corr_target is not None and abs(column.corr_target) >= limits.STRONG:
            found = raw.number(f'corr("{name}", TARGET)', _TABLE, f'"{name}" <> {SENTINEL}')
            yield Difference(name, "correlation with TARGET", column.corr_target, found, limits.CORRELATION)


def words(raw: RawDatabase) -> Iterator[Difference]:
    """AUC of the default rates that are known of a category's words, where they differ much."""
    for name, column in load().tables[_TABLE].items():
        if column.default_rates:
            rates = shrunk_rates(column)
            expected = auc_of_groups(np.array(column.shares), rates)
            if expected >= limits.STRONG_WORDS:
                rows = raw.rows(f'"{name}" as word, TARGET as target', _TABLE, f'where "{name}" is not null')
                scores = rows["word"].map(dict(zip(column.words, rates, strict=True))).fillna(TARGET_RATE)
                found = auc(rows["target"].to_numpy(np.float64), scores.to_numpy(np.float64))
                yield Difference(name, "AUC of its words", expected, found, limits.WORDS)


def deciles(raw: RawDatabase) -> Iterator[Difference]:
    """Default rates along the columns of which they are known by tenths: the largest gap."""
    for name, known in load().deciles.items():
        column = "DAYS_EMPLOYED" if name == "DE" else name
        among = f'where "{column}" <> {SENTINEL} and TARGET is not null'
        found = raw.rows(f'"{column}" as x, TARGET as y', _TABLE, among)
        tenth = np.searchsorted([decile.bound for decile in known[:-1]], found["x"].to_numpy())
        counts = np.bincount(tenth, minlength=len(known))
        rates = np.bincount(tenth, found["y"].to_numpy(), minlength=len(known)) / np.maximum(counts, 1)
        distance = float(np.abs(rates - [decile.default_rate for decile in known]).max())
        limit = limits.TENTHS + limits.by_chance(min(decile.clients for decile in known))
        yield Difference(column, "default rate by tenths", 0.0, distance, limit)


def auc(target: Floats, scores: Floats) -> float:
    """The chance that a defaulter scores above a payer, half for a tie; NaN where there are not both."""
    return float(roc_auc_score(target, scores)) if 0.0 < target.mean() < 1.0 else nan
