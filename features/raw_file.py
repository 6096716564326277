"""One of Kaggle's files: opened, and held against what its table declares."""

import csv
from pathlib import Path
from typing import NoReturn

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from credit.errors import InvalidTables
from features.cleaning import LARGEST_MONEY, clean
from features.engine import DuckDb, counts
from features.tables import Column, RawTable, Type

_SQL_TYPES = {"string": "VARCHAR", "float64": "DOUBLE"}
_NAMES_IN_A_MESSAGE = 5
_ASIDE = "aside "
_AGAIN = " again "
"""In the name of a column that is not declared, and of one that stands in the file twice."""


class RawFile:
    """One file of the folder, its columns checked; DuckDB reads it where it lies."""

    def __init__(self, engine: DuckDb, path: Path, declared: RawTable) -> None:
        self.engine, self.path, self.declared = engine, path, declared
        self._is_csv = path.suffix == ".csv"
        self._schema = _csv_schema(path, declared) if self._is_csv else _parquet_schema(path, declared)
        self._require_columns()

    def table(self) -> ir.Table:
        """The clean table; columns that are not declared are left aside.

        A CSV is loaded, so that its text is parsed once, however often it is asked.
        """
        if not self._is_csv:
            self._require_types()
        name = self.declared.name
        try:
            rows = self.engine.open(f"file_{name}", self._source(), self._schema)
            if self._is_csv:
                rows = self.engine.keep(f"read_{name}", rows)
            self._require_whole(rows)
        except duckdb.Error as error:
            self.refuse_wrong_values()
            self._refuse_unreadable(error)
        return self.engine.name(f"raw_{name}", clean(rows, self.declared))

    def count(self, condition: str = "true") -> int:
        """Rows of the file where *condition* holds; a CSV's columns are text in it."""
        query = f"SELECT count(*) AS rows FROM {self._source(as_text=True)} WHERE {condition}"  # noqa: S608
        try:
            return int(self.engine.query(query)["rows"][0].as_py())
        except duckdb.Error as error:
            self._refuse_unreadable(error)

    def require_key(self, table: ir.Table) -> None:
        """Raise where the key of *table*, this file's, is missing or stands twice."""
        key = self.declared.key
        if key is None:
            return
        column = table[key]
        found = table.aggregate(rows=table.count(), known=column.count(), distinct=column.nunique())
        rows, known, distinct = counts(self.engine, found)
        if known < rows:
            raise InvalidTables(f"{self.path.name}: {rows - known:,} of {rows:,} rows have no {key}")
        if distinct < rows:
            repeated = rows - distinct
            raise InvalidTables(
                f"{self.path.name}: {repeated:,} of {rows:,} rows repeat the {key} of another"
            )

    def refuse_wrong_values(self) -> None:
        """Raise for the first column with a value no number can be read from, or an endless one."""
        for column in self.declared.columns:
            if column.type is not Type.TEXT and not self._is_text(column):
                number = f'TRY_CAST("{column.name}" AS DOUBLE)'
                most = LARGEST_MONEY if column.type is Type.MONEY else "'infinity'::DOUBLE"
                wrong = f"{number} IS NULL OR (NOT isnan({number}) AND abs({number}) >= {most})"
                self._refuse(column, f'"{column.name}" IS NOT NULL AND ({wrong})')

    def _is_text(self, column: Column) -> bool:
        """Whether a Parquet file holds this column as text; `_require_types` has judged it."""
        return not self._is_csv and not self._schema[column.name].is_numeric()

    def _source(self, *, as_text: bool = False) -> str:
        """The file as something SQL can select from."""
        path = _quoted(str(self.path))
        if not self._is_csv:
            return f"read_parquet({path})"
        types = {name: "VARCHAR" if as_text else _SQL_TYPES[str(kind)] for name, kind in self._schema.items()}
        columns = ", ".join(f"{_quoted(name)}: '{kind}'" for name, kind in types.items())
        return (
            f"read_csv({path}, columns={{{columns}}}, header=true, auto_detect=false, "
            "delim=',', quote='\"', escape='\"', nullstr='')"
        )

    def _require_columns(self) -> None:
        for name in self._schema:
            if _AGAIN in name:
                column = name.partition(_AGAIN)[0]
                raise InvalidTables(f"{self.path.name} ({self.count():,} rows) has column {column} twice")
        missing = [name for name in self.declared.names if name not in self._schema]
        if missing:
            others = len(missing) - _NAMES_IN_A_MESSAGE
            more = f" and {others} more" if others > 0 else ""
            names = ", ".join(missing[:_NAMES_IN_A_MESSAGE])
            raise InvalidTables(f"{self.path.name} ({self.count():,} rows) has no column {names}{more}")

    def _require_types(self) -> None:
        """Raise for the first column of a Parquet file that has values, and of another type than declared."""
        for column in self.declared.columns:
            kind = self._schema[column.name]
            if column.type is Type.TEXT and not kind.is_string():
                # pandas writes a text column without any value as doubles, all NaN.
                nan = f' AND NOT isnan("{column.name}"::DOUBLE)' if kind.is_floating() else ""
                self._refuse(column, f'"{column.name}" IS NOT NULL{nan}')
            elif column.type is not Type.TEXT and not kind.is_numeric():
                self._refuse(column, f'"{column.name}" IS NOT NULL')

    def _require_whole(self, rows: ir.Table) -> None:
        """Raise for the first column of identifiers, counts or days with a fraction in this file's *rows*."""
        names = [column.name for column in self.declared.columns if self._may_have_fractions(column)]
        if not names:
            return
        wrong = ", ".join(f'count(*) FILTER (WHERE "{name}" <> trunc("{name}"))' for name in names)
        found = self.engine.query(f'SELECT {wrong} FROM "{rows.get_name()}"')  # noqa: S608
        for name, count in zip(names, found.columns, strict=True):
            if broken := count[0].as_py():
                self._refuse_values(name, "a whole number", broken)

    def _may_have_fractions(self, column: Column) -> bool:
        kind = self._schema[column.name]
        return column.type in (Type.ID, Type.WHOLE) and bool(kind.is_floating() or kind.is_decimal())

    def _refuse(self, column: Column, wrong: str) -> None:
        if rows := self.count(wrong):
            self._refuse_values(column.name, "text" if column.type is Type.TEXT else "a number", rows)

    def _refuse_values(self, name: str, due: str, rows: int) -> NoReturn:
        raise InvalidTables(
            f"{self.path.name}: column {name} is not {due} in {rows:,} of {self.count():,} rows"
        )

    def _refuse_unreadable(self, error: Exception) -> NoReturn:
        kind = "CSV" if self._is_csv else "Parquet"
        raise InvalidTables(f"{self.path.name} cannot be read as {kind}: {_first_line(error)}") from error


def _csv_schema(path: Path, declared: RawTable) -> ibis.Schema:
    """The file's columns in their order; those that are not declared are text."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file), [])
    except UnicodeDecodeError as error:
        raise InvalidTables(f"{path.name} cannot be read as CSV: it is not UTF-8 text") from error
    if not header:
        raise InvalidTables(f"{path.name} is empty: 0 rows, and no header")
    types = {column.name: "string" if column.type is Type.TEXT else "float64" for column in declared.columns}
    kinds = [types.get(name, "string") for name in header]
    return ibis.schema(dict(zip(_names(header, declared), kinds, strict=True)))


def _parquet_schema(path: Path, declared: RawTable) -> ibis.Schema:
    """The declared columns of the file."""
    try:
        columns = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise InvalidTables(f"{path.name} cannot be read as Parquet: {_first_line(error)}") from error
    named = zip(columns, _names(columns.names, declared), strict=True)
    kept = [column.with_name(name) for column, name in named if not name.startswith(_ASIDE)]
    return ibis.Schema.from_pyarrow(pa.schema(kept))


def _names(header: list[str], declared: RawTable) -> list[str]:
    """The columns of a file by name: marked where one comes again, and ours where it is not declared."""
    names: list[str] = []
    for position, name in enumerate(header):
        if name not in declared.names:
            names.append(f"{_ASIDE}{position}")
        else:
            names.append(f"{name}{_AGAIN}{position}" if name in names else name)
    return names


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    """What went wrong, without the lines in which the engine repeats the row."""
    return str(error).partition("\n")[0]
