"""Every decision is in exactly one profile, and plain whylogs reads it."""

import dataclasses
import math
from pathlib import Path

import pytest

from monitoring.profiles import Columns, Observation, Profiler, profile_files
from monitoring.sketch import Sketch, counts

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
    assert len(list(tmp_path.iterdir())) == 1


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
    assert len(list(tmp_path.iterdir())) == 1


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


def test_a_column_that_begins_with_nothing_is_still_sketched(tmp_path):
    sketch = Sketch(["AMT_CREDIT"], [])
    sketch.add({"AMT_CREDIT": [None, None]})
    sketch.add({"AMT_CREDIT": [1.0, 3.0]})
    (tmp_path / "one.bin").write_bytes(sketch.to_bytes())

    from whylogs.core import DatasetProfileView

    column = DatasetProfileView.read(str(tmp_path / "one.bin")).get_column("AMT_CREDIT")
    assert column.get_metric("distribution").mean.value == 2.0


def test_an_infinite_value_is_refused_before_it_spoils_the_mean():
    with pytest.raises(ValueError, match="AMT_CREDIT holds an infinite value"):
        Sketch(["AMT_CREDIT"], []).add({"AMT_CREDIT": [1.0, math.inf]})
