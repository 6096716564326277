"""The tables are made once, brought up to date, and nobody else's database is touched."""

import sqlite3
import threading
from contextlib import closing

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from decisions import HEADER, record

from credit.errors import DatabaseUnavailable, InvalidSettings
from records import migration_0001
from records.database import Database
from records.engine import open_engine, reading, writing
from records.migration import HEAD
from records.tables import metadata, prediction_inputs, predictions
from settings import read_settings


def closed(url: str, *, create: bool = True) -> Database:
    database = Database(url, create=create)
    database.close()
    return database


def run(url: str, *statements: str) -> None:
    engine = open_engine(url, create=True)
    with writing(engine) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_tables_are_made_once_and_the_second_time_nothing_happens(url):
    first, second = closed(url), closed(url)

    assert (first.was_migrated, second.was_migrated) == (True, False)


def test_the_migrations_make_the_tables_that_the_code_reads(database):
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        differences = compare_metadata(context, metadata)

    assert differences == []
    assert migration_0001.revision == HEAD


def test_a_difference_between_tables_and_code_would_be_noticed(database):
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE predictions ADD COLUMN more INTEGER")
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert [(difference[0], difference[3].name) for difference in differences] == [("remove_column", "more")]


def test_many_that_find_an_empty_database_make_one(url):
    made: list[Database] = []
    threads = [threading.Thread(target=lambda: made.append(closed(url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(database.was_migrated for database in made) == [False, False, False, True]


def test_whoever_finds_a_database_being_made_waits_until_it_is(tmp_path):
    file = tmp_path / "octroi.db"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as maker:
        maker.execute("BEGIN IMMEDIATE")
        maker.execute("CREATE TABLE unfinished (number INTEGER)")
        done = threading.Timer(0.3, lambda: maker.execute("ROLLBACK"))
        done.start()

        assert closed(f"sqlite:///{file}").was_migrated
        done.join()


def test_a_reader_of_an_empty_database_is_told_what_to_run(url):
    run(url)

    with pytest.raises(DatabaseUnavailable, match="run python -m records init"):
        Database(url)


def test_a_newer_revision_is_refused_not_guessed(url):
    closed(url)
    run(url, "UPDATE alembic_version SET version_num = '9999'")

    for create in (False, True):
        with pytest.raises(
            DatabaseUnavailable, match="revision 9999, which this version of Octroi does not know"
        ):
            Database(url, create=create)


def test_a_database_of_something_else_is_left_alone(url):
    run(url, "CREATE TABLE invoices (id INTEGER)")

    for create in (False, True):
        with pytest.raises(DatabaseUnavailable, match=r"holds tables \(invoices, …\) but no alembic_version"):
            Database(url, create=create)
    engine = open_engine(url, create=True)
    with reading(engine) as connection:
        assert sa.inspect(connection).get_table_names() == ["invoices"]
    engine.dispose()


def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path):
    (tmp_path / "octroi.db").write_text("a shopping list, " * 100)

    with pytest.raises(DatabaseUnavailable, match="file is not a database"):
        Database(f"sqlite:///{tmp_path / 'octroi.db'}", create=True)


def test_an_error_never_shows_the_password():
    with pytest.raises(
        DatabaseUnavailable, match=r"postgresql\+psycopg://octroi:\*\*\*@127.0.0.1:1/x"
    ) as failure:
        Database("postgresql://octroi:sesame@127.0.0.1:1/x")

    assert "sesame" not in str(failure.value)


def test_a_url_of_another_kind_is_refused():
    for url in ("mysql://localhost/x", "nonsense"):
        with pytest.raises(InvalidSettings, match="DATABASE_URL is not usable"):
            Database(url)


def test_sqlite_is_set_so_that_what_was_written_stays_and_what_was_deleted_is_gone(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'octroi.db'}", create=True)
    with reading(engine) as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }
    engine.dispose()

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 5000,
    }


def test_inputs_go_with_their_decision(database):
    database.add(HEADER, [record(), record()])

    with database.writing() as connection:
        connection.execute(sa.delete(predictions).where(predictions.c.seq == 1))

    assert database.rows(sa.select(prediction_inputs.c.seq)) == [(2,)]


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_a_server_may_be_named_however_its_driver_is_spelt(monkeypatch, scheme):
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://octroi@db.example/records?sslmode=require")

    assert read_settings().database == "postgresql+psycopg://octroi@db.example/records?sslmode=require"


@pytest.mark.parametrize(
    "url", ["postgresql+asyncpg://db.example/x", "postgresql", "sqlite://", "mysql://db/x"]
)
def test_another_kind_of_url_is_refused_before_anything_starts(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(InvalidSettings, match="DATABASE_URL: give the SQLAlchemy URL of a file"):
        read_settings()
