"""How the rows of one client become one number: declared as data, written once as Ibis expressions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import cast

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir

from features.naming import category_name
from features.schema import Feature, Kind
from features.tables import Type

REAL = dt.float64

Condition = Callable[[ir.Table], ir.BooleanValue]


class Function(StrEnum):
    """What is asked of a column; the value ends the feature's name."""

    MIN = "MIN"
    MAX = "MAX"
    MEAN = "MEAN"
    SUM = "SUM"
    VAR = "VAR"
    SIZE = "SIZE"


_PHRASES = {
    Function.MIN: "Smallest of",
    Function.MAX: "Largest of",
    Function.MEAN: "Mean of",
    Function.SUM: "Sum of",
    Function.VAR: "Sample variance of",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of a history, raw or computed from its row, and the functions asked of it.

    `low` and `high` are limits of meaning of one row's value.
    """

    name: str
    functions: tuple[Function, ...]
    unit: str
    meaning: str
    low: float | None = None
    high: float | None = None
    type: Type = Type.WHOLE
    value: Callable[[ir.Table], ir.Value] | None = None
    """How a row gives it, where it is no raw column."""

    def limits(self, function: Function) -> tuple[float | None, float | None]:
        """Limits of meaning of *function* of any number of values within this measure's limits."""
        if function in (Function.VAR, Function.SIZE):
            return 0.0, None
        if function is not Function.SUM:
            return self.low, self.high
        low = 0.0 if self.low is not None and self.low >= 0 else None
        return low, 0.0 if self.high is not None and self.high <= 0 else None

    def unit_of(self, function: Function) -> str:
        return {Function.VAR: f"{self.unit}²", Function.SIZE: "rows"}.get(function, self.unit)


@dataclass(frozen=True, slots=True)
class Shares:
    """Which part of a group's rows has each of these words in a column; all other words count as "not"."""

    column: str
    meaning: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a history that are summed up together, under one prefix."""

    prefix: str
    meaning: str
    measures: tuple[Measure, ...]
    shares: tuple[Shares, ...] = ()
    where: Condition | None = None
    counted: bool = True
    """Whether the number of rows is a feature: `<prefix>_COUNT`."""


@dataclass(frozen=True)
class History:
    """One table of a client's past, and every feature made of it."""

    table: str
    title: str
    groups: tuple[Group, ...]

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        return tuple(feature for group in self.groups for feature in _features(group))

    @cached_property
    def _measures(self) -> dict[str, Measure]:
        return {measure.name: measure for group in self.groups for measure in group.measures}

    def _computed(self, table: ir.Table) -> dict[str, ir.Value]:
        """The computed measures, and one true-or-false column for each condition."""
        measures = {name: one.value(table) for name, one in self._measures.items() if one.value}
        return measures | {_flag(group): group.where(table) for group in self.groups if group.where}

    def needed(self, table: ir.Table, key: str) -> ir.Table:
        """*key* and those columns of *table* that a feature is made of."""
        values = self._computed(table).values()
        used = {key, *self._measures, *(shares.column for group in self.groups for shares in group.shares)}
        used |= {field.name for value in values for field in value.op().find(ops.Field)}
        return table.select(name for name in table.columns if name in used)

    def aggregate(self, table: ir.Table, key: str) -> ir.Table:
        """One row for each *key* of *table*: every feature of this history, in one scan."""
        rows = table.mutate(**self._computed(table))
        values = dict(value for group in self.groups for value in _values(group, rows))
        return rows.group_by(key).aggregate(**values)


def _flag(group: Group) -> str:
    return f"IS_{group.prefix}"


def _features(group: Group) -> Iterator[Feature]:
    """The features of *group*, in the order of `_values`."""
    if group.counted:
        name = f"{group.prefix}_COUNT"
        yield Feature(name, Kind.NUMBER, "rows", f"Number of {group.meaning}.", low=0.0)
    for measure in group.measures:
        for function in measure.functions:
            low, high = measure.limits(function)
            meaning = _meaning(function, measure, group)
            name = f"{group.prefix}_{measure.name}_{function}"
            yield Feature(name, Kind.NUMBER, measure.unit_of(function), meaning, low=low, high=high)
    for shares in group.shares:
        for word in shares.words:
            meaning = f"Share of {group.meaning} whose {shares.meaning} is “{word}”."
            name = _share_name(group, shares, word)
            yield Feature(name, Kind.NUMBER, "share", meaning, low=0.0, high=1.0)


def _meaning(function: Function, measure: Measure, group: Group) -> str:
    if function is Function.SIZE:
        return f"Number of {group.meaning}."
    return f"{_PHRASES[function]} {measure.meaning}, over {group.meaning}."


def _values(group: Group, rows: ir.Table) -> Iterator[tuple[str, ir.Scalar]]:
    # CASE inside the aggregate, not FILTER: DuckDB slices all columns again for each filtered aggregate.
    where = cast(ir.BooleanValue, rows[_flag(group)]) if group.where else None
    size = (rows.count() if where is None else count(where)).cast(REAL)
    if group.counted:
        yield f"{group.prefix}_COUNT", size
    for measure in group.measures:
        column = cast(ir.NumericColumn, rows[measure.name])
        masked = column if where is None else ibis.cases((where, column))
        for function in measure.functions:
            name = f"{group.prefix}_{measure.name}_{function}"
            yield name, size if function is Function.SIZE else _value(function, masked, measure)
    for shares in group.shares:
        for word in shares.words:
            is_word = rows[shares.column] == word
            hits = count(is_word if where is None else is_word & where)
            yield _share_name(group, shares, word), hits.cast(REAL) / size.nullif(0)


def count(condition: ir.BooleanValue) -> ir.IntegerScalar:
    """How many rows meet *condition*; 0, on every engine, where it is missing in all of them."""
    return ibis.cases((condition, 1)).count()


def _share_name(group: Group, shares: Shares, word: str) -> str:
    return f"{group.prefix}_{shares.column}_{category_name(word)}_MEAN"


def _value(function: Function, column: ir.NumericColumn, measure: Measure) -> ir.Scalar:
    """*function* of the known values of *column*; NULL where there are none."""
    if function is Function.MEAN:
        return column.sum().cast(REAL) / column.count().cast(REAL).nullif(0)
    if function is Function.VAR:
        return _variance(column, measure)
    simple = {Function.MIN: column.min, Function.MAX: column.max, Function.SUM: column.sum}
    return simple[function]().cast(REAL)


def _variance(column: ir.NumericColumn, measure: Measure) -> ir.Scalar:
    """Sample variance; NULL below two values.

    Of whole numbers by sums that are exact in doubles, so that the order of the rows cannot show.
    """
    if measure.type is not Type.WHOLE:
        return column.cast(REAL).var(how="sample")
    known = column.count().cast(REAL)
    total = column.sum()
    squares = (column * column).sum()
    pairs = ibis.cases((known > 1, known * (known - 1)))
    return (known * squares - total * total) / pairs
