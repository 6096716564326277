"""Where the database of records is: a file of SQLite, or a server of PostgreSQL."""

import re
from pathlib import Path

SQLITE = "sqlite:///"


def address_of(url: str, started_in: Path) -> str:
    """The SQLAlchemy URL that *url* means, a file's path seen from *started_in*.

    `ValueError` says how to write it, and nothing of what it holds.

    >>> address_of("postgres://octroi@db.example/octroi", Path("/"))
    'postgresql+psycopg://octroi@db.example/octroi'
    >>> address_of("sqlite:///octroi.db", Path("/srv"))
    'sqlite:////srv/octroi.db'
    """
    server = re.fullmatch(r"postgres(?:ql)?(?:\+psycopg)?(://.+)", url)
    if server is not None:
        return _of_a_server(f"postgresql+psycopg{server[1]}")
    file = url.removeprefix(SQLITE)
    if file in {url, "", ":memory:"}:
        raise ValueError(
            "give the SQLAlchemy URL of a file, such as sqlite:////var/lib/octroi/octroi.db, "
            "or of PostgreSQL, such as postgresql://octroi@db.example/octroi"
        )
    return f"{SQLITE}{started_in / file}"


def _of_a_server(url: str) -> str:
    # Whoever has no server need not wait for SQLAlchemy.
    from sqlalchemy import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        make_url(url)
    except (ValueError, ArgumentError):
        # Not what it says: a password with an @ or : in it would be quoted there.
        raise ValueError("its host or port is none; in a password, write @ : / as %40 %3A %2F") from None
    return url
