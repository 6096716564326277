"""Both databases, each test with an empty one of its own."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres_server import PostgresServer

from records.database import Database


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server: that of TEST_DATABASE_URL, else one that lives as long as the tests."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with PostgresServer() as server:
        yield server.url


def _schema_of_its_own(url: str) -> Iterator[str]:
    name = f"octroi_test_{uuid.uuid4().hex}"
    parsed = sa.make_url(url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(parsed, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    own = parsed.update_query_dict({"options": f"-c search_path={name}"})
    yield own.render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.schema.DropSchema(name, cascade=True))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'octroi.db'}"
    else:
        yield from _schema_of_its_own(request.getfixturevalue("postgres"))


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database."""
    yield from _schema_of_its_own(postgres)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A database with its tables made."""
    opened = Database(url, create=True)
    yield opened
    opened.close()
