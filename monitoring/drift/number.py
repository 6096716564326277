"""Where the values of a number fall: bins frozen on the training rows."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from features.schema import Feature
from monitoring.drift.tally import Column, Numbers, Tally

if TYPE_CHECKING:
    from monitoring.sketch import StoredSketch

_BINS = 10
_POINTS = 100


@dataclass(frozen=True)
class NumberBins:
    """Bins from one edge, included, to the next, excluded; the first and the last are open."""

    name: str
    edges: tuple[float, ...]
    points: tuple[float, ...]
    """Where distribution functions are compared: the percentiles of the training rows."""
    sentinels: tuple[float, ...] = ()
    seen: tuple[float, float] | None = None
    """The range of the training rows."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What each bin holds, for people."""
        if not self.edges:
            return ("any",)
        # Just above a value that has a bin of its own, the next bin begins.
        heaps = [high == np.nextafter(low, np.inf) for low, high in pairwise(self.edges)]
        shown = [_shown(edge) for edge in self.edges]
        shown = [shown[0], *(shown[i] if heap else shown[i + 1] for i, heap in enumerate(heaps))]
        inner = [
            low if heap else f"{low} to {high}"
            for heap, (low, high) in zip(heaps, pairwise(shown), strict=True)
        ]
        return (f"below {shown[0]}", *inner, f"{'above' if heaps and heaps[-1] else 'from'} {shown[-1]}")

    @classmethod
    def freeze(cls, feature: Feature, column: Column) -> "NumberBins":
        """The deciles of *column*; a value that holds two of them or more has a bin of its own.

        >>> from features.schema import Kind
        >>> children = Feature("CNT_CHILDREN", Kind.NUMBER, "children", "")
        >>> NumberBins.freeze(children, np.array([0.0] * 70 + [1.0] * 20 + [2.0] * 10)).labels
        ('below 0', '0', '0 to 1', '1', 'above 1')
        """
        values = np.asarray(column, dtype=np.float64)
        known = values[~np.isnan(values) & ~np.isin(values, feature.sentinels)]
        seen = (float(known.min()), float(known.max())) if len(known) else None
        return cls(
            feature.name,
            _cuts(known, _BINS),
            _cuts(known, _POINTS),
            tuple(map(float, feature.sentinels)),
            seen,
        )

    def tally(self, column: Column) -> Tally:
        """Count the values of *column*."""
        values = np.asarray(column, dtype=np.float64)
        known = values[~np.isnan(values) & ~np.isin(values, self.sentinels)]
        outside = 0 if self.seen is None else int(((known < self.seen[0]) | (known > self.seen[1])).sum())
        return Tally(
            bins=_tuple(
                np.bincount(np.searchsorted(self.edges, known, side="right"), minlength=len(self.edges) + 1)
            ),
            missing=len(values) - len(known),
            outside=outside,
            below=_below(known, self.points),
        )

    def tally_of(self, sketch: "StoredSketch") -> Tally:
        """Count the values a profile has seen, as well as its sketch remembers them."""
        seen = sketch.seen(self.name)
        low, high = self.seen or (-np.inf, np.inf)
        asked = np.array([*self.edges, *self.points, low, np.nextafter(high, np.inf)])
        asked = np.clip(asked, -np.finfo(float).max, np.finfo(float).max)
        below = np.round(seen.known * sketch.share_below(self.name, asked)).astype(np.int64)
        known = seen.known
        for sentinel in self.sentinels:
            around = sketch.share_below(self.name, np.array([sentinel, np.nextafter(sentinel, np.inf)]))
            standing_in = round(seen.known * float(around[1] - around[0]))
            below = below - standing_in * (asked > sentinel)
            known -= standing_in
        edges, points, outer = np.split(below, [len(self.edges), len(self.edges) + len(self.points)])
        return Tally(
            bins=_tuple(np.diff([0, *edges, known])),
            missing=seen.total - known,
            outside=int(outer[0] + known - outer[1]),
            below=_tuple(points),
        )


def _shown(edge: float) -> str:
    """An edge for people.

    >>> _shown(675_000.0), _shown(0.123456)
    ('675,000', '0.1235')
    """
    return f"{edge:,.0f}" if abs(edge) >= 10_000 else f"{edge:.4g}"


def _cuts(known: Numbers, parts: int) -> tuple[float, ...]:
    """The values that cut *known* into equal parts, each once, and again just above one that fills parts."""
    if not len(known):
        return ()
    shares = np.arange(1, parts) / parts
    values, times = np.unique(np.quantile(known, shares, method="inverted_cdf"), return_counts=True)
    heaps = np.nextafter(values[times > 1], np.inf)
    return tuple(np.unique(np.concatenate([values, heaps])).tolist())


def _below(known: Numbers, points: tuple[float, ...]) -> tuple[int, ...]:
    passed = np.bincount(np.searchsorted(points, known, side="right"), minlength=len(points) + 1)
    return _tuple(np.cumsum(passed)[:-1])


def _tuple(counts: npt.NDArray[np.integer]) -> tuple[int, ...]:
    return tuple(counts.tolist())
