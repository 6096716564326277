"""What is appended is durable, and one writer's failure never spoils what was written."""

import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from decisions import HEADER, record

from credit.errors import JournalUnavailable
from records.journal import Journal, ask_to_rotate
from records.lock import try_lock
from records.segment import Segment, leftovers, live, segments


def stored(folder: Path) -> list[str]:
    return [found.decision_id for path in segments(folder) for found in Segment(path).read(0).records]


def test_what_was_appended_can_be_read_while_the_writer_lives(tmp_path):
    journal = Journal(tmp_path, HEADER)
    first, second = record(), record(sk_id_curr=None)

    journal.append([[first], [second]])

    (path,) = segments(tmp_path)
    segment = Segment(path)
    chunk = segment.read(0)
    assert segment.header == HEADER
    assert chunk.records == [first, second]
    assert chunk.end == path.stat().st_size


def test_a_segment_belongs_to_its_writer_until_it_closes(tmp_path):
    journal = Journal(tmp_path, HEADER)
    journal.append([[record()]])
    assert live(tmp_path) == 1

    journal.close()

    assert live(tmp_path) == 0
    with pytest.raises(JournalUnavailable, match="stopping"):
        journal.append([[record()]])


def test_a_segment_that_was_removed_under_its_writer_is_noticed(tmp_path):
    journal = Journal(tmp_path, HEADER)
    journal.append([[record()]])
    segments(tmp_path)[0].unlink()

    with pytest.raises(JournalUnavailable, match="cannot be written"):
        journal.append([[record()]])
    journal.append([[after := record()]])

    assert stored(tmp_path) == [after.decision_id]


def test_a_full_segment_is_followed_by_another(tmp_path):
    journal = Journal(tmp_path, HEADER, max_bytes=1)
    records = [record() for _ in range(3)]

    for one in records:
        journal.append([[one]])

    assert len(segments(tmp_path)) == 3
    assert stored(tmp_path) == [one.decision_id for one in records]


def test_the_decisions_of_one_request_are_read_together_or_not_at_all(tmp_path):
    journal = Journal(tmp_path, HEADER)
    journal.append([[record(), record(), record()]])
    (path,) = segments(tmp_path)

    os.truncate(path, path.stat().st_size - 1)

    assert Segment(path).read(0).records == []


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """No file of this process may grow past *size*: writes fail as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_after_a_failed_write_the_next_request_gets_a_new_segment(tmp_path):
    journal = Journal(tmp_path, HEADER)
    before, after = record(), record()
    journal.append([[before]])

    with (
        files_limited_to(segments(tmp_path)[0].stat().st_size + 10),
        pytest.raises(JournalUnavailable, match="cannot be written: File too large"),
    ):
        journal.append([[record()]])
    journal.append([[after]])

    assert len(segments(tmp_path)) == 2
    assert stored(tmp_path) == [before.decision_id, after.decision_id]


def test_a_folder_that_cannot_be_written_is_said_at_once(tmp_path):
    in_the_way = tmp_path / "journal"
    in_the_way.write_text("a file where the folder should be")

    journal = Journal(in_the_way, HEADER)
    for attempt in (journal.check, lambda: journal.append([[record()]])):
        with pytest.raises(JournalUnavailable, match="cannot be opened"):
            attempt()

    in_the_way.unlink()
    journal.check()
    journal.append([[record()]])
    assert len(stored(in_the_way)) == 1


def test_threads_may_append_together(tmp_path):
    journal = Journal(tmp_path, HEADER, max_bytes=4096)
    records = [record() for _ in range(40)]
    threads = [threading.Thread(target=journal.append, args=([[one]],)) for one in records]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(stored(tmp_path)) == sorted(one.decision_id for one in records)


def test_a_segment_is_left_to_the_archivist_when_asked_and_the_next_decision_opens_another(tmp_path):
    journal = Journal(tmp_path, HEADER)
    journal.append([[record()]])

    journal.rotate()
    alive = live(tmp_path)
    journal.append([[record()]])

    assert (alive, live(tmp_path), len(segments(tmp_path))) == (0, 1, 2)


def test_only_an_old_unnamed_segment_of_a_dead_writer_is_a_leftover(tmp_path):
    old, held, young = (tmp_path / f"{name}.opening" for name in ("old", "held", "young"))
    for path in (old, held, young):
        path.touch()
    for path in (old, held):
        os.utime(path, (1, 1))

    with try_lock(held):
        found = leftovers(tmp_path)

    assert found == [old]


def test_a_segment_that_was_there_when_it_was_asked_is_left_and_a_newer_one_is_not(tmp_path):
    journal = Journal(tmp_path, HEADER)
    journal.append([[record()]])
    journal.rotate_if_asked()
    (first,) = segments(tmp_path)

    ask_to_rotate(tmp_path)
    journal.rotate_if_asked()
    journal.append([[record()]])
    journal.rotate_if_asked()
    journal.append([[record()]])

    assert len(segments(tmp_path)) == 2
    assert live(tmp_path) == 1
    assert [len(Segment(path).read(0).records) for path in segments(tmp_path)] == [1, 2]
    assert segments(tmp_path)[0] == first
    journal.close()
