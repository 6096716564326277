"""What cannot be read or written is kept, said and counted, and everything else arrives."""

import os
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
import structlog
from decisions import HEADER, record

from records.archivist import Archivist
from records.database import Database
from records.frame import HEAD_BYTES, pack
from records.journal import Journal
from records.record import Anomaly, DecisionRecord
from records.segment import Segment, segments
from records.tables import anomalies, predictions

HEADER_BYTES = len(pack(msgspec.json.encode(HEADER)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "journal"
    made.mkdir()
    return made


def ids(database: Database) -> list[str]:
    return [row[0] for row in database.rows(sa.select(predictions.c.decision_id).order_by(predictions.c.seq))]


def told(database: Database) -> list[str]:
    """The kinds of the anomalies that are no warnings, each as often as it is there."""
    query = sa.select(anomalies.c.kind).where(anomalies.c.kind != "data_warning").order_by(anomalies.c.id)
    return [row[0] for row in database.rows(query)]


def written(folder: Path, *records: DecisionRecord) -> Path:
    """A segment of *records*, one in each frame, whose writer is gone."""
    journal = Journal(folder, HEADER)
    for one in records:
        journal.append([[one]])
    journal.close()
    return segments(folder)[0]


def moved(folder: Path, database: Database, times: int = 2) -> list[str]:
    """The events of *times* archivists that come one after the other."""
    with structlog.testing.capture_logs() as events:
        for _ in range(times):
            Archivist(folder, database).move()
    return [event["event"] for event in events]


def files(folder: Path) -> set[str]:
    """What lies in *folder* but for the archivist's own note."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"archived.json"}


def test_a_torn_tail_is_told_and_kept_and_what_came_before_is_moved(folder, database):
    path = written(folder, whole := record())
    size = path.stat().st_size
    torn = pack(b"never synced")[:-3]
    with path.open("ab") as file:
        file.write(torn)

    assert moved(folder, database) == ["segment_tail_torn"]

    assert ids(database) == [whole.decision_id]
    assert told(database) == ["damaged_journal"]
    assert files(folder) == {f"{path.stem}-{size}.damaged"}
    assert (folder / f"{path.stem}-{size}.damaged").read_bytes() == torn


def test_a_flipped_byte_is_told_and_kept_and_every_other_decision_is_moved(folder, database):
    path = written(folder, *(records := [record() for _ in range(3)]))
    data = bytearray(path.read_bytes())
    data[data.index(records[1].decision_id.encode())] ^= 1
    path.write_bytes(data)

    assert moved(folder, database) == ["segment_damaged"]

    assert ids(database) == [records[0].decision_id, records[2].decision_id]
    assert told(database) == ["damaged_journal"]
    (kept,) = files(folder)
    start = int(kept.removesuffix(".damaged").rpartition("-")[2])
    assert (folder / kept).read_bytes() == data[start : start + len(pack(msgspec.json.encode([records[1]])))]


@pytest.mark.parametrize("position", [0, 5, HEAD_BYTES, HEADER_BYTES - 1, HEADER_BYTES, 2 * HEADER_BYTES - 1])
def test_a_byte_flipped_in_the_header_costs_no_decision(folder, position):
    path = written(folder, one := record())
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)

    segment = Segment(path)
    chunk = segment.read(0)

    assert segment.header == HEADER
    assert chunk.records == [one]
    assert [(lost.kind, len(lost.data)) for lost in chunk.lost] == [("damaged", HEADER_BYTES)]


def test_a_lost_beginning_costs_only_what_was_in_it(folder, database, monkeypatch):
    monkeypatch.setattr("records.journal.HEADER_EVERY", 2000)
    path = written(folder, *(records := [record() for _ in range(8)]))
    data = path.read_bytes()
    path.write_bytes(b"\0" * 4096 + data[4096:])

    assert moved(folder, database) == ["segment_damaged"]

    kept = [one.decision_id for one in records if data.index(one.decision_id.encode()) > 4200]
    assert ids(database)[-len(kept) :] == kept
    assert len(ids(database)) < 8


def test_a_segment_without_any_header_is_kept_whole_and_said(folder, database):
    path = written(folder, record())
    path.write_bytes(b"\0" * (2 * HEADER_BYTES) + path.read_bytes()[2 * HEADER_BYTES :])
    data = path.read_bytes()

    assert moved(folder, database) == ["segment_unreadable"]

    assert ids(database) == []
    assert told(database) == ["damaged_journal"]
    assert files(folder) == {path.with_suffix(".damaged").name}
    assert path.with_suffix(".damaged").read_bytes() == data


def test_a_segment_of_an_unknown_format_is_refused_not_guessed_and_left_where_it_is(folder, database):
    path = folder / "00000000000000001-1-aaaaaaaa.journal"
    path.write_bytes(pack(msgspec.json.encode(msgspec.structs.replace(HEADER, format=99))))
    archivist = Archivist(folder, database)

    with structlog.testing.capture_logs() as events:
        archivist.move()
        archivist.move()

    assert [event["event"] for event in events] == ["segment_of_unknown_format"]
    assert "format 99" in events[0]["reason"]
    assert files(folder) == {path.name}


def test_a_record_that_nobody_understands_is_set_aside_and_holds_nobody_up(folder, database):
    path = written(folder, before := record())
    start = path.stat().st_size + HEAD_BYTES
    with path.open("ab") as file:
        file.write(pack(b'[{"decision_id": 5}]') + pack(msgspec.json.encode([after := record()])))

    assert moved(folder, database) == ["record_unreadable"]

    assert ids(database) == [before.decision_id, after.decision_id]
    assert told(database) == ["unreadable_record"]
    name = f"poison/{path.stem}-{start}"
    assert files(folder) == {f"{name}.frame", f"{name}.txt"}
    assert (folder / f"{name}.frame").read_bytes() == b'[{"decision_id": 5}]'


def test_a_record_the_database_refuses_is_set_aside_counted_once_and_its_batch_lands(folder, database):
    journal = Journal(folder, HEADER)
    poison = record(sk_id_curr=2**63, amt_credit=987_654_321.25)
    journal.append([[first := record(), poison, second := record()], [third := record()]])
    archivist = Archivist(folder, database)

    with structlog.testing.capture_logs() as events:
        for _ in range(3):
            archivist.move()
        journal.close()
        Archivist(folder, database).move()

    assert ids(database) == [first.decision_id, second.decision_id, third.decision_id]
    assert told(database) == ["refused_record"]
    assert [(event["event"], event["record"]) for event in events] == [("record_refused", poison.decision_id)]
    assert "987654321" not in str(events)
    assert files(folder) == {f"poison/{poison.decision_id}.journal", f"poison/{poison.decision_id}.txt"}


def test_a_record_set_aside_keeps_its_bytes_and_ships_when_it_is_moved_back(folder, database):
    raw = msgspec.json.encode(one := record(sk_id_curr=2**63)).replace(b'"route"', b'"later":1,"route"')
    path = written(folder, record())
    with path.open("ab") as file:
        file.write(pack(b"[" + raw + b"]"))
    moved(folder, database)
    kept = folder / "poison" / f"{one.decision_id}.journal"

    assert kept.read_bytes().endswith(pack(b"[" + raw + b"]"))
    kept.write_bytes(
        kept.read_bytes()[: -len(pack(b"[" + raw + b"]"))]
        + pack(b"[" + raw.replace(str(2**63).encode(), b"5") + b"]")
    )
    kept.rename(folder / kept.name)
    moved(folder, database)

    assert ids(database)[1:] == [one.decision_id]


def test_whatever_else_lies_in_the_folder_holds_nobody_up(folder, database):
    written(folder, kept := record())
    (folder / "00000000000000000-1-empty.journal").touch()
    (folder / "00000000000000000-1-folder.journal").mkdir()
    (folder / "00000000000000000-1-nowhere.journal").symlink_to(folder / "nowhere")
    (folder / "00000000000000000-1-noise.journal").write_bytes(b"noise" * 100)
    (folder / "00000000000000000-1-other.journal").write_bytes(pack(b'{"format": 2}'))

    assert sorted(moved(folder, database, times=1)) == ["segment_of_unknown_format", "segment_unreadable"]

    assert ids(database) == [kept.decision_id]
    assert files(folder) == {
        "00000000000000000-1-noise.damaged",
        "00000000000000000-1-other.journal",
    }


def test_the_rest_arrives_when_nothing_can_be_set_aside(folder, database):
    path = written(folder, record(sk_id_curr=2**63))
    (folder / "poison").write_text("a file where the folder should be")
    written(folder, one := record())

    events = moved(folder, database)

    assert events == ["segment_not_moved", "segment_not_moved"]
    assert ids(database) == [one.decision_id]
    assert segments(folder) == [path]


def test_what_was_refused_reaches_the_database_without_a_word_of_it_in_the_log(folder, database):
    journal = Journal(folder, HEADER)
    journal.report([Anomaly(happened_at_us=5, kind="error", route="/predict", status=422, count=2)])
    journal.close()

    assert moved(folder, database) == []

    assert told(database) == ["error"]
    assert segments(folder) == []


def test_a_segment_that_never_got_its_name_is_removed_once_its_writer_is_long_dead(folder, database):
    old, young = folder / "1-1-a.opening", folder / "2-1-b.opening"
    for path in (old, young):
        path.touch()
    os.utime(old, (1, 1))

    assert moved(folder, database) == ["leftover_removed"]

    assert files(folder) == {young.name}


def test_a_live_segment_without_a_header_is_read_once_its_next_copy_comes(folder, database, monkeypatch):
    monkeypatch.setattr("records.journal.HEADER_EVERY", 4000)
    monkeypatch.setattr("records.archivist.HEADER_EVERY", 4000)
    journal = Journal(folder, HEADER)
    journal.append([[first := record()]])
    (path,) = segments(folder)
    with path.open("r+b") as file:
        file.write(b"\0" * 2 * HEADER_BYTES)
    archivist = Archivist(folder, database)

    with structlog.testing.capture_logs() as events:
        for _ in range(3):
            archivist.move()
        before = ids(database)
        later = [record() for _ in range(12)]
        for one in later:
            journal.append([[one]])
            archivist.move()

    assert before == []
    assert ids(database) == [one.decision_id for one in [first, *later]]
    assert [event["event"] for event in events] == ["segment_unreadable", "segment_damaged"]
    assert told(database) == ["damaged_journal"]


def test_a_frame_longer_than_a_reading_is_read_whole(folder):
    path = written(folder, one := record(), other := record())
    segment = Segment(path)

    first = segment.read(2 * HEADER_BYTES, max_bytes=20)
    rest = segment.read(first.end, max_bytes=20)

    assert [*first.records, *rest.records] == [one, other]
