"""Copies of an SQLite store, made while it runs and put back when it is gone."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from credit.errors import OctroiError
from records.durable import publish
from records.migration import KNOWN

_PAGES = 4096
_LAST = "SELECT seq FROM chain_head"

Report = Callable[[float], None]


class BackupRefused(OctroiError):
    """A backup or a restore that cannot be made as it was asked for."""


def sqlite_file(url: str) -> Path:
    """The file of an SQLite store; `BackupRefused` for another database."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise BackupRefused("this works on SQLite: PostgreSQL has pg_dump and pg_restore")
    return Path(parsed.database)


def back_up(source: Path, target: Path, report: Report) -> int:
    """Copy one moment of the store in *source* into *target*; the number of its last decision.

    The store may be written meanwhile. The file appears when it is whole.
    """
    try:
        with closing(sqlite3.connect(source)) as store:
            # A transaction that has read keeps its moment, however long the copy takes.
            store.execute("BEGIN")
            (last,) = store.execute(_LAST).fetchone()
            _copy(store, target, report)
    except sqlite3.Error as error:
        raise BackupRefused(f"{source} cannot be copied: {error}") from error
    return int(last)


def restore(source: Path, target: Path, report: Report) -> int:
    """Make *target* of the backup in *source*; the number of its last decision.

    `BackupRefused` when there is a store already, or the backup is none.
    """
    for there in (target, target.with_name(target.name + "-wal")):
        if there.exists():
            raise BackupRefused(f"{there} exists: stop the service and move it away first")
    if not source.is_file():
        raise BackupRefused(f"there is no backup {source}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?immutable=1", uri=True)) as backup:
            last = _checked(source, backup)
            _copy(backup, target, report)
    except sqlite3.Error as error:
        raise BackupRefused(f"{source} is no backup of records: {error}") from error
    return last


def _copy(store: sqlite3.Connection, target: Path, report: Report) -> None:
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(unfinished)) as copy:
            store.backup(copy, pages=_PAGES, progress=lambda _, left, all_: report(1 - left / max(all_, 1)))
            copy.execute("PRAGMA journal_mode=DELETE")
        publish(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def _checked(source: Path, backup: sqlite3.Connection) -> int:
    """The number of the last decision in a backup that is whole and of a known version."""
    found = [row[0] for row in backup.execute("PRAGMA quick_check(3)")]
    tables = {row[0] for row in backup.execute("SELECT name FROM sqlite_master")}
    if found != ["ok"] or not {"chain_head", "alembic_version"} <= tables:
        raise BackupRefused(f"{source} is damaged, or no backup of records: {'; '.join(found)}")
    ((revision,),) = backup.execute("SELECT version_num FROM alembic_version")
    if revision not in KNOWN:
        raise BackupRefused(f"{source} is of revision {revision}, which is not known here")
    (last,) = backup.execute(_LAST).fetchone()
    return int(last)
