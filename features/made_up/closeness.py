"""How close each column's values are to the known ones."""

from collections.abc import Iterator
from math import sqrt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.made_up.difference import Difference
from features.made_up.normal import Floats
from features.made_up.raw import RawTables
from features.made_up.statistics import SHARES, Column, load

NULL_LIMIT = 0.03
SHARE_LIMIT = 0.06
"""For quantiles: the largest gap between a known quantile's share of the rows and the share it should
have, ties in its favour. For categories: half the sum of the gaps between shares."""


def columns(raw: RawTables, table: str) -> Iterator[Difference]:
    """Missing shares, quantiles and frequencies of every column of *table* that the statistics know."""
    for name, column in load().tables[table].items():
        values = raw.column(table, name)
        known = values.drop_null()
        subject = f"{table}.{name}"
        limit = SHARE_LIMIT + _chance(len(known))
        yield Difference(
            subject, "missing", column.null, values.null_count / max(len(values), 1), null_limit(len(values))
        )
        if column.is_category:
            yield Difference(subject, "frequencies", 0.0, frequency_gap(column, known), limit)
        else:
            yield Difference(subject, "quantiles", 0.0, quantile_gap(column, _numbers(known)), limit)


def null_limit(rows: int) -> float:
    """`NULL_LIMIT` from 20,000 rows on; wider below, where chance alone moves a share."""
    return NULL_LIMIT if rows >= 20_000 else NULL_LIMIT + _chance(rows)


def _chance(rows: int) -> float:
    """How far chance moves a share of few rows: two standard errors at most."""
    return 1.0 / sqrt(max(rows, 1))


def _numbers(values: pa.ChunkedArray) -> Floats:
    return np.asarray(values.to_numpy(), dtype=np.float64)


def frequency_gap(column: Column, values: pa.ChunkedArray) -> float:
    """Half the sum of the gaps between shares: 0 is the same, 1 is nothing in common."""
    expected = dict(zip(column.words, column.shares, strict=True))
    counts = {entry["values"]: entry["counts"] for entry in pc.value_counts(values).to_pylist()}
    total = max(sum(counts.values()), 1)
    names = expected.keys() | counts.keys()
    return float(sum(abs(expected.get(name, 0.0) - counts.get(name, 0) / total) for name in names)) / 2


def quantile_gap(column: Column, values: Floats) -> float:
    """How far a known value's share of the rows is from what it should be."""
    if column.values:
        return _gap(np.array(column.values), np.cumsum(column.shares), values)
    return _gap(np.array(column.quantiles), np.array(SHARES), values)


def _gap(points: Floats, shares: Floats, values: Floats) -> float:
    """Largest distance between *shares* and the share of *values* below each of the *points*, or up to it."""
    ordered = np.sort(values)
    rows = max(len(values), 1)
    margin = 1e-9 * np.maximum(np.abs(points), 1.0)
    below = np.searchsorted(ordered, points - margin, side="left") / rows
    up_to = np.searchsorted(ordered, points + margin, side="right") / rows
    return float(np.maximum(np.maximum(below - shares, shares - up_to), 0.0).max())


def ratios(raw: RawTables) -> Iterator[Difference]:
    """Quantiles of one amount in parts of another."""
    for name, quantiles in load().ratios.items():
        over, under = name.split("/")
        found = raw.rows(f"{over} / {under} as ratio", "application_train")["ratio"].dropna()
        gap = _gap(np.array(quantiles), np.array(SHARES), found.to_numpy(np.float64))
        yield Difference(name, "quantiles", 0.0, gap, SHARE_LIMIT + _chance(len(found)))
