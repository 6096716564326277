"""How often each value of one column occurs: from a normal score to the value, keeping the order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.made_up import normal
from features.made_up.columns import Integers, Words
from features.made_up.normal import Floats
from features.made_up.statistics import SENTINEL, SHARES, TARGET_RATE, Column

_TAIL = 0.0005
"""Beyond this share on either side nothing is known and the last value stays."""
_AVERAGE_CLIENTS = 80
"""So many are added to each group of clients, whose default rate is the less sure the fewer they are."""
_HAIR = 1e-6
"""A score this much further on is no longer the same."""


@dataclass(frozen=True)
class Numbers:
    """A number of rising values between known points of the normal score."""

    scores: Floats
    values: Floats
    step: float
    """Values are whole multiples of it; 0 leaves them as they are."""

    def __call__(self, z: Floats) -> Floats:
        values = np.interp(z, self.scores, self.values)
        if not self.step:
            return values
        # Dividing by 100 gives the number nearest to 0.07; multiplying by 0.01 does not.
        per_unit = round(1.0 / self.step)
        return (
            np.rint(values * per_unit) / per_unit
            if self.step < 1
            else np.rint(values / self.step) * self.step
        )


@dataclass(frozen=True)
class Steps:
    """A number with few distinct values."""

    cuts: Floats
    values: Floats

    def __call__(self, z: Floats) -> Floats:
        return self.values[np.searchsorted(self.cuts, z)]


@dataclass(frozen=True)
class Choice:
    """A category; the words stand in the order of the score, by default the safe ones first."""

    cuts: Floats
    words: tuple[str, ...]

    def __call__(self, z: Floats) -> Words:
        return Words(np.searchsorted(self.cuts, z).astype(np.int16), self.words)


Numeric = Numbers | Steps


def cuts(shares: npt.ArrayLike) -> Floats:
    """Scores that separate consecutive shares, one fewer than the shares."""
    cumulated = np.cumsum(np.asarray(shares, dtype=np.float64))
    return normal.quantile(cumulated[:-1] / cumulated[-1])


def numeric(column: Column, step: float | None = None, atoms: Mapping[float, float] | None = None) -> Numeric:
    """The marginal of a number, without its missing values and sentinels."""
    if column.values:
        return Steps(cuts(column.shares), np.array(column.values))
    known = [
        (share, value) for share, value in zip(SHARES, column.quantiles, strict=True) if value != SENTINEL
    ]
    shares = np.array([share for share, _ in known]) / (1.0 - column.sentinel)
    values = np.array([value for _, value in known])
    keep = shares < 1.0
    if step is None:
        step = 1.0 if column.kind == "int" else 0.0
    all_atoms = dict(atoms or {})
    if column.zero > 0:
        all_atoms[0.0] = column.zero / (1.0 - column.sentinel)
    return numbers(shares[keep], values[keep], step, all_atoms)


def nonzero(column: Column, step: float | None = None) -> Numbers:
    """The marginal of a number above zero."""
    values, shares = np.array(column.quantiles), np.array(SHARES)
    not_above = max(column.zero, shares[values <= 0].max(initial=0.0))
    shares = (shares - not_above) / (1.0 - not_above)
    keep = (values > 0) & (shares > 0)
    default_step = 1.0 if column.kind == "int" else 0.0
    return numbers(shares[keep], values[keep], default_step if step is None else step)


def numbers(
    shares: Floats, values: Floats, step: float = 0.0, atoms: Mapping[float, float] | None = None
) -> Numbers:
    """A marginal through (share, value) points, with *atoms*: values that a known share of rows takes."""
    scores, points = _with_tails(normal.quantile(shares), values)
    for value, share in sorted((atoms or {}).items()):
        scores, points = _with_atom(scores, points, value, share, step)
    return Numbers(scores, points, step)


def _with_tails(scores: Floats, values: Floats) -> tuple[Floats, Floats]:
    """One more point on either side, on the line through the last two, inside what the column can be."""
    low, high = normal.quantile([_TAIL, 1.0 - _TAIL])
    first = values[0] - (values[1] - values[0]) / (scores[1] - scores[0]) * (scores[0] - low)
    last = values[-1] + (values[-1] - values[-2]) / (scores[-1] - scores[-2]) * max(high - scores[-1], 0.0)
    floor = 0.0 if values[0] >= 0 else -np.inf
    ceiling = 0.0 if values[-1] <= 0 else (1.0 if values[-1] <= 1 else np.inf)
    points = np.clip([first, *values, last], floor, ceiling)
    return np.array([low, *scores, max(high, scores[-1] + 1e-9)]), points


def _with_atom(
    scores: Floats, values: Floats, value: float, share: float, step: float
) -> tuple[Floats, Floats]:
    """The same points with a flat piece of *share* of all rows at *value*."""
    below, above = values < value, values > value
    lower, upper = normal.quantile(_place(scores, values, value, share))
    if below.any() and not above.any():
        # An atom at the top starts where what lies below it ends.
        lower = max(lower, scores[below].max() + _HAIR)
    keep_below, keep_above = below & (scores < lower), above & (scores > upper)
    # Half a step beside the atom, or rounding would add its neighbours to it.
    before = [max(value - step / 2, values[keep_below][-1])] if keep_below.any() else []
    after = [min(value + step / 2, values[keep_above][0])] if keep_above.any() else []
    beside = [*([lower - _HAIR] if before else []), lower, upper, *([upper + _HAIR] if after else [])]
    return (
        np.concatenate([scores[keep_below], beside, scores[keep_above]]),
        np.concatenate([values[keep_below], [*before, value, value, *after], values[keep_above]]),
    )


def _place(scores: Floats, values: Floats, value: float, share: float) -> tuple[float, float]:
    """Shares of rows below the atom, and up to it: around its known place, or at an end."""
    below, above = values < value, values > value
    if not below.any():
        return 0.0, share
    if not above.any():
        return 1.0 - share, 1.0
    flat = scores[~below & ~above]
    middle = float(flat.mean()) if len(flat) else float(np.interp(value, values, scores))
    start = float(normal.cdf(np.array(middle))) - share / 2
    return max(start, 0.0), min(start + share, 1.0)


def choice(column: Column, order: Sequence[str] | None = None, without: Sequence[str] = ()) -> Choice:
    """The marginal of a category: words in *order*, by default from the safest to the riskiest."""
    words = [word for word in (order or by_risk(column)) if word not in without and word in column.words]
    shares = [column.shares[column.words.index(word)] for word in words]
    return Choice(cuts(shares), tuple(words))


def by_risk(column: Column) -> tuple[str, ...]:
    """The column's words by rising default rate, small groups pulled to the average."""
    if not column.default_rates:
        return column.words
    rates = shrunk_rates(column)
    return tuple(column.words[i] for i in np.argsort(rates, kind="stable"))


def shrunk_rates(column: Column) -> Floats:
    """Default rates as if some more, average clients stood in each group."""
    counts = np.array(column.counts, dtype=np.float64)
    return (np.array(column.default_rates) * counts + TARGET_RATE * _AVERAGE_CLIENTS) / (
        counts + _AVERAGE_CLIENTS
    )


def count(quantiles: Sequence[float], least: float = 1.0) -> Numbers:
    """Rows per parent."""
    marginal = numbers(np.array(SHARES), np.array(quantiles), step=1.0)
    return Numbers(marginal.scores, np.maximum(marginal.values, least), 1.0)


def as_integers(values: Floats) -> Integers:
    """Whole numbers from floats that hold nothing else."""
    return np.rint(values).astype(np.int64)
