"""Files of made-up tables: Parquet, or CSV as Kaggle writes it."""

from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from credit.errors import InvalidTables

TRUE_PD = "true_pd"
"""Name of the side file that tells the truth; always Parquet."""


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


def open_writers(
    stack: ExitStack, out: Path, schemas: dict[str, pa.Schema], file_format: str
) -> dict[str, Writer]:
    """A writer for each table into the folder *out*, closed with the *stack*."""
    if file_format not in ("parquet", "csv"):
        raise InvalidTables(f"tables are written as parquet or csv, not {file_format!r}")
    out.mkdir(parents=True, exist_ok=True)
    writers: dict[str, Writer] = {}
    for table, schema in schemas.items():
        if file_format == "csv" and table != TRUE_PD:
            file = stack.enter_context((out / f"{table}.csv").open("wb"))
            writers[table] = _CsvFile(file, schema)
        else:
            parquet = pq.ParquetWriter(out / f"{table}.parquet", schema, compression="zstd")
            writers[table] = _ParquetFile(stack.enter_context(parquet))
    return writers
