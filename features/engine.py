"""What runs Ibis expressions: DuckDB. The expressions name their tables and know no engine."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

MEMORY_LIMIT = "1500MB"
ROWS_AT_ONCE = 30_000
"""Rows of one part: fewer, and planning weighs; more, and memory does."""
_NO_BAR = "SET enable_progress_bar = false"
"""DuckDB would draw one of its own on the terminal, for each connection."""
_INTERRUPTED = "Query interrupted"
"""What DuckDB says when Ctrl+C ends a query."""
_MOST_WORKERS = 4
"""Each holds a part in memory."""

Tables = Mapping[str, ir.Table]
Recipe = Callable[[Tables], ir.Table]
"""How one row per key is computed from tables by name: all have the key, the first has each key once."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Engine(Protocol):
    """Runs expressions over the tables it holds by name."""

    def take(self, name: str, expression: ir.Table) -> ir.Table:
        """*expression* over the tables that the reader checked, as one that this engine can run."""

    def keep(self, name: str, expression: ir.Table, by: str | None = None) -> ir.Table:
        """Run *expression* once and hold its result as table *name*; the expression that reads it.

        *by*: a column by whose ranges the table will be asked.
        """

    def fetch(self, expression: ir.Table) -> pa.Table:
        """The rows of *expression*."""

    def parts(self, recipe: Recipe, tables: Tables, key: str) -> Iterator[pa.Table]:
        """The rows of *recipe* over *tables* in order of *key*, a part at a time."""


class DuckDb:
    """DuckDB with its database and its spill files in the folder *scratch*.

    Ibis compiles, DuckDB runs: the connection of Ibis 12.0 calls `fetch_arrow_table`, which DuckDB 2 dropped.
    """

    def __init__(self, scratch: Path, workers: int | None = None, rows_at_once: int = ROWS_AT_ONCE) -> None:
        self._workers = workers or min(_MOST_WORKERS, len(os.sched_getaffinity(0)))
        self._rows_at_once = rows_at_once
        self._con = duckdb.connect(
            scratch / "scratch.duckdb",
            config={
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": str(scratch / "spill"),
                "preserve_insertion_order": False,
            },
        )
        self._con.execute(_NO_BAR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._con.close()
        if isinstance(error, RuntimeError) and str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from error

    def take(self, name: str, expression: ir.Table) -> ir.Table:  # noqa: ARG002  # nothing to carry over
        return expression

    def keep(self, name: str, expression: ir.Table, by: str | None = None) -> ir.Table:
        rows = _sql(expression)
        if by is not None:
            # Rows alike in *by* lie by what they hold: their sums add up alike, whatever order the file has.
            rows = f'SELECT * FROM ({rows}) AS held ORDER BY "{by}", hash(held)'  # noqa: S608
        self._con.execute(f'CREATE OR REPLACE TABLE "{name}" AS {rows}')
        return ibis.table(expression.schema(), name=name)

    def name(self, name: str, expression: ir.Table) -> ir.Table:
        """Table *name*, computed as *expression* whenever it is asked."""
        self._con.execute(f'CREATE OR REPLACE VIEW "{name}" AS {_sql(expression)}')
        return ibis.table(expression.schema(), name=name)

    def fetch(self, expression: ir.Table) -> pa.Table:
        return self.query(_sql(expression))

    def query(self, text: str) -> pa.Table:
        """The rows of DuckDB's own SQL, for what Ibis has no word for: files, and casts that may fail."""
        # In a thread of its own, so that this one hears Ctrl+C: DuckDB may hear it when all is done.
        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(lambda: self._con.sql(text).to_arrow_table())
            try:
                return work.result()
            except KeyboardInterrupt:
                self._con.interrupt()
                raise

    def open(self, name: str, source: str, schema: ibis.Schema) -> ir.Table:
        """Table *name*, read from *source* (DuckDB SQL) whenever it is asked."""
        self._con.execute(f'CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM {source}')  # noqa: S608
        return ibis.table(schema, name=name)

    def copy(self, expression: ir.Table, file: Path) -> None:
        """The rows of *expression* as the Parquet file *file*."""
        self._con.sql(_sql(expression)).write_parquet(str(file), compression="zstd")

    def parts(self, recipe: Recipe, tables: Tables, key: str) -> Iterator[pa.Table]:
        """The rows of *recipe* over *tables* in order of *key*, a part at a time.

        Each part is computed by one thread, so that its sums add up in one order; parts run side by side.
        """
        keys = self.fetch(next(iter(tables.values())).select(key).order_by(key))[key].to_pylist()
        text = _sql(recipe({name: _part_of(name, table) for name, table in tables.items()}))

        def compute(between: tuple[int, int]) -> pa.Table:
            with closing(self._con.cursor()) as con:
                con.execute(_NO_BAR)
                for name, table in tables.items():
                    part = table.filter(table[key].between(*between))
                    con.execute(f'CREATE TEMP VIEW "{_part_of(name, table).get_name()}" AS {_sql(part)}')
                return _sorted(con.sql(text).to_arrow_table(), key)

        self._con.execute("SET threads = 1")
        # The first table leads every join, and its rows are in order: joins turned round would lose that.
        self._con.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        yield from _side_by_side(compute, _ranges(keys, self._rows_at_once), self._workers)


def _sql(expression: ir.Table) -> str:
    """DuckDB's SQL for *expression*."""
    return _compiled(expression.op())


@lru_cache(maxsize=512)
def _compiled(operation: ops.Relation) -> str:
    """Remembered: to compile a recipe takes longer than to run it on few rows."""
    return str(ibis.to_sql(operation.to_expr(), dialect="duckdb", pretty=False))


def counts(engine: Engine, expression: ir.Table) -> tuple[int, ...]:
    """The counts and sums in the one row of *expression*; 0 for none."""
    (row,) = engine.fetch(expression).to_pylist()
    return tuple(int(value or 0) for value in row.values())


def _part_of(name: str, table: ir.Table) -> ir.Table:
    """The rows of *table* within one range, under a name of their own."""
    return ibis.table(table.schema(), name=f"part_of_{name}")


def _ranges(keys: list[int], size: int) -> Iterator[tuple[int, int]]:
    """First and last of every *size* of the sorted *keys*."""
    for start in range(0, len(keys), size):
        chunk = keys[start : start + size]
        yield chunk[0], chunk[-1]


def _sorted(rows: pa.Table, key: str) -> pa.Table:
    """*rows* in order of *key*, which most often they are: a row of a thousand columns is slow to move."""
    keys = rows[key].to_numpy()
    return rows if (keys[1:] > keys[:-1]).all() else rows.combine_chunks().sort_by(key)


def _side_by_side(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """*function* of each item, in order; no more are started than *workers* ahead of what is asked for."""
    running: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            if len(running) == workers:
                yield running.popleft().result()
            running.append(pool.submit(function, item))
        while running:
            yield running.popleft().result()
