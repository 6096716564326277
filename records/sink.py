"""Files that take exported decisions, a page at a time."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from credit.errors import OctroiError
from records.hours import written

Row = Sequence[object]
COLUMNS = {
    "decision_id": "string",
    "sk_id_curr": "int64",
    "probability_default": "float64",
    "probability_approval": "float64",
    "prediction": "int64",
    "decision": "string",
    "confidence": "float64",
    "risk_level": "string",
    "threshold": "float64",
    "model_version": "string",
    "policy_version": "string",
    "warnings": "string",
    "decided_at": "timestamp",
    "request_id": "string",
    "route": "string",
    "status": "int64",
    "latency_ms": "float64",
    "scoring_ms": "float64",
    "amt_credit": "float64",
    "key_name": "string",
    "scenario": "string",
}
"""Names, and Arrow's types of them: as in the answer to a request, then what only the record knows."""


class ExportRefused(OctroiError):
    """An export that cannot be made as it was asked for."""


class Sink(Protocol):
    """An open file."""

    def write(self, rows: Sequence[Row]) -> None:
        """Add *rows*, with a value for each of `COLUMNS`; times in microseconds since the epoch."""


@contextmanager
def csv_file(path: Path) -> Iterator[Sink]:
    """Times in RFC 3339, the shortest digits that read back as the same number, missing values empty."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        yield _Csv(writer.writerows)


class _Csv:
    def __init__(self, write_rows: Callable[[Iterator[Row]], None]) -> None:
        self._write_rows = write_rows
        self._time = list(COLUMNS).index("decided_at")

    def write(self, rows: Sequence[Row]) -> None:
        before, after = slice(self._time), slice(self._time + 1, None)
        self._write_rows((*row[before], written(row[self._time]), *row[after]) for row in rows)  # type: ignore[arg-type]  # a time


@contextmanager
def parquet_file(path: Path) -> Iterator[Sink]:
    """One row group for each page."""
    try:
        import pyarrow as pa  # noqa: PLC0415  # a quarter of a second, and the service does without it
        from pyarrow.parquet import ParquetWriter  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ExportRefused("Parquet needs pyarrow: run make setup, or ask for --format csv") from error
    types = {"timestamp": pa.timestamp("us", tz="UTC"), "int64": pa.int64(), "float64": pa.float64()}
    schema = pa.schema([(name, types.get(kind, pa.string())) for name, kind in COLUMNS.items()])

    class Parquet:
        def write(self, rows: Sequence[Row]) -> None:
            columns = [
                pa.array(values, type=field.type)
                for values, field in zip(zip(*rows, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))

    with ParquetWriter(path, schema) as writer:
        yield Parquet()


FORMS: dict[str, Callable[[Path], AbstractContextManager[Sink]]] = {
    "csv": csv_file,
    "parquet": parquet_file,
}
