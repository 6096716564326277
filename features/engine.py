"""What runs Ibis expressions: DuckDB. The expressions name their tables and know no engine."""

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

MEMORY_LIMIT = "1500MB"


class Engine(Protocol):
    """Runs expressions over the tables it holds by name."""

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Run *expression* once and hold its result as table *name*; the expression that reads it."""

    def name(self, name: str, expression: ir.Table) -> ir.Table:
        """Table *name*, computed as *expression* whenever it is asked."""

    def fetch(self, expression: ir.Table) -> pa.Table:
        """The rows of *expression*."""


class DuckDb:
    """DuckDB with its database and its spill files in the folder *scratch*.

    Ibis compiles, DuckDB runs: the connection of Ibis 12.0 calls `fetch_arrow_table`, which DuckDB 2 dropped.
    """

    def __init__(self, scratch: Path, memory_limit: str = MEMORY_LIMIT) -> None:
        self._con = duckdb.connect(
            scratch / "scratch.duckdb",
            config={
                "memory_limit": memory_limit,
                "temp_directory": str(scratch / "spill"),
                "preserve_insertion_order": False,
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._con.close()

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        self._con.execute(f'CREATE OR REPLACE TABLE "{name}" AS {_sql(expression)}')
        return ibis.table(expression.schema(), name=name)

    def name(self, name: str, expression: ir.Table) -> ir.Table:
        self._con.execute(f'CREATE OR REPLACE VIEW "{name}" AS {_sql(expression)}')
        return ibis.table(expression.schema(), name=name)

    def fetch(self, expression: ir.Table) -> pa.Table:
        return self.query(_sql(expression))

    def query(self, sql: str) -> pa.Table:
        """The rows of DuckDB's own SQL, for what Ibis has no word for: files, and casts that may fail."""
        return self._con.sql(sql).to_arrow_table()

    def open(self, name: str, source: str, schema: ibis.Schema) -> ir.Table:
        """Table *name*, read from *source* (DuckDB SQL) whenever it is asked."""
        self._con.execute(f'CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM {source}')  # noqa: S608
        return ibis.table(schema, name=name)


def _sql(expression: ir.Table) -> str:
    return str(ibis.to_sql(expression, dialect="duckdb", pretty=False))


def counts(engine: Engine, expression: ir.Table) -> tuple[int, ...]:
    """The counts and sums in the one row of *expression*; 0 for none."""
    (row,) = engine.fetch(expression).to_pylist()
    return tuple(int(value or 0) for value in row.values())
