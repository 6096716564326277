"""Decisions by what the applicant is like: in bands of a number, or by a word."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from records.views.sample import Sample, Value

_SIGMAS = 1.959963984540054
"""Of a 95 % interval."""
_DAYS_A_YEAR = 365.25
_SEXES = {"1": "F", "1.0": "F", "0": "M", "0.0": "M"}
"""The public recipe's numbers for them."""


class Trait(StrEnum):
    """What applicants are told apart by."""

    INCOME = "AMT_INCOME_TOTAL"
    CREDIT = "AMT_CREDIT"
    AGE = "DAYS_BIRTH"
    PRODUCT = "NAME_CONTRACT_TYPE"
    SEX = "CODE_GENDER"


EDGES: dict[Trait, tuple[float, ...]] = {
    Trait.INCOME: (100_000, 150_000, 200_000, 300_000),
    Trait.CREDIT: (250_000, 500_000, 750_000, 1_000_000),
    Trait.AGE: (30, 40, 50, 60),
}
"""Each begins a band that holds it; ages in years."""


@dataclass(frozen=True, slots=True)
class Band:
    """What was decided about the applicants of one kind; `None` and no word: nothing is known of them."""

    low: float | None
    high: float | None
    word: str | None
    decisions: int
    refused: int
    pd_sum: float

    @property
    def is_unknown(self) -> bool:
        return self.low is None and self.high is None and self.word is None

    @property
    def approved(self) -> int:
        return self.decisions - self.refused

    @property
    def approval_rate(self) -> float:
        return self.approved / self.decisions

    @property
    def default_rate(self) -> float:
        """What the model expects of all of them."""
        return self.pd_sum / self.decisions

    @property
    def interval(self) -> tuple[float, float]:
        """Of the approval rate, in 95 of 100 cases (Wilson).

        >>> low, high = Band(None, None, "x", 100, 20, 0.0).interval
        >>> round(low, 3), round(high, 3)
        (0.711, 0.867)
        """
        n, z2 = self.decisions, _SIGMAS**2
        middle = (self.approval_rate + z2 / (2 * n)) / (1 + z2 / n)
        spread = self.approval_rate * (1 - self.approval_rate) / n + z2 / (4 * n * n)
        half = _SIGMAS * spread**0.5 / (1 + z2 / n)
        return middle - half, middle + half


def bands(sample: Sample, trait: Trait) -> list[Band]:
    """The bands that occur, numbers in their order, words by how many they are; the unknown last."""
    values = sample.values[trait]
    return _by_number(sample, trait, values) if trait in EDGES else _by_word(sample, trait, values)


def _by_number(sample: Sample, trait: Trait, values: Sequence[Value]) -> list[Band]:
    numbers = np.array([value if isinstance(value, float) else np.nan for value in values], dtype=np.float64)
    if trait is Trait.AGE:
        numbers = -numbers / _DAYS_A_YEAR
    edges = EDGES[trait]
    # NaN sorts behind every number; it has the place after the last band.
    places = np.where(np.isnan(numbers), len(edges) + 1, np.searchsorted(edges, numbers, side="right"))
    lows, highs = (None, *edges, None), (*edges, None, None)
    return [
        _band(sample, places == place, low=lows[place], high=highs[place])
        for place in np.unique(places).tolist()
    ]


def _by_word(sample: Sample, trait: Trait, values: Sequence[Value]) -> list[Band]:
    words = np.array(["" if value is None else _word(trait, value) for value in values])
    found = [_band(sample, words == word, word=word or None) for word in np.unique(words).tolist()]
    return sorted(found, key=lambda band: (band.is_unknown, -band.decisions))


def _word(trait: Trait, value: float | str) -> str:
    return _SEXES.get(str(value), str(value)) if trait is Trait.SEX else str(value)


def _band(
    sample: Sample,
    inside: npt.NDArray[np.bool_],
    *,
    low: float | None = None,
    high: float | None = None,
    word: str | None = None,
) -> Band:
    refused = int((inside & sample.refused).sum())
    return Band(low, high, word, int(inside.sum()), refused, float(sample.probabilities[inside].sum()))
