"""Arithmetic of two columns of one row, with SQL's meaning of missing."""

from typing import cast

import ibis.expr.datatypes as dt
import ibis.expr.types as ir


def number(rows: ir.Table, name: str) -> ir.FloatingValue:
    """Column *name* as a double, so that every engine divides alike."""
    return cast(ir.FloatingValue, rows[name].cast(dt.float64))


def ratio(rows: ir.Table, part: str, whole: str) -> ir.FloatingValue:
    """*part* divided by *whole*; missing where *whole* is 0."""
    return cast(ir.FloatingValue, number(rows, part) / number(rows, whole).nullif(0))


def between(rows: ir.Table, start: str, end: str) -> ir.NumericValue:
    """*end* minus *start*, in their own type: money stays exact."""
    return cast(ir.NumericValue, rows[end] - rows[start])
