"""Small raw tables, written by hand."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from features.build import BuildSummary, build
from features.engine import DuckDb
from features.reader import RawTables, read_tables
from features.tables import APPLICATIONS, HISTORIES, RawTable, Type

Row = Mapping[str, object]
RawFolder = Callable[..., Path]
Reader = Callable[[Path], RawTables]
RowsReader = Callable[[Path], dict[str, list[dict[str, object]]]]
Rows = dict[int, dict[str, object]]
Builder = Callable[[Path], tuple[Rows, BuildSummary]]

ARROW_TYPES = {Type.ID: pa.int64(), Type.TEXT: pa.string()}
ONE_CLIENT: Row = {"SK_ID_CURR": 100001, "TARGET": 0}


def arrow_table(declared: RawTable, rows: Sequence[Row]) -> pa.Table:
    """*rows* as a table with every declared column; a column that a row does not name is missing in it."""
    columns = {
        column.name: pa.array(
            [row.get(column.name) for row in rows], ARROW_TYPES.get(column.type, pa.float64())
        )
        for column in declared.columns
    }
    return pa.table(columns)


def write(table: pa.Table, file: Path) -> None:
    """*table* as the Parquet or CSV file that the ending of *file* asks for."""
    if file.suffix == ".csv":
        pyarrow.csv.write_csv(table, file)
    else:
        pq.write_table(table, file)


@pytest.fixture(scope="session")
def raw_folder(tmp_path_factory: pytest.TempPathFactory) -> RawFolder:
    """Writes a folder of raw tables from rows that name only the columns that matter."""

    def make(file_format: str = "parquet", **rows: Sequence[Row]) -> Path:
        folder = tmp_path_factory.mktemp("raw")
        given: dict[str, Sequence[Row]] = {"application_train": [ONE_CLIENT], **rows}
        for declared in (*APPLICATIONS, *HISTORIES):
            table = arrow_table(declared, given.get(declared.name, ()))
            write(table, folder / f"{declared.name}.{file_format}")
        return folder

    return make


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Reads a folder of raw tables."""

    def reads(folder: Path) -> RawTables:
        with DuckDb(tmp_path) as engine:
            return read_tables(engine, folder, lambda _: None)

    return reads


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> RowsReader:
    """Reads a folder of raw tables; the rows of each clean table, by its name."""

    def reads(folder: Path) -> dict[str, list[dict[str, object]]]:
        with DuckDb(tmp_path_factory.mktemp("scratch")) as engine:
            tables = read_tables(engine, folder, lambda _: None)
            named = {"application": tables.application, **tables.histories}
            return {name: engine.fetch(table).to_pylist() for name, table in named.items()}

    return reads


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """Builds the features of a folder; each client's row, by number."""

    def builds(folder: Path) -> tuple[Rows, BuildSummary]:
        out = tmp_path_factory.mktemp("built") / "features.parquet"
        summary = build(folder, out, lambda _: None)
        return {row["SK_ID_CURR"]: row for row in pq.read_table(out).to_pylist()}, summary

    return builds
