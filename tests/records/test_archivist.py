"""Each decision reaches the database exactly once, whatever happens between."""

from pathlib import Path

import msgspec
import pytest
import structlog
from decisions import HEADER, record

from records.archivist import Archivist
from records.database import Database
from records.election import elected
from records.frame import pack
from records.journal import Journal
from records.segment import segments
from records.stats import read_stats


@pytest.fixture
def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'octroi.db'}", create=True)
    yield opened
    opened.close()


def ids(database: Database) -> list[str]:
    return [row[0] for row in database.rows(_all_ids())]


def _all_ids():
    import sqlalchemy as sa

    from records.tables import predictions

    return sa.select(predictions.c.decision_id).order_by(predictions.c.seq)


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


def test_the_same_decision_twice_in_one_chunk_is_one_row(tmp_path, database):
    one = record()

    assert database.add(HEADER, [one, one]) == 1


def test_a_torn_tail_is_reported_and_kept_aside_and_what_came_before_is_moved(tmp_path, database):
    journal = Journal(tmp_path / "journal", HEADER)
    journal.append([[whole := record()]])
    journal.close()
    (path,) = segments(tmp_path / "journal")
    with path.open("ab") as file:
        file.write(pack(b"never synced")[:-3])

    with structlog.testing.capture_logs() as events:
        Archivist(tmp_path / "journal", database).move()

    assert ids(database) == [whole.decision_id]
    assert [(event["event"], event["torn_bytes"]) for event in events] == [("segment_tail_torn", 25)]
    assert [kept.name for kept in Path(tmp_path / "journal").glob("*.damaged")] == [
        path.with_suffix(".damaged").name
    ]


def test_a_flipped_byte_is_reported_and_every_other_decision_is_moved(tmp_path, database):
    journal = Journal(tmp_path / "journal", HEADER)
    records = [record() for _ in range(3)]
    for one in records:
        journal.append([[one]])
    journal.close()
    (path,) = segments(tmp_path / "journal")
    data = bytearray(path.read_bytes())
    data[data.index(records[1].decision_id.encode())] ^= 1
    path.write_bytes(data)

    with structlog.testing.capture_logs() as events:
        Archivist(tmp_path / "journal", database).move()

    assert ids(database) == [records[0].decision_id, records[2].decision_id]
    assert [event["event"] for event in events] == ["segment_damaged"]
    assert len(list((tmp_path / "journal").glob("*.damaged"))) == 1


def test_a_healthy_segment_is_reported_as_nothing(tmp_path, database):
    journal = Journal(tmp_path / "journal", HEADER)
    journal.append([[record()]])
    journal.close()

    with structlog.testing.capture_logs() as events:
        Archivist(tmp_path / "journal", database).move()

    assert events == []


def test_a_segment_of_an_unknown_format_is_refused_not_guessed_and_kept(tmp_path, database):
    folder = tmp_path / "journal"
    folder.mkdir()
    path = folder / "00000000000000001-1-aaaaaaaa.journal"
    path.write_bytes(pack(msgspec.json.encode(msgspec.structs.replace(HEADER, format=99))))

    with structlog.testing.capture_logs() as events:
        archivist = Archivist(folder, database)
        archivist.move()
        archivist.move()

    assert [event["event"] for event in events] == ["segment_unreadable"]
    assert "format 99" in events[0]["reason"]
    assert segments(folder) == [path]


def test_a_record_that_cannot_be_read_holds_nobody_up(tmp_path, database):
    journal = Journal(tmp_path / "journal", HEADER)
    journal.append([[before := record()]])
    journal.close()
    (path,) = segments(tmp_path / "journal")
    with path.open("ab") as file:
        file.write(pack(b'[{"decision_id": 5}]') + pack(msgspec.json.encode([after := record()])))

    with structlog.testing.capture_logs() as events:
        Archivist(tmp_path / "journal", database).move()

    assert ids(database) == [before.decision_id, after.decision_id]
    assert [event["event"] for event in events] == ["segment_damaged"]
    assert len(list((tmp_path / "journal").glob("*.damaged"))) == 1


def test_whatever_else_lies_in_the_folder_holds_nobody_up(tmp_path, database):
    folder = tmp_path / "journal"
    journal = Journal(folder, HEADER)
    journal.append([[kept := record()]])
    journal.close()
    (folder / "00000000000000000-1-empty.journal").touch()
    (folder / "00000000000000000-1-folder.journal").mkdir()
    (folder / "00000000000000000-1-nowhere.journal").symlink_to(tmp_path / "nowhere")
    (folder / "00000000000000000-1-noise.journal").write_bytes(b"noise" * 100)
    (folder / "00000000000000000-1-other.journal").write_bytes(pack(b'{"format": 2}'))

    with structlog.testing.capture_logs() as events:
        Archivist(folder, database).move()

    assert ids(database) == [kept.decision_id]
    assert {event["segment"] for event in events} == {
        "00000000000000000-1-noise.journal",
        "00000000000000000-1-other.journal",
    }


def test_one_archivist_at_a_time(tmp_path):
    with elected(tmp_path) as first, elected(tmp_path) as second:
        assert (first, second) == (True, False)
    with elected(tmp_path) as again:
        assert again


def test_what_was_recorded_is_read_back_as_it_was(tmp_path, database):
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


def test_stats_count_by_decision_and_of_nothing_there_is_no_mean(database):
    empty = read_stats(database)
    approved = [record(latency_us=1000), record(latency_us=3000)]
    database.add(
        HEADER, [*approved, record(decision="refuse", prediction=1, probability_default=0.5, latency_us=2000)]
    )

    found = read_stats(database)

    assert (empty.decisions, empty.approval_rate, empty.mean_probability_default) == (0, None, None)
    assert (found.decisions, found.by_decision) == (3, {"approve": 2, "refuse": 1})
    assert found.approval_rate == 2 / 3
    assert found.mean_latency_ms == 2.0
    assert found.by_model == {HEADER.model_version: 3}
