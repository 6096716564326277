"""Counts by bucket: what hourly rollups keep of probabilities and latencies, and quantiles read from it."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
_STORED = np.dtype("<u4")

PD_BUCKETS = 100
"""Of equal width between 0 and 1; 1 itself is in the last."""
_PD_EDGES = np.arange(1, PD_BUCKETS) / PD_BUCKETS
_PER_OCTAVE = 8
LATENCY_BUCKETS = 27 * _PER_OCTAVE
"""Each 9 % wider than the one before, from 1 µs to 134 s; what lies outside is in the first or the last."""


def pd_counts(probabilities: Sequence[float]) -> Counts:
    """How many *probabilities* lie in each bucket."""
    return np.bincount(np.searchsorted(_PD_EDGES, probabilities, side="right"), minlength=PD_BUCKETS)


def latency_counts(latencies_us: Sequence[int]) -> Counts:
    """How many latencies lie in each bucket."""
    microseconds = np.maximum(np.asarray(latencies_us, dtype=np.float64), 1.0)
    places = (np.log2(microseconds) * _PER_OCTAVE).astype(np.int64)
    return np.bincount(np.minimum(places, LATENCY_BUCKETS - 1), minlength=LATENCY_BUCKETS)


def least_latency_us(bucket: int) -> int:
    """The shortest latency that may be in a bucket.

    >>> latency_counts([least_latency_us(80)]).argmax() in (79, 80)
    True
    """
    return int(2.0 ** (bucket / _PER_OCTAVE)) if bucket else 0


def latency_quantile_ms(counts: Counts, quantile: float) -> float | None:
    """The latency that *quantile* of all stay below, to within its bucket; `None` of nothing.

    >>> round(latency_quantile_ms(latency_counts([1000, 2000, 3000, 4000]), 0.5))
    2
    """
    total = int(counts.sum())
    if not total:
        return None
    reached = np.cumsum(counts)
    bucket = int(np.searchsorted(reached, max(quantile * total, 1.0)))
    before = int(reached[bucket - 1]) if bucket else 0
    within = (max(quantile * total, 1.0) - before) / int(counts[bucket])
    return float(2.0 ** ((bucket + within) / _PER_OCTAVE) / 1000)


def to_bytes(counts: Counts) -> bytes:
    """What the database keeps of *counts*."""
    return counts.astype(_STORED).tobytes()


def total(stored: Iterable[bytes], buckets: int) -> Counts:
    """The sum of stored counts; all zero of none."""
    table = np.frombuffer(b"".join(stored), dtype=_STORED).reshape(-1, buckets)
    summed: Counts = table.sum(axis=0, dtype=np.int64)
    return summed
