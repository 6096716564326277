"""Copies of an SQLite store, made while it runs and put back when it is gone."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from credit.errors import OctroiError
from records.durable import publish
from records.migration import KNOWN

_PAGES = 4096


class BackupRefused(OctroiError):
    """A backup or a restore that cannot be made as it was asked for."""


def sqlite_file(url: str) -> Path:
    """The file of an SQLite store; `BackupRefused` for another database."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise BackupRefused("this works on SQLite: use pg_dump and pg_restore, which see docs/records.md")
    return Path(parsed.database)


def back_up(source: Path, target: Path, report: Callable[[float], None]) -> int:
    """Copy one moment of the store in *source* into *target*; the number of its last decision.

    The store may be written meanwhile. The file appears when it is whole.
    """
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source)) as store, closing(sqlite3.connect(unfinished)) as copy:
            # A transaction that has read keeps its moment, however long the copy takes.
            store.execute("BEGIN")
            (last,) = store.execute("SELECT seq FROM chain_head").fetchone()
            store.backup(copy, pages=_PAGES, progress=lambda _, left, all_: report(1 - left / max(all_, 1)))
            copy.execute("PRAGMA journal_mode=DELETE")
        publish(unfinished, target)
    except sqlite3.Error as error:
        raise BackupRefused(f"{source} cannot be copied: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return int(last)


def restore(source: Path, target: Path) -> int:
    """Make *target* of the backup in *source*; the number of its last decision.

    `BackupRefused` when there is a store already, or the backup is none.
    """
    for there in (target, target.with_name(target.name + "-wal")):
        if there.exists():
            raise BackupRefused(f"{there} exists: stop the service and move it away first")
    last = _checked(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    shutil.copyfile(source, unfinished)
    publish(unfinished, target)
    return last


def _checked(source: Path) -> int:
    """The number of the last decision in a backup that is whole and of this version."""
    if not source.is_file():
        raise BackupRefused(f"there is no backup {source}")
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?immutable=1", uri=True)) as backup:
            found = [row[0] for row in backup.execute("PRAGMA quick_check(3)")]
            tables = {row[0] for row in backup.execute("SELECT name FROM sqlite_master")}
            if found != ["ok"] or not {"chain_head", "alembic_version"} <= tables:
                raise BackupRefused(f"{source} is damaged, or no backup of records: {'; '.join(found)}")
            ((revision,),) = backup.execute("SELECT version_num FROM alembic_version")
            if revision not in KNOWN:
                raise BackupRefused(f"{source} is of revision {revision}, which is not known here")
            (last,) = backup.execute("SELECT seq FROM chain_head").fetchone()
    except sqlite3.Error as error:
        raise BackupRefused(f"{source} is no backup of records: {error}") from error
    return int(last)
