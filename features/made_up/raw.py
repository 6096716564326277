"""Tables on disk, made up or real, as one database to ask."""

from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from credit.errors import InvalidTables
from features.made_up.layout import IDS

_SUFFIXES = ("parquet", "csv")


class RawTables:
    """The tables of one folder; `InvalidTables` when one of them is missing."""

    def __init__(self, folder: Path) -> None:
        self._connection = duckdb.connect()
        for table in IDS:
            path = _file(folder, table)
            # A view on a CSV file would read it again for every question.
            kind = "view" if path.suffix == ".parquet" else "table"
            text = str(path).replace("'", "''")
            self._connection.execute(f"create {kind} {table} as from '{text}'")

    def column(self, table: str, name: str) -> pa.ChunkedArray:
        """All values of one column."""
        return self._connection.table(table).select(f'"{name}"').to_arrow_table().column(0)

    def rows(self, columns: str, source: str, rest: str = "") -> pd.DataFrame:
        """Some columns of a table; *rest* orders, groups or limits them."""
        sql = f"select {columns} from {source} {rest}"  # noqa: S608  as below
        return pd.DataFrame(self._connection.sql(sql).df())

    def number(self, expression: str, source: str, where: str = "true") -> float:
        """The one number that *expression*, an aggregate, gives over a table; NaN when there is none."""
        # S608: every name comes from the statistics or from this package, none from a user.
        sql = f"select {expression} from {source} where {where}"  # noqa: S608
        ((value,),) = self._connection.sql(sql).fetchall()
        return float("nan") if value is None else float(value)


def _file(folder: Path, table: str) -> Path:
    for suffix in _SUFFIXES:
        if (folder / f"{table}.{suffix}").exists():
            return folder / f"{table}.{suffix}"
    raise InvalidTables(f"neither {table}.parquet nor {table}.csv is in {folder}")
