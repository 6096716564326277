"""Takes the clients of a features file into the database."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from credit.errors import InvalidTables, OctroiError
from records.database import Database
from records.tables import client_names, clients
from records.upsert import insert
from records.writer import write

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

CLIENT = "SK_ID_CURR"
_NOT_FEATURES = frozenset({CLIENT, "TARGET"})
_ROWS = 1000


class ClientsNotLoaded(OctroiError):
    """Clients that cannot be loaded here."""


def load_clients(database: Database, path: Path, report: Callable[[float], None]) -> int:
    """Take in every client of the features file *path*, in place of what was known of them; how many.

    Clients who are not in the file stay as they were. `InvalidTables` says what is wrong with the file, and
    then nothing was loaded, unless it is an infinite number: those before it are in.
    """
    file = _opened(path)
    names = [name for name in file.schema_arrow.names if name not in _NOT_FEATURES]
    _require_each_once(file, path)
    sha256 = _keep_names(database, names)
    done = 0
    for batch in file.iter_batches(_ROWS, columns=[CLIENT, *names]):
        _replace(database, sha256, batch, path)
        done += len(batch)
        report(done / file.metadata.num_rows)
    with database.writing() as connection:
        in_use = sa.select(clients.c.names_sha256)
        connection.execute(sa.delete(client_names).where(client_names.c.names_sha256.not_in(in_use)))
    return done


def _opened(path: Path) -> "pq.ParquetFile":
    try:
        import pyarrow as pa  # noqa: PLC0415  # the service does without it
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ClientsNotLoaded("features files need pyarrow: run make setup") from error
    if not path.is_file():
        raise InvalidTables(f"there is no features file {path}: make it with python -m features build")
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidTables(f"{path} is not a features file: {error}") from error


def _require_each_once(file: "pq.ParquetFile", path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415

    if CLIENT not in file.schema_arrow.names:
        raise InvalidTables(f"{path} has no column {CLIENT}")
    numbers = file.read([CLIENT])[CLIENT]
    if not pa.types.is_integer(numbers.type) or numbers.null_count:
        raise InvalidTables(f"{path}: {CLIENT} is missing or no whole number in some row")
    if twice := len(numbers) - len(numbers.unique()):
        raise InvalidTables(f"{path} names the same {CLIENT} again in {twice:,} rows")
    strange = [f for f in file.schema_arrow if f.name not in _NOT_FEATURES and not _is_readable(f.type)]
    if strange:
        raise InvalidTables(f"{path}: column {strange[0].name} is neither numbers nor words")


def _is_readable(kind: "pa.DataType") -> bool:
    from pyarrow import types  # noqa: PLC0415

    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_null(kind)
    )


def _keep_names(database: Database, names: list[str]) -> str:
    """The hash under which the names of the values are in the database from now on."""
    text = msgspec.json.encode(names)
    sha256 = hashlib.sha256(text).hexdigest()
    with database.writing() as connection:
        add = insert(connection, client_names).values(names_sha256=sha256, names=text.decode())
        connection.execute(add.on_conflict_do_nothing())
    return sha256


def _replace(database: Database, sha256: str, batch: "pa.RecordBatch", path: Path) -> None:
    numbers = batch.column(0).to_pylist()
    columns = [_values(batch, position, path) for position in range(1, batch.num_columns)]
    now = time.time_ns() // 1000
    rows = [
        (number, sha256, msgspec.json.encode(values), now)
        for number, values in zip(numbers, zip(*columns, strict=True), strict=True)
    ]
    with database.writing() as connection:
        known = sa.delete(clients).where(clients.c.sk_id_curr == sa.bindparam("number"))
        connection.execute(known, [{"number": number} for number in numbers])
        write(connection, clients, rows)


def _values(batch: "pa.RecordBatch", position: int, path: Path) -> list[Any]:
    """A column's values; missing is `None`, numbers are floats."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    column = batch.column(position)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return list(column.to_pylist())
    numbers = column.cast(pa.float64())
    if pc.any(pc.is_inf(numbers)).as_py():
        raise InvalidTables(f"{path}: {batch.schema.names[position]} is infinite in some row")
    # Not a number is missing, as everywhere.
    return list(pc.if_else(pc.is_nan(numbers), None, numbers).to_pylist())
