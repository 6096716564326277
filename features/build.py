"""Raw tables to `features.parquet`: one row per client, one column per candidate."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from credit.errors import InvalidTables
from features.bureau import BUREAU
from features.catalogue import HISTORIES, candidates
from features.client_row import APPLICATION, file_schema, known_rows, one_row_per_client
from features.engine import DuckDb, Engine, Tables, counts
from features.reader import RawTables, read_tables
from features.tables import CLIENT, TARGET

Report = Callable[[float], None]
ENGINES = ("duckdb", "spark")
"""What can compute the features; the first is the default."""


class EndlessFeature(ArithmeticError):
    """A feature that came out infinite: some raw value must be."""


@dataclass(frozen=True)
class BuildSummary:
    """What was built, and what was left aside."""

    clients: int
    with_outcome: int
    """Clients whose TARGET is known."""
    features: int
    ignored: dict[str, int]
    """Rows of unknown clients in each history, by the table's name."""


def build(raw: Path, out: Path, report: Report, engine: str = ENGINES[0]) -> BuildSummary:
    """Write *out* from the raw tables in the folder *raw*; `InvalidTables` when they cannot be read as such.

    Columns: `SK_ID_CURR` (int64), `TARGET` (int8, null where unknown), then `candidates()`: numbers as
    float64, categories as strings, missing as null; sorted by `SK_ID_CURR`.
    DuckDB reads and checks the tables whichever of `ENGINES` computes the features.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=out.parent) as folder:
        unfinished = Path(folder) / out.name
        try:
            summary = _build(raw, unfinished, report, engine)
        except duckdb.Error as error:
            # What the tables hold is worded already: the disk is full, or memory.
            raise InvalidTables(_told(out.parent, error)) from error
        unfinished.replace(out)
    return summary


def _build(raw: Path, unfinished: Path, report: Report, engine: str) -> BuildSummary:
    scratch = unfinished.parent
    with DuckDb(scratch) as reader, _open(engine, reader, scratch) as runner:
        tables = read_tables(reader, raw, lambda part: report(0.1 * part))
        try:
            known = _keep(runner, known_rows(runner, tables), lambda part: report(0.1 + 0.3 * part))
            summary = _summary(runner, tables, known)
            _write(runner, known, unfinished, lambda rows: report(0.4 + 0.6 * rows / summary.clients))
        except (duckdb.Error, EndlessFeature) as error:
            raise _explained(tables, error) from error
    return summary


def _open(engine: str, reader: DuckDb, scratch: Path) -> AbstractContextManager[Engine]:
    if engine == "duckdb":
        return nullcontext(reader)
    from features.spark import open_spark  # noqa: PLC0415  # pyspark is an optional group

    return open_spark(reader, scratch)


def _explained(tables: RawTables, error: Exception) -> InvalidTables:
    """The file and column whose values made the engine fail, where one can be found."""
    for file in tables.files:
        file.refuse_wrong_values()
    return InvalidTables(_told(tables.files[0].path.parent, error))


def _told(folder: Path, error: Exception) -> str:
    """The first line of what DuckDB says, and the folder it is about."""
    return f"{folder}: {str(error).partition(chr(10))[0]}"


def _keep(engine: Engine, tables: Tables, report: Report) -> dict[str, ir.Table]:
    kept = {APPLICATION: tables[APPLICATION]}
    for history in HISTORIES:
        kept[history.table] = engine.keep(f"known_{history.table}", tables[history.table], by=CLIENT)
        report((len(kept) - 1) / len(HISTORIES))
    return kept


def _write(engine: Engine, tables: Tables, out: Path, report: Report) -> None:
    schema = file_schema()
    words = [feature.name for feature in candidates() if feature.is_category]
    rows = 0
    # Whoever reads a part of the clients finds it by their numbers: the other columns need no statistics.
    options = {"compression": "zstd", "use_dictionary": words, "write_statistics": [CLIENT]}
    with pq.ParquetWriter(out, schema, **options) as writer:
        for part in engine.parts(one_row_per_client, tables, CLIENT):
            _require_finite(part)
            writer.write_table(part.cast(schema))
            rows += part.num_rows
            report(rows)


def _require_finite(rows: pa.Table) -> None:
    for name in rows.column_names:
        if pa.types.is_floating(rows.schema.field(name).type) and pc.any(pc.is_inf(rows[name])).as_py():
            raise EndlessFeature(f"feature {name} is infinite for some of {rows.num_rows:,} clients")


def _summary(engine: Engine, tables: RawTables, known: Tables) -> BuildSummary:
    rows = {name: counts(engine, table.aggregate(rows=table.count()))[0] for name, table in known.items()}
    months = known[BUREAU.table]["MONTHS_BALANCE_SIZE"].sum()
    (rows["bureau_balance"],) = counts(engine, known[BUREAU.table].aggregate(months=months))
    (outcomes,) = counts(engine, known[APPLICATION].aggregate(outcomes=known[APPLICATION][TARGET].count()))
    ignored = {name: tables.rows[name] - rows[name] for name in tables.histories}
    return BuildSummary(rows[APPLICATION], outcomes, len(candidates()), ignored)
