"""The feature list's arithmetic of one row, worked out by pandas: what Ibis describes, on whole columns."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
import numpy as np
import pandas as pd

Value = Any
"""A column, or a plain number or word."""


def evaluate(value: ir.Value, rows: pd.DataFrame) -> pd.Series:
    """*value*, an expression over the columns of *rows*, for each of its rows; missing is NaN."""
    return pd.Series(_value(value.op(), rows))


def _value(node: ops.Value, rows: pd.DataFrame) -> Value:
    return _OPERATIONS[type(node)](node, lambda part: _value(part, rows), rows)


Part = Callable[[ops.Value], Value]


def _chosen(node: Any, part: Part, rows: pd.DataFrame) -> pd.Series:
    """The first case that holds."""
    chosen = part(node.default)
    for condition, result in reversed(tuple(zip(node.cases, node.results, strict=True))):
        chosen = np.where(part(condition), part(result), chosen)
    return pd.Series(chosen, index=rows.index)


def _both(function: Callable[[Value, Value], Value]) -> Callable[[Any, Part, pd.DataFrame], Value]:
    return lambda node, part, _: function(part(node.left), part(node.right))


def _all(function: Callable[[Value, Value], Value]) -> Callable[[Any, Part, pd.DataFrame], Value]:
    return lambda node, part, _: reduce(function, map(part, node.arg))


def _without(column: pd.Series, number: float) -> pd.Series:
    return column.mask(column == number)


_OPERATIONS: dict[type, Callable[[Any, Part, pd.DataFrame], Value]] = {
    ops.Field: lambda node, _, rows: rows[node.name],
    ops.Literal: lambda node, _, __: node.value,
    # Numbers are doubles already.
    ops.Cast: lambda node, part, _: part(node.arg),
    ops.Add: _both(lambda left, right: left + right),
    ops.Subtract: _both(lambda left, right: left - right),
    ops.Multiply: _both(lambda left, right: left * right),
    ops.Divide: _both(lambda left, right: left / right),
    ops.Equals: _both(lambda left, right: left == right),
    ops.Greater: _both(lambda left, right: left > right),
    ops.GreaterEqual: _both(lambda left, right: left >= right),
    ops.NullIf: lambda node, part, _: _without(part(node.arg), part(node.null_if_expr)),
    ops.IsNull: lambda node, part, _: part(node.arg).isna(),
    ops.Coalesce: _all(lambda first, then: first.fillna(then)),
    ops.Least: _all(np.fmin),
    ops.Greatest: _all(np.fmax),
    ops.SearchedCase: _chosen,
}
