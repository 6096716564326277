"""The credits that were asked for, approved and refused."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from records.views.bands import Trait
from records.views.sample import Sample

_BINS = 24
_MOST = 0.99
"""Share of the amounts that the bins reach to; the last bin holds what lies beyond."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """Counts between *edges*; medians are `None` where there is no amount."""

    edges: list[float]
    approved: list[int]
    refused: list[int]
    median: float | None
    median_approved: float | None
    median_refused: float | None


def credit_amounts(sample: Sample) -> Amounts | None:
    """How the amounts spread; `None` when no amount is known."""
    values = sample.values[Trait.CREDIT]
    asked = np.array([value if isinstance(value, float) else np.nan for value in values], dtype=np.float64)
    known = ~np.isnan(asked)
    if not known.any():
        return None
    edges = np.linspace(0.0, float(np.quantile(asked[known], _MOST)), _BINS + 1)
    yes, no = asked[known & ~sample.refused], asked[known & sample.refused]
    return Amounts(
        edges.tolist(),
        np.histogram(np.minimum(yes, edges[-1]), edges)[0].tolist(),
        np.histogram(np.minimum(no, edges[-1]), edges)[0].tolist(),
        _median(asked[known]),
        _median(yes),
        _median(no),
    )


def _median(amounts: npt.NDArray[np.float64]) -> float | None:
    return float(np.median(amounts)) if len(amounts) else None
