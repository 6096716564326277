"""Each decision reaches the database exactly once, whatever happens between."""

import subprocess
import sys

import msgspec
import pytest
import sqlalchemy as sa
import structlog
from decisions import HEADER, record
from serving import ROOT
from uncovered import uncovered

from credit.errors import DatabaseUnavailable
from records.archivist import Archivist
from records.backlog import pending_bytes
from records.database import Database
from records.election import elected
from records.journal import Journal
from records.ledger import Ledger
from records.outage import Outage
from records.segment import segments
from records.tables import anomalies, predictions


def ids(database: Database) -> list[str]:
    return [row[0] for row in database.rows(sa.select(predictions.c.decision_id).order_by(predictions.c.seq))]


def test_decisions_move_from_a_live_segment_and_the_segment_stays(tmp_path, database):
    journal = Journal(tmp_path / "journal", HEADER)
    archivist = Archivist(tmp_path / "journal", database)
    first, second = record(), record()

    journal.append([[first]])
    moved = archivist.move()
    journal.append([[second]])
    moved_then = archivist.move()

    assert (moved.records, moved_then.records, moved_then.finished) == (1, 1, 0)
    assert ids(database) == [first.decision_id, second.decision_id]
    assert len(segments(tmp_path / "journal")) == 1


def test_a_segment_whose_writer_is_gone_is_moved_and_deleted(tmp_path, database):
    journal = Journal(tmp_path / "journal", HEADER)
    journal.append([[record(), record()]])
    journal.close()

    moved = Archivist(tmp_path / "journal", database).move()

    assert (moved.records, moved.finished) == (2, 1)
    assert segments(tmp_path / "journal") == []
    assert len(ids(database)) == 2


def test_an_archivist_that_died_before_it_remembered_writes_nothing_twice(tmp_path, database):
    journal = Journal(tmp_path / "journal", HEADER)
    journal.append([[record()], [record()]])
    Archivist(tmp_path / "journal", database).move()
    journal.append([[record()]])

    moved = Archivist(tmp_path / "journal", database).move()

    assert moved.records == 1
    assert len(set(ids(database))) == len(ids(database)) == 3


def test_a_healthy_segment_is_reported_as_nothing(tmp_path, database):
    journal = Journal(tmp_path / "journal", HEADER)
    journal.append([[record(warnings=())]])
    journal.close()

    with structlog.testing.capture_logs() as events:
        Archivist(tmp_path / "journal", database).move()

    assert events == []
    assert database.rows(sa.select(anomalies)) == []


def test_one_archivist_at_a_time(tmp_path):
    with elected(tmp_path) as first, elected(tmp_path) as second:
        assert (first, second) == (True, False)
    with elected(tmp_path) as again:
        assert again


def test_what_waits_can_be_asked_for_and_is_nothing_once_it_is_moved(tmp_path, database):
    journal = Journal(tmp_path / "journal", HEADER)
    journal.append([[record()]])
    waiting = pending_bytes(tmp_path / "journal")
    archivist = Archivist(tmp_path / "journal", database)
    archivist.move()
    moved = pending_bytes(tmp_path / "journal")
    size = segments(tmp_path / "journal")[0].stat().st_size
    journal.append([[record()]])
    again = pending_bytes(tmp_path / "journal")

    assert waiting == size
    assert moved == 0
    assert again == segments(tmp_path / "journal")[0].stat().st_size - size > 0


def test_what_was_recorded_is_read_back_as_it_was(database):
    database.add(HEADER, [kept := record(probability_default=0.1 + 0.2)])

    (decided,) = database.decided_after(0, 10)

    assert decided.probability_default == kept.probability_default == 0.30000000000000004
    assert decided.inputs == [148365.0, "House", None]
    assert [
        (feature.name, feature.is_word, feature.is_used) for feature in database.features(kept.model_sha256)
    ] == [
        ("AMT_CREDIT", False, True),
        ("NAME_HOUSING_TYPE", True, True),
        ("EXTRA", False, False),
    ]


def test_every_field_of_a_record_is_in_its_row(database):
    database.add(HEADER, [kept := record(key_name="desk", scenario="black-friday", scoring_us=400)])

    ((row,)) = database.rows(sa.select(predictions))

    stored = row._asdict()
    told = msgspec.structs.asdict(kept)
    del told["inputs"]
    warnings = msgspec.json.decode(stored["warnings"])
    assert [warning["rule"] for warning in warnings] == ["outside-training-range"]
    assert stored["status"] == 200
    assert {name: stored[name] for name in told if name != "warnings"} == {
        name: value for name, value in told.items() if name != "warnings"
    }


def impatient(url: str) -> str:
    """The same database, which waits for nobody's lock."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return f"{url}?timeout=0.1"
    options = f"{parsed.query['options']} -c lock_timeout=100ms"
    return parsed.update_query_dict({"options": options}).render_as_string(hide_password=False)


def test_decisions_wait_for_a_locked_database_and_the_outage_is_told_once(tmp_path, url):
    journal = Journal(tmp_path / "journal", HEADER)
    journal.append([[record(warnings=())]])
    outage = Outage()

    with Database(impatient(url), create=True) as database, structlog.testing.capture_logs() as events:
        archivist = Archivist(tmp_path / "journal", database)
        with Database(url) as other, other.writing() as connection:
            Ledger(connection)
            for _ in range(3):
                with pytest.raises(DatabaseUnavailable, match="lock") as failure:
                    archivist.move()
                outage.failed(failure.value)
        moved = archivist.move()
        outage.answered(database)
        outage.answered(database)

        assert moved.records == 1
        assert [event["event"] for event in events] == ["database_unavailable", "database_back"]
        assert database.rows(sa.select(anomalies.c.kind, anomalies.c.count)) == [("database_outage", 1)]


def test_a_connection_that_the_server_cut_is_made_anew(tmp_path, postgres_url):
    journal = Journal(tmp_path / "journal", HEADER)
    named = sa.make_url(postgres_url).update_query_dict({"application_name": "cut-me"})
    url = named.render_as_string(hide_password=False)
    with Database(url, create=True) as database, Database(postgres_url) as other:
        archivist = Archivist(tmp_path / "journal", database)
        journal.append([[record()]])
        archivist.move()
        with other.reading() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut-me'"
            )
        journal.append([[record()]])

        assert archivist.move().records == 1
        assert len(ids(database)) == 2


def test_moving_once_into_a_database_that_is_away_fails_and_keeps_everything(tmp_path):
    journal = Journal(tmp_path / "journal", HEADER)
    journal.append([[record()]])
    journal.close()
    away = {"OCTROI_DATA": str(tmp_path), "DATABASE_URL": "postgresql://nobody:sesame@127.0.0.1:1/nothing"}

    done = subprocess.run(
        [sys.executable, "-m", "records", "archive", "--once"],
        cwd=ROOT,
        env={**uncovered(), **away},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert "sesame" not in done.stderr
    assert "Traceback" not in done.stderr
    assert len(segments(tmp_path / "journal")) == 1
