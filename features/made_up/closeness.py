"""How close each column's values are to the known ones."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.made_up import limits
from features.made_up.difference import Difference
from features.made_up.normal import Floats
from features.made_up.raw import RawDatabase
from features.made_up.statistics import SHARES, Column, load


def columns(raw: RawDatabase, table: str) -> Iterator[Difference]:
    """Missing shares, quantiles and frequencies of every column of *table* that the statistics know."""
    for name, column in load().tables[table].items():
        values = raw.column(table, name)
        known = values.drop_null()
        subject = f"{table}.{name}"
        missing = values.null_count / max(len(values), 1)
        yield Difference(subject, "missing", column.null, missing, limits.MISSING)
        limit = limits.DISTRIBUTION + limits.by_chance(len(known))
        if column.is_category:
            yield Difference(subject, "frequencies", 0.0, frequency_gap(column, known), limit)
        else:
            yield Difference(subject, "quantiles", 0.0, quantile_gap(column, _numbers(known)), limit)


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
        return gap(np.array(column.values), np.cumsum(column.shares), values)
    return gap(np.array(column.quantiles), np.array(SHARES), values)


def gap(points: Floats, shares: Floats, values: Floats) -> float:
    """Largest distance between *shares* and the share of *values* below each of the *points*, or up to it."""
    ordered = np.sort(values)
    rows = max(len(values), 1)
    margin = 1e-9 * np.maximum(np.abs(points), 1.0)
    below = np.searchsorted(ordered, points - margin, side="left") / rows
    up_to = np.searchsorted(ordered, points + margin, side="right") / rows
    return float(np.maximum(np.maximum(below - shares, shares - up_to), 0.0).max())
