"""The folder of Kaggle's files as clean tables, or one sentence that says what is wrong with which file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis.expr.types as ir

from credit.errors import InvalidTables
from features.cleaning import applications
from features.engine import DuckDb, counts
from features.raw_file import RawFile
from features.tables import APPLICATIONS, CLIENT, HISTORIES, TARGET, RawTable


@dataclass(frozen=True)
class RawTables:
    """The clean tables of one folder."""

    files: tuple[RawFile, ...]
    application: ir.Table
    """One row per client; `TARGET` missing for those of `application_test`."""
    histories: dict[str, ir.Table]
    rows: dict[str, int]
    """Rows of each history's file, those of unknown clients included."""


def read_tables(engine: DuckDb, raw: Path, report: Callable[[float], None]) -> RawTables:
    """The tables in the folder *raw*; `InvalidTables` for what is missing, double or of the wrong type."""
    files = [RawFile(engine, path, declared) for declared, path in table_files(raw)]
    tables: dict[str, ir.Table] = {}
    for done, file in enumerate(files):
        tables[file.declared.name] = file.table()
        file.require_key(tables[file.declared.name])
        report((done + 1) / len(files))
    clients = [file for file in files if file.declared in APPLICATIONS]
    application = _keep_applications(engine, clients, [tables[file.declared.name] for file in clients])
    _require_clients(engine, application, " and ".join(file.path.name for file in clients))
    histories = {declared.name: tables[declared.name] for declared in HISTORIES}
    rows = {file.declared.name: file.count() for file in files if file not in clients}
    return RawTables(tuple(files), application, histories, rows)


def _keep_applications(engine: DuckDb, files: list[RawFile], tables: list[ir.Table]) -> ir.Table:
    try:
        return engine.keep("clients", applications(tables), by=CLIENT)
    except duckdb.Error as error:
        for file in files:
            file.refuse_wrong_values()
        raise InvalidTables(f"{files[0].path.name}: {str(error).partition(chr(10))[0]}") from error


def table_files(raw: Path) -> list[tuple[RawTable, Path]]:
    """The file of each table; one of the two applications may be absent."""
    if not raw.is_dir():
        raise InvalidTables(f"{raw} is no folder: give the one that holds Kaggle's files")
    found = [(declared, _path(raw, declared)) for declared in (*APPLICATIONS, *HISTORIES)]
    missing = [declared for declared, path in found if path is None]
    if not all(declared in missing for declared in APPLICATIONS):
        missing = [declared for declared in missing if declared not in APPLICATIONS]
    if missing:
        names = ", ".join(f"{declared.name}.csv" for declared in missing)
        raise InvalidTables(f"{raw} holds no {names} (nor as .parquet): all seven tables are needed")
    return [(declared, path) for declared, path in found if path is not None]


def _path(raw: Path, declared: RawTable) -> Path | None:
    names = (f"{declared.name}.csv", f"{declared.name}.parquet")
    present = [raw / name for name in names if (raw / name).is_file()]
    if len(present) > 1:
        raise InvalidTables(f"{raw} holds both {' and '.join(names)}: remove one of the two")
    return present[0] if present else None


def _require_clients(engine: DuckDb, application: ir.Table, names: str) -> None:
    found = application.aggregate(rows=application.count(), clients=application[CLIENT].nunique())
    rows, clients = counts(engine, found)
    if not rows:
        raise InvalidTables(f"{names}: 0 rows, so no client to build features of")
    if clients < rows:
        raise InvalidTables(f"{names} share {rows - clients:,} {CLIENT} among their {rows:,} rows")
    require_outcomes(engine, application, names)


def require_outcomes(engine: DuckDb, application: ir.Table, names: str) -> None:
    """Raise where an outcome in *application*, of the files *names*, is neither 0 nor 1 nor missing."""
    odd = application.count(where=application[TARGET].notin((0, 1)))
    wrong, rows = counts(engine, application.aggregate(odd=odd, rows=application.count()))
    if wrong:
        raise InvalidTables(f"{names}: column {TARGET} is neither 0 nor 1 in {wrong:,} of {rows:,} rows")
