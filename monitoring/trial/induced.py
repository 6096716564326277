"""Drift made on purpose: what it does to clients' values, so that detectors and services can be tried."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from features.schema import Feature
from monitoring.drift.tally import Column

Columns = dict[str, Column]
"""Raw features of clients by name, a value for each client."""


class Change(Protocol):
    """Something that happens to clients."""

    @property
    def touched(self) -> frozenset[str]:
        """Names of the features whose values it changes one by one."""
        ...

    def of(self, columns: Columns, rng: np.random.Generator) -> Columns:
        """The clients as they are after the change; *columns* stay as they are."""
        ...


@dataclass(frozen=True)
class Shift:
    """Known values of some features moved *by* an amount, within limits."""

    features: tuple[str, ...]
    by: float
    low: float = -np.inf
    high: float = np.inf

    @property
    def touched(self) -> frozenset[str]:
        return frozenset(self.features)

    def of(self, columns: Columns, rng: np.random.Generator) -> Columns:
        del rng
        return {**columns, **{name: self._moved(columns[name]) for name in self.features}}

    def _moved(self, column: Column) -> Column:
        return np.clip(np.asarray(column, dtype=np.float64) + self.by, self.low, self.high)


@dataclass(frozen=True)
class Scale:
    """Known values of some features multiplied."""

    features: tuple[str, ...]
    by: float

    @property
    def touched(self) -> frozenset[str]:
        return frozenset(self.features)

    def of(self, columns: Columns, rng: np.random.Generator) -> Columns:
        del rng
        return {
            **columns,
            **{name: np.asarray(columns[name], dtype=np.float64) * self.by for name in self.features},
        }


@dataclass(frozen=True)
class Lose:
    """Some features missing, together, for a *share* of the clients."""

    features: tuple[str, ...]
    share: float = 1.0

    @property
    def touched(self) -> frozenset[str]:
        return frozenset(self.features)

    def of(self, columns: Columns, rng: np.random.Generator) -> Columns:
        """A whole share is everyone; of less, those who lose them are drawn from those who have the first."""
        known = ~_is_missing(columns[self.features[0]]) | (self.share >= 1.0)
        lost = known & (rng.random(len(known)) < self.share / max(float(known.mean()), self.share))
        return {**columns, **{name: _replaced(columns[name], lost, None) for name in self.features}}


@dataclass(frozen=True)
class Replace:
    """A value that a *share* of the clients have instead of their own: a word nobody knows, say."""

    feature: str
    value: str | float
    share: float

    @property
    def touched(self) -> frozenset[str]:
        return frozenset({self.feature})

    def of(self, columns: Columns, rng: np.random.Generator) -> Columns:
        changed = rng.random(len(columns[self.feature])) < self.share
        return {**columns, self.feature: _replaced(columns[self.feature], changed, self.value)}


@dataclass(frozen=True)
class Outlier:
    """One client with an absurd value."""

    feature: str
    value: float

    @property
    def touched(self) -> frozenset[str]:
        return frozenset({self.feature})

    def of(self, columns: Columns, rng: np.random.Generator) -> Columns:
        one = np.zeros(len(columns[self.feature]), dtype=np.bool_)
        one[rng.integers(len(one))] = True
        return {**columns, self.feature: _replaced(columns[self.feature], one, self.value)}


@dataclass(frozen=True)
class Only:
    """Another population: only clients with a value in a range, each drawn anew from among them."""

    feature: str
    low: float
    high: float

    @property
    def touched(self) -> frozenset[str]:
        return frozenset()

    def of(self, columns: Columns, rng: np.random.Generator) -> Columns:
        values = np.asarray(columns[self.feature], dtype=np.float64)
        (fitting,) = np.nonzero((values >= self.low) & (values <= self.high))
        if not len(fitting):
            return columns
        rows = rng.choice(fitting, len(values))
        return {name: column[rows] for name, column in columns.items()}


def recomputed(columns: Columns, features: Sequence[Feature], touched: frozenset[str]) -> Columns:
    """*columns* with every feature computed anew that follows from a *touched* one and is there."""
    follow = [
        feature
        for feature in features
        if feature.formula is not None
        and touched.intersection(feature.formula.parts)
        and columns.keys() >= {feature.name, *feature.formula.parts}
    ]
    return {**columns, **{feature.name: _computed(feature, columns) for feature in follow}}


def _computed(feature: Feature, columns: Mapping[str, Column]) -> Column:
    assert feature.formula is not None
    parts = [np.asarray(columns[name], dtype=np.float64).tolist() for name in feature.formula.parts]
    rows = zip(*parts, strict=True)
    found = [feature.formula.value([None if math.isnan(part) else part for part in row]) for row in rows]
    return np.array(found, dtype=np.float64)


def _is_missing(column: Column) -> npt.NDArray[np.bool_]:
    if column.dtype == np.float64:
        return np.isnan(column)
    return np.array([value is None for value in column], dtype=np.bool_)


def _replaced(column: Column, rows: npt.NDArray[np.bool_], value: str | float | None) -> Column:
    changed = column.copy()
    changed[rows] = value
    return changed
