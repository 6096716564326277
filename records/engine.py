"""Connections to SQLite and PostgreSQL, each set so that what was written stays written."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from credit.errors import DatabaseUnavailable, InvalidSettings

_WRITES = {"octroi_writes": True}
_LOCK_TIMEOUT_S = 5.0
_LOOK_S = 0.01
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "cache_size=-65536",
)
# A server that hangs, or an archivist elsewhere that does, must not hold this one for ever.
_POSTGRESQL_OPTIONS = "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
_CONNECT_TIMEOUT_S = 5
_READ_PRAGMAS = ("query_only=ON", "cache_size=-65536")
# A question that takes longer than a reader waits for its answer is given up.
_READ_OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=15s"


def open_engine(url: str, *, create: bool, read_only: bool = False) -> sa.Engine:
    """The engine of *url*; without *create* an SQLite file must be there already.

    With *read_only* the database itself refuses every write.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed, create=create, read_only=read_only)
        if parsed.get_backend_name() == "postgresql":
            return _postgresql(parsed, read_only=read_only)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise InvalidSettings(f"DATABASE_URL is not usable: {error}") from error
    except OSError as error:
        raise DatabaseUnavailable(f"the folder of the database cannot be made: {error}") from error
    raise InvalidSettings(
        "DATABASE_URL is not usable: give sqlite:///FILE or postgresql://…, or leave it out"
    )


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that reads one moment's state; `DatabaseUnavailable` when there is no answer."""
    with _translated(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # By default each statement would see another moment.
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that may write; on SQLite it waits here for other writers, not when it is half done."""
    with _translated(engine), engine.connect() as connection:
        connection.execution_options(**_WRITES)
        with connection.begin():
            yield connection


def first_row(engine: sa.Engine, query: str, value: object) -> tuple[Any, ...] | None:
    """The first row that *query* finds for the *value* of its `?`.

    SQLAlchemy's own part of a read, several times what SQLite takes for it, is left out.
    """
    driver = engine.dialect.loaded_dbapi
    query = query.replace("?", "%s") if engine.dialect.name == "postgresql" else query
    try:
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(query, (value,))
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row
        finally:
            connection.close()
    except (driver.Error, sa.exc.TimeoutError, sa.exc.DBAPIError) as error:
        raise DatabaseUnavailable(
            f"the database {engine.url!r} does not answer: {str(error).partition(chr(10))[0]}"
        ) from error


def scrub(engine: sa.Engine) -> bool:
    """Write an SQLite database anew without what was deleted, its log too; `False` while others use it."""
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        told = cursor.fetchone()
        busy = told is None or bool(told[0])
    except engine.dialect.loaded_dbapi.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            return False
        raise DatabaseUnavailable(f"the database {engine.url!r} cannot be compacted: {error}") from error
    finally:
        connection.close()
    return not busy


@contextmanager
def _translated(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sa.exc.TimeoutError) as error:
        raise DatabaseUnavailable(f"the database {engine.url!r} does not answer: {_cause(error)}") from error


def _cause(error: SQLAlchemyError) -> str:
    """The driver's first line; SQLAlchemy's would repeat the statement and its values."""
    told = str(getattr(error, "orig", None) or type(error).__name__)
    return told.partition("\n")[0].strip()


def _sqlite(url: sa.URL, *, create: bool, read_only: bool) -> sa.Engine:
    file = Path(url.database or "")
    if not create and not file.is_file():
        raise DatabaseUnavailable(
            f"there is no database {file} yet: start the service, or run python -m records init"
        )
    if read_only:
        engine = sa.create_engine(url, creator=lambda: _opened_to_read(file))
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        waits = {} if "timeout" in url.query else {"timeout": _LOCK_TIMEOUT_S}
        engine = sa.create_engine(url, connect_args=waits)
    pragmas = _READ_PRAGMAS if read_only else _PRAGMAS
    sa.event.listen(engine, "connect", lambda connection, _: _set_pragmas(connection, pragmas))
    sa.event.listen(engine, "begin", _begin)
    return engine


def _opened_to_read(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=_LOCK_TIMEOUT_S, check_same_thread=False
    )


def _postgresql(url: sa.URL, *, read_only: bool) -> sa.Engine:
    options = [_POSTGRESQL_OPTIONS, _READ_OPTIONS if read_only else "", str(url.query.get("options", ""))]
    settings = {"connect_timeout": _CONNECT_TIMEOUT_S, "application_name": "octroi"}
    unsaid = {name: value for name, value in settings.items() if name not in url.query}
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
        connect_args={**unsaid, "options": " ".join(options).strip()},
        pool_pre_ping=True,
        pool_size=2,
        max_overflow=8,
    )


def _set_pragmas(connection: object, pragmas: tuple[str, ...]) -> None:
    # Transactions begin where `_begin` says, not where the driver would guess.
    connection.isolation_level = None  # type: ignore[attr-defined]  # a DBAPI connection has no common type
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in pragmas:
        _set(cursor, pragma)
    cursor.close()


def _set(cursor: sqlite3.Cursor, pragma: str) -> None:
    """Set *pragma*. SQLite does not wait by itself to give a database that others are making its WAL."""
    deadline = time.monotonic() + _LOCK_TIMEOUT_S
    while True:
        try:
            cursor.execute(f"PRAGMA {pragma}")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_S)
        else:
            return


def _begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("octroi_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
