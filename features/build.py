"""Raw tables to `features.parquet`: one row per client, one column per candidate."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from credit.errors import InvalidTables
from features.aggregation import REAL
from features.bureau import BUREAU, CREDIT, credits_with_months, months_of_credits
from features.catalogue import HISTORIES, candidates
from features.engine import DuckDb, Engine, counts
from features.ratios import ACROSS, RATIOS
from features.reader import RawTables, read_tables
from features.schema import Kind
from features.tables import CLIENT, TARGET

Report = Callable[[float], None]
CLIENTS_AT_ONCE = 30_000
"""Rows of one row group of the file, and of one join."""


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


def build(raw: Path, out: Path, report: Report) -> BuildSummary:
    """Write *out* from the raw tables in the folder *raw*; `InvalidTables` when they cannot be read as such.

    Columns: `SK_ID_CURR` (int64), `TARGET` (int8, null where unknown), then `candidates()`: numbers as
    float64, categories as strings, missing as null; sorted by `SK_ID_CURR`.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=out.parent) as scratch:
        unfinished = Path(scratch) / out.name
        with DuckDb(Path(scratch)) as engine:
            tables = read_tables(engine, raw, lambda part: report(0.1 * part))
            try:
                rows = _known_rows(engine, tables, lambda part: report(0.1 + 0.4 * part))
                _write(engine, tables.application, rows, unfinished, lambda part: report(0.5 + 0.5 * part))
            except (duckdb.Error, EndlessFeature) as error:
                raise _explained(tables, error) from error
            summary = _summary(engine, tables, rows)
        unfinished.replace(out)
    return summary


def _explained(tables: RawTables, error: Exception) -> InvalidTables:
    """The file and column whose values made the engine fail, where one can be found."""
    for file in tables.files:
        file.refuse_wrong_values()
    return InvalidTables(f"{tables.files[0].path.parent}: {str(error).partition(chr(10))[0]}")


def _known_rows(engine: Engine, tables: RawTables, report: Report) -> dict[str, ir.Table]:
    """The rows of known clients, sorted by client: the clients of one range then lie together."""
    clients = tables.application.select(CLIENT)
    known: dict[str, ir.Table] = {}
    for done, history in enumerate(HISTORIES):
        rows = tables.histories[history.table].semi_join(clients, CLIENT)
        if history is BUREAU:
            balance = tables.histories["bureau_balance"].semi_join(rows, CREDIT)
            rows = credits_with_months(rows, engine.keep("months_of_credits", months_of_credits(balance)))
        known[history.table] = engine.keep(f"known_{history.table}", rows.order_by(CLIENT))
        report((done + 1) / len(HISTORIES))
    return known


def one_row_per_client(application: ir.Table, rows: dict[str, ir.Table]) -> ir.Table:
    """Client, outcome and every candidate, the columns in order; pure Ibis, so any engine can run it.

    *rows*: the rows of each history, those of the bureau with their months.
    """
    joined = application
    for history in HISTORIES:
        aggregated = history.aggregate(rows[history.table], CLIENT)
        joined = joined.left_join(aggregated, CLIENT, rname="{name}_OF_" + history.table)
    derived = {one.feature.name: one.value(joined).cast(REAL) for one in (*RATIOS, *ACROSS)}
    own = {feature.name: joined[feature.name] for feature in candidates() if feature.name not in derived}
    values = own | derived
    return joined.select(CLIENT, TARGET, **{feature.name: values[feature.name] for feature in candidates()})


def file_schema() -> pa.Schema:
    """The columns of `features.parquet`."""
    types = {Kind.NUMBER: pa.float64(), Kind.CATEGORY: pa.string()}
    return pa.schema(
        [
            pa.field(CLIENT, pa.int64(), nullable=False),
            pa.field(TARGET, pa.int8()),
            *(pa.field(feature.name, types[feature.kind]) for feature in candidates()),
        ]
    )


def _write(
    engine: Engine, application: ir.Table, rows: dict[str, ir.Table], out: Path, report: Report
) -> None:
    schema = file_schema()
    words = [feature.name for feature in candidates() if feature.is_category]
    numbers = engine.fetch(application.select(CLIENT).order_by(CLIENT))[CLIENT].to_pylist()
    with pq.ParquetWriter(out, schema, compression="zstd", use_dictionary=words) as writer:
        for done, (first, last) in enumerate(_ranges(numbers)):
            part = {name: _within(table, first, last) for name, table in rows.items()}
            built = engine.fetch(one_row_per_client(_within(application, first, last), part))
            _require_finite(built)
            writer.write_table(built.sort_by(CLIENT).cast(schema))
            report(min(1.0, (done + 1) * CLIENTS_AT_ONCE / len(numbers)))


def _require_finite(rows: pa.Table) -> None:
    for name in rows.column_names:
        if pa.types.is_floating(rows.schema.field(name).type) and pc.any(pc.is_inf(rows[name])).as_py():
            raise EndlessFeature(f"feature {name} is infinite for some of {rows.num_rows:,} clients")


def _ranges(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """First and last client number of each row group."""
    for start in range(0, len(numbers), CLIENTS_AT_ONCE):
        chunk = numbers[start : start + CLIENTS_AT_ONCE]
        yield chunk[0], chunk[-1]


def _within(table: ir.Table, first: int, last: int) -> ir.Table:
    return table.filter(table[CLIENT].between(first, last))


def _summary(engine: Engine, tables: RawTables, rows: dict[str, ir.Table]) -> BuildSummary:
    known = {name: counts(engine, table.aggregate(rows=table.count()))[0] for name, table in rows.items()}
    months = rows[BUREAU.table]["MONTHS_BALANCE_SIZE"].sum()
    (known["bureau_balance"],) = counts(engine, rows[BUREAU.table].aggregate(months=months))
    application = tables.application
    clients, outcomes = counts(
        engine, application.aggregate(clients=application.count(), outcomes=application[TARGET].count())
    )
    ignored = {name: tables.rows[name] - known[name] for name in tables.histories}
    return BuildSummary(clients, outcomes, len(candidates()), ignored)
