"""Raw columns as they are used: one type each, and NULL wherever the source means "missing"."""

from collections.abc import Callable

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from features.tables import TARGET, Column, RawTable, Type

MONEY = dt.Decimal(18, 3)
"""Home Credit's amounts have up to three decimals. Summed as decimals, the order of the rows cannot show."""

LARGEST_MONEY = 1e15
"""Amounts from here on do not fit `MONEY`."""


def clean(table: ir.Table, declared: RawTable) -> ir.Table:
    """The declared columns of *table*; money as exact decimals."""
    return table.select(**{column.name: _cleaned(table, column) for column in declared.columns})


def applications(clean_tables: list[ir.Table]) -> ir.Table:
    """The clients with and without an outcome as one table; numbers as doubles, TARGET NULL where unknown."""
    first, *others = [_with_target(table) for table in clean_tables]
    return ibis.union(first, *others, distinct=False) if others else first


def _with_target(table: ir.Table) -> ir.Table:
    target = table[TARGET].cast("int8") if TARGET in table.columns else ibis.null("int8")
    others = {name: table[name] for name in table.columns if name != TARGET}
    money = {name: column.cast("float64") for name, column in others.items() if column.type().is_decimal()}
    return table.select(**{**others, **money, TARGET: target})


def _cleaned(table: ir.Table, column: Column) -> ir.Value:
    return _CLEANERS[column.type](table[column.name], column)


def _identifier(value: ir.Value, _column: Column) -> ir.Value:
    known = ibis.cases((~value.isnan(), value)) if value.type().is_floating() else value
    return known.cast("int64")


def _text(value: ir.Value, column: Column) -> ir.Value:
    words = value.cast("string")
    return ibis.cases((words.notin(("", *column.missing_words)), words))


def _number(value: ir.Value, column: Column) -> ir.Value:
    number = value.cast("float64")
    known = ~number.isnan()
    if column.missing_numbers:
        known &= number.notin(column.missing_numbers)
    return ibis.cases((known, number))


def _money(value: ir.Value, column: Column) -> ir.Value:
    return _number(value, column).cast(MONEY)


_CLEANERS: dict[Type, Callable[[ir.Value, Column], ir.Value]] = {
    Type.ID: _identifier,
    Type.TEXT: _text,
    Type.WHOLE: _number,
    Type.REAL: _number,
    Type.MONEY: _money,
}
