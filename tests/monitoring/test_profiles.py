"""Every decision is in exactly one profile, and plain whylogs reads it."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from monitoring.files import profile_files
from monitoring.profiles import Columns, Observation, Profiler, rebuild
from monitoring.sketch import StoredSketch, counts

COLUMNS = Columns("0123456789ab", ("AMT_CREDIT", "NAME_HOUSING_TYPE"), frozenset({"NAME_HOUSING_TYPE"}))
HOUR_US = 3_600_000_000
NOON_US = 1_790_000_000_000_000 // HOUR_US * HOUR_US


def observations(first: int, count: int, at_us: int = NOON_US) -> list[Observation]:
    return [
        Observation(seq, at_us, COLUMNS, [float(seq), "House"], 0.01 * (seq % 100), "approve")
        for seq in range(first, first + count)
    ]


def ranges(folder: Path) -> list[tuple[int, int]]:
    return [(file.first, file.last) for file in profile_files(folder)]


def profiled(folder: Path) -> int:
    return sum(counts(file.path)["probability_default"] for file in profile_files(folder))


def test_a_profile_says_in_its_name_what_it_covers(tmp_path):
    profiler = Profiler(tmp_path)

    profiler.add(observations(1, 30))
    profiler.flush()

    (file,) = profile_files(tmp_path)
    assert (file.first, file.last, file.model) == (1, 30, "0123456789ab")
    assert file.window == "20260921T1400Z"
    assert counts(file.path) == dict.fromkeys(
        ("AMT_CREDIT", "NAME_HOUSING_TYPE", "probability_default", "decision"), 30
    )


def test_a_growing_profile_replaces_its_shorter_self(tmp_path):
    profiler = Profiler(tmp_path)
    profiler.add(observations(1, 10))
    profiler.flush()
    profiler.add(observations(11, 5))
    profiler.flush()
    profiler.flush()

    assert ranges(tmp_path) == [(1, 15)]
    assert profiled(tmp_path) == 15
    assert len(list(tmp_path.glob("*_*"))) == 1


def test_another_hour_or_another_model_is_another_profile(tmp_path):
    profiler = Profiler(tmp_path)
    other = dataclasses.replace(COLUMNS, model="ba9876543210")
    later = [dataclasses.replace(seen, columns=other) for seen in observations(21, 5, NOON_US + HOUR_US)]

    profiler.add([*observations(1, 10), *observations(11, 10, NOON_US + HOUR_US), *later])
    profiler.flush()

    assert ranges(tmp_path) == [(1, 10), (11, 20), (21, 25)]
    assert profiled(tmp_path) == 25


def test_what_was_not_written_when_the_process_died_is_asked_for_again(tmp_path):
    dead = Profiler(tmp_path)
    dead.add(observations(1, 10))
    dead.flush()
    dead.add(observations(11, 10))  # never flushed

    heir = Profiler(tmp_path)
    assert heir.next_seq == 11
    heir.add(observations(11, 20))
    heir.flush()

    assert ranges(tmp_path) == [(1, 10), (11, 30)]
    assert profiled(tmp_path) == 30


def test_a_death_between_writing_and_removing_counts_nobody_twice(tmp_path):
    profiler = Profiler(tmp_path)
    profiler.add(observations(1, 10))
    profiler.flush()
    (shorter,) = profile_files(tmp_path)
    kept = shorter.path.read_bytes()
    profiler.add(observations(11, 10))
    profiler.flush()
    shorter.path.write_bytes(kept)
    (tmp_path / "half-written.tmp").write_bytes(b"half")

    heir = Profiler(tmp_path)

    assert heir.next_seq == 21
    assert ranges(tmp_path) == [(1, 20)]
    assert profiled(tmp_path) == 20
    assert len(list(tmp_path.glob("*_*"))) == 1


@pytest.mark.parametrize("first", [1, 12])
def test_a_gap_or_a_repetition_is_refused(tmp_path, first):
    profiler = Profiler(tmp_path)
    profiler.add(observations(1, 10))

    with pytest.raises(ValueError, match="decisions 11 and on were expected"):
        profiler.add(observations(first, 5))


def test_a_profile_is_written_once_its_decisions_have_waited(tmp_path):
    patient, prompt = Profiler(tmp_path / "a", flush_s=60), Profiler(tmp_path / "b", flush_s=0)
    for profiler in (patient, prompt):
        profiler.flush_when_due()
        profiler.add(observations(1, 3))
        profiler.flush_when_due()

    assert profile_files(tmp_path / "a") == []
    assert ranges(tmp_path / "b") == [(1, 3)]


def test_missing_values_are_counted_and_spoil_nothing(tmp_path):
    profiler = Profiler(tmp_path)
    seen = observations(1, 4)
    seen[0] = dataclasses.replace(seen[0], values=[None, None])
    seen[1] = dataclasses.replace(seen[1], values=[])

    profiler.add(seen)
    profiler.flush()

    from whylogs.core import DatasetProfileView

    view = DatasetProfileView.read(str(profile_files(tmp_path)[0].path))
    credit, home = view.get_column("AMT_CREDIT"), view.get_column("NAME_HOUSING_TYPE")
    assert credit.get_metric("counts").null.value == 2
    assert credit.get_metric("distribution").mean.value == 3.5
    assert home.get_metric("counts").null.value == 2
    assert home.get_metric("frequent_items").strings[0].value == "House"


def test_plain_whylogs_finds_the_window_and_the_range_in_the_profile(tmp_path):
    import whylogs

    profiler = Profiler(tmp_path)
    profiler.add(observations(1, 3))
    profiler.flush()
    (file,) = profile_files(tmp_path)

    view = whylogs.read(str(file.path)).view()

    assert view.dataset_timestamp == file.since
    assert view.metadata["octroi"] == file.path.stem


def test_profiles_of_two_hosts_lie_in_one_folder(tmp_path):
    for host, count in (("a", 10), ("b", 25)):
        profiler = Profiler(tmp_path / host)
        profiler.add(observations(1, count))
        profiler.flush()
    everywhere = tmp_path / "everywhere"
    everywhere.mkdir()
    for path in [*(tmp_path / "a").glob("*.bin"), *(tmp_path / "b").glob("*.bin")]:
        (everywhere / path.name).write_bytes(path.read_bytes())

    files = profile_files(everywhere)

    assert sorted(file.last for file in files) == [10, 25]
    assert StoredSketch([file.path for file in files]).seen("AMT_CREDIT").total == 35


def test_a_profile_of_another_host_makes_nobody_skip_decisions(tmp_path):
    other = Profiler(tmp_path / "other")
    other.add(observations(1, 50))
    other.flush()
    (theirs,) = profile_files(tmp_path / "other")
    ours = tmp_path / "ours"
    Profiler(ours)
    (ours / theirs.path.name).write_bytes(theirs.path.read_bytes())

    assert Profiler(ours).next_seq == 1


@pytest.mark.parametrize("claimed", [(11, 99), (1, 99), (500, 999)])
def test_a_profile_under_a_name_that_is_not_its_own_is_set_aside(tmp_path, claimed):
    profiler = Profiler(tmp_path)
    profiler.add(observations(1, 10))
    profiler.flush()
    (file,) = profile_files(tmp_path)
    head, _, _ = file.path.stem.rpartition("_")
    stray = tmp_path / f"{head}_{claimed[0]:012d}-{claimed[1]:012d}.bin"
    stray.write_bytes(file.path.read_bytes())

    heir = Profiler(tmp_path)
    heir.add(observations(11, 5))
    heir.flush()

    assert ranges(tmp_path) == [(1, 10), (11, 15)]
    assert profiled(tmp_path) == 15
    assert stray.with_suffix(".stray").exists()


@pytest.mark.parametrize(("lost", "left"), [(0, []), (1, [(1, 10)])])
def test_the_decisions_of_a_lost_profile_are_taken_in_again(tmp_path, lost, left):
    profiler = Profiler(tmp_path)
    for hour in range(4):
        profiler.add(observations(1 + 10 * hour, 10, NOON_US + hour * HOUR_US))
    profiler.flush()
    profile_files(tmp_path)[lost].path.unlink()

    heir = Profiler(tmp_path)

    assert heir.next_seq == 1 + 10 * lost
    assert ranges(tmp_path) == left


def test_erased_decisions_are_in_the_range_and_not_in_the_profile(tmp_path):
    profiler = Profiler(tmp_path)
    seen = observations(1, 10)
    seen[3] = dataclasses.replace(seen[3], values=None)
    profiler.add(seen)
    profiler.add([dataclasses.replace(one, values=None) for one in observations(11, 5, NOON_US + HOUR_US)])
    profiler.flush()

    assert ranges(tmp_path) == [(1, 10), (11, 15)]
    assert [counts(file.path)["AMT_CREDIT"] for file in profile_files(tmp_path)] == [9, 0]
    assert Profiler(tmp_path).next_seq == 16


def test_a_profile_is_rebuilt_without_the_erased(tmp_path):
    profiler = Profiler(tmp_path)
    profiler.add(observations(1, 10))
    profiler.flush()
    (file,) = profile_files(tmp_path)

    rebuild(file, [observations(1, 4), [one for one in observations(5, 6) if one.seq != 10]])

    assert ranges(tmp_path) == [(1, 10)]
    assert StoredSketch([file.path]).seen("AMT_CREDIT").total == 9
    assert StoredSketch([file.path]).quantiles("AMT_CREDIT", np.array([1.0])).tolist() == [9.0]
    assert Profiler(tmp_path).next_seq == 11
    with pytest.raises(ValueError, match="decisions that are not its own"):
        rebuild(file, [observations(10, 2)])


def test_a_folder_without_profiles_begins_where_the_records_do(tmp_path):
    profiler = Profiler(tmp_path, begin=7)
    profiler.add(observations(7, 3))
    profiler.flush()

    assert ranges(tmp_path) == [(7, 9)]
    # Retention took the first of them since.
    assert Profiler(tmp_path, begin=8).next_seq == 10
