"""Every candidate feature by vectorised pandas: what `features build` is measured against.

The aggregations are the declared ones; a group is one `groupby`, a function one call for all its columns.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.aggregation import Function, Group, History, Shares
from features.bureau import BUREAU, STATUSES
from features.catalogue import HISTORIES, candidates
from features.client_row import file_schema
from features.naming import category_name
from features.ratios import ACROSS, RATIOS, Derived
from features.tables import CLIENT, TARGET
from profiling.pandas_expression import evaluate
from profiling.pandas_tables import CREDIT, read_application, read_history

Grouped: TypeAlias = "pd.api.typing.DataFrameGroupBy[Any, Any]"


def build_with_pandas(raw: Path, out: Path) -> None:
    """Write *out* as `features build` does, from the Parquet tables in *raw*."""
    clients = read_application(raw).set_index(CLIENT)
    known = clients.index.to_series()
    histories = (_history(raw, history, known).reindex(clients.index) for history in HISTORIES)
    rows = pd.concat([clients, _derived(RATIOS, clients), *histories], axis=1, copy=False)
    rows = pd.concat([rows, _derived(ACROSS, rows)], axis=1, copy=False)
    table = pa.Table.from_pandas(rows).select([CLIENT, TARGET, *(feature.name for feature in candidates())])
    pq.write_table(table.cast(file_schema()), out)


def _history(raw: Path, history: History, clients: pd.Series) -> pd.DataFrame:
    rows = read_history(raw, history.table, clients)
    if history is BUREAU:
        rows = rows.join(_months(read_history(raw, "bureau_balance", rows[CREDIT], CREDIT)), on=CREDIT)
    return aggregate(history, rows)


def aggregate(history: History, rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each client of *rows*: every feature of *history*."""
    table = _described(rows)
    measures = {measure.name: measure for group in history.groups for measure in group.measures}
    computed = {name: evaluate(one.value(table), rows) for name, one in measures.items() if one.value}
    rows = rows.assign(**computed)
    groups = [
        _group(group, rows[evaluate(group.where(table), rows)] if group.where else rows)
        for group in history.groups
    ]
    found = pd.concat(groups, axis=1)
    counts = [f"{group.prefix}_COUNT" for group in history.groups if group.counted]
    return found.fillna(dict.fromkeys(counts, 0.0))


def _described(rows: pd.DataFrame) -> ibis.Table:
    """The columns of *rows*, for expressions to name."""
    types = {name: "float64" if kind.kind in "iuf" else "string" for name, kind in rows.dtypes.items()}
    return ibis.table(types, name="rows")


def _group(group: Group, rows: pd.DataFrame) -> pd.DataFrame:
    by_client = rows.groupby(CLIENT)
    size = by_client.size().astype("float64")
    parts = [size.rename(f"{group.prefix}_COUNT").to_frame()] if group.counted else []
    for function in Function:
        columns = [measure.name for measure in group.measures if function in measure.functions]
        names = {name: f"{group.prefix}_{name}_{function}" for name in columns}
        if function is Function.SIZE:
            parts += [size.rename(name).to_frame() for name in names.values()]
        elif columns:
            parts.append(_applied(by_client[columns], function).rename(columns=names))
    parts += [_shares(group, shares, rows) for shares in group.shares]
    return pd.concat(parts, axis=1)


def _applied(columns: Grouped, function: Function) -> pd.DataFrame:
    calls: dict[Function, Callable[[], pd.DataFrame]] = {
        Function.MIN: columns.min,
        Function.MAX: columns.max,
        Function.MEAN: columns.mean,
        Function.SUM: lambda: columns.sum(min_count=1),
        Function.VAR: columns.var,
    }
    return calls[function]()


def _shares(group: Group, shares: Shares, rows: pd.DataFrame) -> pd.DataFrame:
    words = {f"{group.prefix}_{shares.column}_{category_name(word)}_MEAN": word for word in shares.words}
    is_word = pd.DataFrame({name: rows[shares.column] == word for name, word in words.items()})
    return is_word.groupby(rows[CLIENT]).mean()


def _months(balance: pd.DataFrame) -> pd.DataFrame:
    """One row for each credit at another lender: how long its months reach back, and how they were paid."""
    status = balance["STATUS"]
    late = status.isin(["1", "2", "3", "4", "5"])
    level = status.map({"0": 0.0, "C": 0.0} | {word: float(word) for word in "12345"}).astype("float64")
    months = balance.assign(
        LEVEL=level,
        LATE=late,
        LATE_12M=late & (balance["MONTHS_BALANCE"] >= -12),
        **{word: status == word for word in STATUSES},
    ).groupby(CREDIT)
    reach = months["MONTHS_BALANCE"].agg(["min", "max", "size"]).add_prefix("MONTHS_BALANCE_")
    late_months = months[["LATE", "LATE_12M"]].sum().add_prefix("MONTHS_")
    shares = months[list(STATUSES)].mean().add_prefix("STATUS_").add_suffix("_MEAN")
    found = pd.concat([reach, late_months, months["LEVEL"].max().rename("STATUS_WORST"), shares], axis=1)
    return found.rename(columns=lambda name: name if name.endswith("_MEAN") else name.upper()).astype(
        "float64"
    )


def _derived(features: tuple[Derived, ...], rows: pd.DataFrame) -> pd.DataFrame:
    table = _described(rows)
    return pd.DataFrame({one.feature.name: evaluate(one.value(table), rows) for one in features})
