"""A backup of a store in use is one moment of it, and a restore never covers a store."""

import threading

import msgspec
import pytest
import sqlalchemy as sa
from decisions import HEADER, record

from monitoring.files import origin_of, profile_name
from records.backup import BackupRefused, back_up, restore, sqlite_file
from records.database import Database
from records.election import elected
from records.heads import HeadKeeper
from records.stats import read_stats
from records.tables import exports


def quiet(_: float) -> None:
    """Nobody watches."""


@pytest.fixture
def store(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'octroi.db'}", create=True)
    yield opened
    opened.close()


def opened(path) -> Database:
    return Database(f"sqlite:///{path}", create=True)


def test_what_was_backed_up_is_restored(tmp_path, store):
    store.add(HEADER, kept := [record() for _ in range(5)])

    last = back_up(tmp_path / "octroi.db", tmp_path / "copy", quiet)
    store.add(HEADER, [record()])
    restored = restore(tmp_path / "copy", tmp_path / "elsewhere" / "octroi.db", quiet)

    again = opened(tmp_path / "elsewhere" / "octroi.db")
    assert last == restored == 5
    assert [one.seq for one in again.decided_after(0, 10)] == [1, 2, 3, 4, 5]
    assert read_stats(again).decisions == 5
    assert again.add(HEADER, [*kept, record()]).new == 1
    again.close()


def test_a_backup_of_a_store_in_use_is_one_moment_of_it(tmp_path, store, monkeypatch):
    monkeypatch.setattr("records.backup._PAGES", 4)
    store.add(HEADER, [record() for _ in range(300)])
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            store.add(HEADER, [record() for _ in range(20)])

    writer = threading.Thread(target=write)
    writer.start()
    lasts = [back_up(tmp_path / "octroi.db", tmp_path / f"copy-{i}", quiet) for i in range(3)]
    ended.set()
    writer.join()

    for i, last in enumerate(lasts):
        restore(tmp_path / f"copy-{i}", tmp_path / f"{i}.db", quiet)
        copy = opened(tmp_path / f"{i}.db")
        assert read_stats(copy).decisions == last
        assert len(copy.decided_after(0, 10**6)) == last
        copy.close()
    assert lasts[0] >= 300


def test_a_store_that_is_there_is_never_covered(tmp_path, store):
    store.add(HEADER, [record()])
    back_up(tmp_path / "octroi.db", tmp_path / "copy", quiet)
    store.add(HEADER, [record()])

    with pytest.raises(BackupRefused, match="exists: stop the service and move it away first"):
        restore(tmp_path / "copy", tmp_path / "octroi.db", quiet)

    assert read_stats(store).decisions == 2


@pytest.mark.parametrize("harm", ["missing", "empty", "noise", "another", "flipped", "newer"])
def test_what_is_no_whole_backup_is_refused(tmp_path, store, harm):
    store.add(HEADER, [record() for _ in range(200)])
    copy = tmp_path / "copy"
    back_up(tmp_path / "octroi.db", copy, quiet)
    if harm == "missing":
        copy.unlink()
    elif harm == "empty":
        copy.write_bytes(b"")
    elif harm == "noise":
        copy.write_text("a shopping list")
    elif harm == "flipped":
        data = bytearray(copy.read_bytes())
        data[4096:8192] = bytes(4096)
        copy.write_bytes(data)
    else:
        engine = sa.create_engine(f"sqlite:///{copy}")
        statement = (
            "DROP TABLE chain_head" if harm == "another" else "UPDATE alembic_version SET version_num=9"
        )
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    with pytest.raises(BackupRefused):
        restore(copy, tmp_path / "new.db", quiet)

    assert not list(tmp_path.glob("new.db*"))


def test_postgresql_is_backed_up_by_its_own_tools():
    with pytest.raises(BackupRefused, match="pg_dump"):
        sqlite_file("postgresql+psycopg://db.example/octroi")


def test_the_commands_back_up_and_restore_and_forget_profiles_that_would_be_wrong(tmp_path, store, run):
    store.add(HEADER, [record(), record(), record()])
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    before, beyond, foreign = (
        profiles / (profile_name("20261103T1200Z", "0" * 12, origin, first, last) + ".bin")
        for origin, first, last in [
            (origin_of(profiles), 1, 2),
            (origin_of(profiles), 3, 4),
            ("0" * 8, 3, 4),
        ]
    )
    for path in (before, beyond, foreign):
        path.touch()

    backed_up = run(tmp_path, "backup", "--out", tmp_path / "copy")
    with elected(tmp_path / "journal"):
        while_running = run(tmp_path, "restore", "--from", tmp_path / "copy")
    covered = run(tmp_path, "restore", "--from", tmp_path / "copy")
    store.close()
    for path in tmp_path.glob("octroi.db*"):
        path.unlink()
    restored = run(tmp_path, "restore", "--from", tmp_path / "copy")

    assert backed_up.stdout == f"decisions up to number 3 are in {tmp_path / 'copy'}\n"
    assert "an archivist is at work" in while_running.output
    assert "exists: stop the service" in covered.output
    assert restored.stdout == "the store has decisions up to number 3\n"
    assert [path.exists() for path in (before, beyond, foreign)] == [True, False, True]


def test_the_records_know_of_a_backup(tmp_path, store, run):
    store.add(HEADER, [record()])

    run(tmp_path, "backup", "--out", tmp_path / "copy")

    assert store.rows(sa.select(exports.c.path, exports.c.last_seq)) == [(str(tmp_path / "copy"), 1)]


def test_init_makes_the_tables_once(tmp_path, run):
    first, second = run(tmp_path, "init"), run(tmp_path, "init")

    assert first.stdout == f"the database sqlite:///{tmp_path / 'octroi.db'} is ready\n"
    assert "was ready already" in second.stdout
    assert run(tmp_path, "stats").exit_code == 0


def test_heads_beyond_a_restored_backup_are_set_aside_and_the_chain_holds_again(run, tmp_path, store):
    keeper = HeadKeeper(tmp_path / "heads", None, every_s=0)
    for name in ("copy", "later"):
        store.add(HEADER, [record()])
        keeper.keep(store.head())
        assert run(tmp_path, "backup", "--out", tmp_path / name).exit_code == 0
    chain = store.head().chain
    store.close()
    (tmp_path / "octroi.db").unlink()
    (tmp_path / "octroi.db-wal").unlink(missing_ok=True)

    done = run(tmp_path, "restore", "--from", tmp_path / "copy")

    assert done.exit_code == 0, done.output
    assert "2 heads that were kept after the backup are set aside" in done.stdout
    assert run(tmp_path, "verify").exit_code == 0
    aside = (tmp_path / "heads" / f"{chain}.superseded").read_bytes().splitlines()
    assert [msgspec.json.decode(line)["seq"] for line in aside] == [2, 2]
