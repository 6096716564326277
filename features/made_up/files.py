"""Files of made-up tables: Parquet, or CSV as Kaggle writes it."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from credit.errors import InvalidTables
from features.made_up.layout import IDS

TRUE_PD = "true_pd"
"""Name of the side file that tells the truth; always Parquet."""
MARK = "made_up.json"
"""Beside made-up tables: whatever else is in a folder is never replaced."""
_ENDINGS = ("parquet", "csv")
_UNFINISHED = ".unfinished"


class Writer(Protocol):
    """Takes a table's rows, group after group."""

    def write(self, rows: pa.Table) -> None: ...


class _ParquetFile:
    def __init__(self, file: pq.ParquetWriter) -> None:
        self._file = file

    def write(self, rows: pa.Table) -> None:
        self._file.write_table(rows)


class _CsvFile:
    """Words are quoted only where a comma stands in them; a missing value is empty."""

    _COMMA, _QUOTE = "\x01", "\x02"
    _OPTIONS = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")

    def __init__(self, file: BinaryIO, schema: pa.Schema) -> None:
        self._file = file
        self._back = bytes.maketrans((self._COMMA + self._QUOTE).encode(), b',"')
        file.write((",".join(schema.names) + "\n").encode())

    def write(self, rows: pa.Table) -> None:
        for at, field in enumerate(rows.schema):
            if pa.types.is_string(field.type):
                rows = rows.set_column(at, field.name, self._masked(rows.column(at)))
            elif pa.types.is_floating(field.type):
                rows = rows.set_column(at, field.name, _as_text(rows.column(at)))
        sink = pa.BufferOutputStream()
        pyarrow.csv.write_csv(rows, sink, self._OPTIONS)
        self._file.write(sink.getvalue().to_pybytes().translate(self._back))

    def _masked(self, words: pa.ChunkedArray) -> pa.ChunkedArray:
        """Text with its commas masked and quotes around them, for pyarrow quotes all text or none."""
        with_comma = pc.match_substring(words, ",")
        masked = pc.replace_substring(words, ",", self._COMMA)
        quoted = pc.binary_join_element_wise(self._QUOTE, masked, self._QUOTE, "")
        return pc.if_else(with_comma, quoted, words)


def _as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Floats as pandas writes them: 5.0, not 5."""
    text = pc.cast(values, pa.string())
    whole = pc.invert(pc.match_substring_regex(text, r"[.e]"))
    return pc.if_else(whole, pc.binary_join_element_wise(text, ".0", ""), text)


@contextmanager
def writers(
    out: Path, schemas: dict[str, pa.Schema], file_format: str, about: dict[str, int]
) -> Iterator[dict[str, Writer]]:
    """A writer for each table into the folder *out*, where the files appear once all of them are whole.

    They replace what was made up there before, in either format. *about* goes into the file that says so.
    `InvalidTables` when other tables are in the way.
    """
    if file_format not in _ENDINGS:
        raise InvalidTables(f"tables are written as parquet or csv, not {file_format!r}")
    names = (f"{table}.{ending}" for table in (*IDS, TRUE_PD) for ending in _ENDINGS)
    former = [out / name for name in names if (out / name).exists()]
    if former and not (out / MARK).exists():
        raise InvalidTables(f"{out} holds {former[0].name}, which was not made up: name another folder")
    unfinished = out / _UNFINISHED
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        with ExitStack() as stack:
            yield {table: _writer(stack, unfinished, table, schemas[table], file_format) for table in schemas}
        (out / MARK).write_text(json.dumps(about) + "\n", encoding="utf-8")
        _replace(former, unfinished, out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _writer(stack: ExitStack, folder: Path, table: str, schema: pa.Schema, file_format: str) -> Writer:
    if file_format == "csv" and table != TRUE_PD:
        return _CsvFile(stack.enter_context((folder / f"{table}.csv").open("wb")), schema)
    file = pq.ParquetWriter(folder / f"{table}.parquet", schema, compression="zstd")
    return _ParquetFile(stack.enter_context(file))


def _replace(former: list[Path], unfinished: Path, out: Path) -> None:
    # All go before the first comes: stopped in between, tables are missing, and never of two kinds.
    for path in former:
        path.unlink()
    for path in unfinished.iterdir():
        path.rename(out / path.name)
