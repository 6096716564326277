"""How two files of features compare: the same values missing, the same words, numbers how close."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LIMIT = 1e-9
"""Numbers that differ by more are different numbers; sums in another order differ by less."""
_COLUMNS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Agreement:
    """The columns in which two files differ, by name, and how far their numbers are apart."""

    columns: int
    missing_differ: tuple[str, ...]
    words_differ: tuple[str, ...]
    largest: float
    """Largest |a - b| / max(|a|, |b|, the column's mean absolute value) of all numbers."""
    largest_in: str

    @property
    def holds(self) -> bool:
        return not self.missing_differ and not self.words_differ and self.largest <= LIMIT


def compare(one: Path, other: Path) -> Agreement:
    """*one* and *other* hold the same columns of the same clients in the same order; how they differ."""
    with pq.ParquetFile(one) as first, pq.ParquetFile(other) as second:
        names = first.schema_arrow.names
        assert names == second.schema_arrow.names, "files of the same features"
        missing: list[str] = []
        words: list[str] = []
        apart = {"": 0.0}
        for start in range(0, len(names), _COLUMNS_AT_ONCE):
            chunk = names[start : start + _COLUMNS_AT_ONCE]
            ours, theirs = first.read(chunk), second.read(chunk)
            for name in chunk:
                a, b = ours[name].combine_chunks(), theirs[name].combine_chunks()
                if not a.is_null().equals(b.is_null()):
                    missing.append(name)
                elif pa.types.is_string(a.type):
                    words += [] if a.equals(b) else [name]
                else:
                    apart[name] = _distance(a.drop_null().to_numpy(), b.drop_null().to_numpy())
    largest_in = max(apart, key=apart.__getitem__)
    return Agreement(len(names), tuple(missing), tuple(words), apart[largest_in], largest_in)


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Largest |a - b| / max(|a|, |b|, mean |a|); 0 where all is 0 or there is nothing.

    A value that is no finite number is in no file of features: it is infinitely far from every other.
    """
    if not len(a):
        return 0.0
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return math.inf
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.abs(a).mean())
    differences = np.abs(a - b)
    return float((differences[scale > 0] / scale[scale > 0]).max(initial=0.0))
