"""Tables on disk, made up or real, as one database to ask: what the files say, sentinels and all."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from credit.errors import InvalidTables
from features.engine import DuckDb
from features.raw_file import RawFile
from features.reader import require_outcomes, table_files
from features.tables import APPLICATION_TRAIN, APPLICATIONS, Column, RawTable, Type


class RawDatabase:
    """The tables of one folder by their names; `InvalidTables` for what the reader of features refuses, too.

    Both applications must be there. What the files say is loaded when it is first asked for.
    """

    def __init__(self, engine: DuckDb, folder: Path) -> None:
        self._engine = engine
        self._waiting: dict[str, ir.Table] = {}
        files = table_files(folder)
        for declared in APPLICATIONS:
            if not any(table is declared for table, _ in files):
                raise InvalidTables(f"{folder} holds no {declared.name}.csv (nor as .parquet)")
        for declared, path in files:
            file = RawFile(engine, path, _as_written(declared))
            table = self._waiting[declared.name] = file.table()
            file.require_key(table)
            if declared is APPLICATION_TRAIN:
                require_outcomes(engine, table, path.name)

    def column(self, table: str, name: str) -> pa.ChunkedArray:
        """All values of one column."""
        return self._asked(f'select "{name}" from {table}').column(0)  # noqa: S608  as below

    def rows(self, columns: str, source: str, rest: str = "") -> pd.DataFrame:
        """Some columns of a table; *rest* orders, groups or limits them."""
        sql = f"select {columns} from {source} {rest}"  # noqa: S608  as below
        return pd.DataFrame(self._asked(sql).to_pandas())

    def number(self, expression: str, source: str, where: str = "true") -> float:
        """The one number that *expression*, an aggregate, gives over a table; NaN when there is none."""
        # S608: every name comes from the statistics or from this package, none from a user.
        sql = f"select {expression} as number from {source} where {where}"  # noqa: S608
        value = self._asked(sql)["number"][0].as_py()
        return float("nan") if value is None else float(value)

    def _asked(self, sql: str) -> pa.Table:
        for table in [name for name in self._waiting if name in sql]:
            self._engine.keep(table, self._waiting.pop(table))
        return self._engine.query(sql)


@contextmanager
def opened(folder: Path) -> Iterator[RawDatabase]:
    """The tables in *folder*, while they are asked."""
    with tempfile.TemporaryDirectory(prefix="octroi-tables-") as scratch, DuckDb(Path(scratch)) as engine:
        yield RawDatabase(engine, folder)


def _as_written(declared: RawTable) -> RawTable:
    """The same columns, where no value stands for missing, and amounts are plain numbers."""
    columns = (
        Column(column.name, Type.REAL if column.type is Type.MONEY else column.type)
        for column in declared.columns
    )
    return RawTable(declared.name, tuple(columns), declared.key)
