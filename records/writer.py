"""Writing many rows at once: INSERT into SQLite, COPY into PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

Rows = Sequence[tuple[object, ...]]


class ValueRefused(Exception):
    """A value that the database does not take: too long, out of range, a character it cannot hold.

    Its text names the kind alone, for a driver's own words may repeat the value; they are the cause.
    """


def write(connection: sa.Connection, table: sa.Table, rows: Rows) -> None:
    """Add *rows*, with a value for each column of *table*, in order."""
    columns = [column.name for column in table.columns]
    if connection.dialect.name == "postgresql":
        _copy(connection, table.name, columns, rows)
    else:
        places = ", ".join("?" * len(columns))
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places})",  # noqa: S608  # our names
            list(rows),
        )


@contextmanager
def refusals_named() -> Iterator[None]:
    """Turn what says that a value is wrong into `ValueRefused`, and leave what says that the database is."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        if not _is_about_a_value(error):
            raise
        state = getattr(error.orig, "sqlstate", None)
        raise ValueRefused(type(error.orig).__name__ + (f" ({state})" if state else "")) from error
    except (OverflowError, UnicodeError) as error:
        raise ValueRefused(type(error).__name__) from error


def _is_about_a_value(error: sa.exc.DBAPIError) -> bool:
    """Keys are ours, not the record's: one that is taken says that the tables were tampered with."""
    if isinstance(error, sa.exc.IntegrityError):
        return not any(word in str(error.orig).lower() for word in ("unique", "foreign key"))
    return isinstance(error, sa.exc.DataError)


def _copy(connection: sa.Connection, table: str, columns: list[str], rows: Rows) -> None:
    import psycopg  # noqa: PLC0415  # SQLite has no use for it, and it takes a tenth of a second to load

    cursor = connection.connection.cursor()
    try:
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise sa.exc.DBAPIError.instance(
            None, None, error, psycopg.Error, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()
