"""What we rely on whylogs for, and each of its traps: should it ever change, these say so first."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from serving import ROOT
from uncovered import uncovered

from monitoring.files import UnreadableProfile
from monitoring.sketch import LARGEST, Sketch, StoredSketch, counts

GOLDEN = Path(__file__).parent / "golden.bin"
AMOUNTS = [45000.0, None, 180000.0, 90000.0, 135000.0, math.nan, 90000.0, 225000.0, None, 67500.0]
HOMES = ["House", "House", None, "Rented", "House", "With parents", None, "Rented", "House", "House"]


def public(path: Path):
    """The profile as anyone who knows only whylogs' documentation reads it."""
    import whylogs

    return whylogs.read(str(path)).view()


def write(sketch: Sketch, path: Path) -> Path:
    path.write_bytes(sketch.to_bytes())
    return path


def sketched(path: Path, **columns) -> Path:
    words = [name for name in columns if name.startswith("NAME")]
    sketch = Sketch([name for name in columns if name not in words], words)
    sketch.add(columns)
    return write(sketch, path)


def assert_golden(path: Path) -> None:
    view = public(path)
    amount = view.get_column("AMT_CREDIT").to_summary_dict()
    assert amount["counts/n"] == 10
    assert amount["counts/null"] == 3
    assert amount["counts/nan"] == amount["counts/inf"] == 0
    assert amount["types/fractional"] == 7
    assert amount["types/object"] == 0
    assert amount["distribution/n"] == 7
    assert amount["distribution/mean"] == pytest.approx(832500 / 7)
    assert amount["distribution/stddev"] == pytest.approx(64_579.685, rel=1e-7)
    assert amount["distribution/min"] == 45000.0
    assert amount["distribution/q_25"] == 67500.0
    assert amount["distribution/median"] == 90000.0
    assert amount["distribution/max"] == 225000.0
    assert round(amount["cardinality/est"]) == 6
    home = view.get_column("NAME_HOUSING_TYPE").to_summary_dict()
    assert home["counts/n"] == 10
    assert home["counts/null"] == 2
    assert home["types/string"] == 8
    words = {item.value: item.est for item in home["frequent_items/frequent_strings"]}
    assert words == {"House": 5, "Rented": 2, "With parents": 1}


def test_plain_whylogs_reads_what_was_seen(tmp_path):
    assert_golden(sketched(tmp_path / "one.bin", AMT_CREDIT=AMOUNTS, NAME_HOUSING_TYPE=HOMES))


def test_a_profile_written_by_an_earlier_version_reads_the_same():
    assert_golden(GOLDEN)
    assert StoredSketch([GOLDEN]).words("NAME_HOUSING_TYPE") == {"House": 5, "Rented": 2, "With parents": 1}
    assert StoredSketch([GOLDEN]).seen("AMT_CREDIT").known == 7


def test_one_missing_value_does_not_make_the_mean_nan(tmp_path):
    alone = sketched(tmp_path / "one.bin", AMT_CREDIT=[math.nan])
    before = Sketch(["AMT_CREDIT"], [])
    for values in ([2.0], [math.nan], [4.0]):
        before.add({"AMT_CREDIT": values})

    assert public(alone).get_column("AMT_CREDIT").get_metric("distribution").mean.value == 0.0
    column = public(write(before, tmp_path / "two.bin")).get_column("AMT_CREDIT")
    assert column.get_metric("distribution").mean.value == 3.0
    assert column.get_metric("counts").null.value == 1


def test_whylogs_own_rows_would_make_the_mean_nan():
    from whylogs.core import DatasetProfile

    profile = DatasetProfile()
    for value in (2.0, math.nan, 4.0):
        profile.track({"AMT_CREDIT": value})

    assert math.isnan(profile.view().get_column("AMT_CREDIT").get_metric("distribution").mean.value)


def test_a_column_that_begins_with_nothing_is_still_sketched(tmp_path):
    sketch = Sketch(["AMT_CREDIT"], ["NAME_TYPE_SUITE"])
    sketch.add({"AMT_CREDIT": [None, None], "NAME_TYPE_SUITE": [None, None]})
    sketch.add({"AMT_CREDIT": [1.0, 3.0], "NAME_TYPE_SUITE": ["Family", None]})

    view = public(write(sketch, tmp_path / "one.bin"))
    assert view.get_column("AMT_CREDIT").get_metric("distribution").mean.value == 2.0
    assert view.get_column("NAME_TYPE_SUITE").get_metric("frequent_items").strings[0].value == "Family"


def test_numbers_of_every_kind_count_as_numbers(tmp_path):
    values = [np.float32(1.5), np.float64(2.5), np.int64(3), 4, True, 5.0]

    column = public(sketched(tmp_path / "one.bin", AMT_CREDIT=values)).get_column("AMT_CREDIT")

    assert column.get_metric("types").fractional.value == 6
    assert column.get_metric("types").object.value == 0
    assert column.get_metric("distribution").max == 5.0
    assert column.get_metric("distribution").mean.value == pytest.approx(17 / 6)


@pytest.mark.parametrize("large", [1.7e308, -1.7e308, math.inf, -math.inf, 1e155])
def test_absurd_numbers_leave_mean_and_variance_finite(tmp_path, large):
    sketch = Sketch(["AMT_CREDIT"], [])
    for _ in range(2):
        sketch.add({"AMT_CREDIT": [large, large, 1.0]})
    path = write(sketch, tmp_path / "one.bin")

    summary = public(path).get_column("AMT_CREDIT").to_summary_dict()
    assert math.isfinite(summary["distribution/mean"])
    assert math.isfinite(summary["distribution/stddev"])
    assert math.copysign(LARGEST, large) in (summary["distribution/max"], summary["distribution/min"])
    assert summary["counts/inf"] == (4 if math.isinf(large) else 0)
    twice = public(path).merge(public(path)).get_column("AMT_CREDIT").to_summary_dict()
    assert math.isfinite(twice["distribution/stddev"])


def test_whylogs_own_frames_would_make_the_mean_infinite():
    import pandas as pd
    from whylogs.core import DatasetProfile

    profile = DatasetProfile()
    with np.errstate(over="ignore", invalid="ignore"):
        profile.track(pd.DataFrame({"AMT_CREDIT": [1.7e308, 1.7e308]}))
        assert math.isinf(profile.view().get_column("AMT_CREDIT").get_metric("distribution").mean.value)


def test_whylogs_still_asks_numpy_for_the_name_that_is_lent_to_it():
    code = """
import numpy, whylogs
try:
    whylogs.log({"a": "b"})
except AttributeError as error:
    print(error)
numpy.unicode_ = numpy.str_
print(whylogs.log({"a": "b"}).view().get_column("a").get_metric("types").string.value)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    asked, seen = done.stdout.splitlines()
    assert "unicode_" in asked
    assert seen == "1"


def test_numbers_that_stand_for_words_and_very_long_words_are_words(tmp_path):
    path = sketched(tmp_path / "one.bin", NAME_TYPE_SUITE=["a" * 500, 1.0, None])

    assert StoredSketch([path]).words("NAME_TYPE_SUITE") == {"a" * 128: 1, "1.0": 1}


def test_profiles_of_several_hosts_add_up(tmp_path):
    rng = np.random.default_rng(1)
    parts = [rng.normal(size=4000), rng.normal(2, 1, size=6000)]
    words = [["House"] * 3000 + [None] * 1000, ["House"] * 2000 + ["Rented"] * 4000]
    paths = [
        sketched(tmp_path / f"{i}.bin", AMT_CREDIT=part, NAME_HOUSING_TYPE=words[i])
        for i, part in enumerate(parts)
    ]
    nothing = sketched(tmp_path / "nothing.bin", AMT_CREDIT=[None], NAME_HOUSING_TYPE=[None], OTHER=[1.0])
    everything = np.sort(np.concatenate(parts))
    points = np.quantile(everything, [0.1, 0.5, 0.9])

    merged = StoredSketch([nothing, *paths])

    assert merged.names == {"AMT_CREDIT", "NAME_HOUSING_TYPE", "OTHER"}
    assert merged.seen("AMT_CREDIT").total == 10_001
    assert merged.seen("NAME_HOUSING_TYPE").missing == 1001
    assert merged.words("NAME_HOUSING_TYPE") == {"House": 5000, "Rented": 4000}
    # Two points that are one, out of order: what the sketch itself refuses.
    asked = np.array([points[2], points[0], points[1], points[0]])
    assert merged.share_below("AMT_CREDIT", asked) == pytest.approx([0.9, 0.1, 0.5, 0.1], abs=0.015)


def test_our_reading_and_plain_whylogs_say_the_same(tmp_path):
    values = np.random.default_rng(2).lognormal(12, 0.7, size=20_000)
    path = sketched(tmp_path / "one.bin", AMT_CREDIT=values, NAME_HOUSING_TYPE=["x"] * 20_000)
    points = np.quantile(values, [0.01, 0.25, 0.5, 0.99])

    ours, theirs = StoredSketch([path]), public(path)

    kll = theirs.get_column("AMT_CREDIT").get_metric("distribution").kll.value
    assert ours.share_below("AMT_CREDIT", points).tolist() == kll.get_cdf(points.tolist())[:-1]
    assert counts(path) == {"AMT_CREDIT": 20_000, "NAME_HOUSING_TYPE": 20_000}


def test_a_share_below_a_value_leaves_the_value_itself_out(tmp_path):
    path = sketched(tmp_path / "one.bin", AMT_CREDIT=[1.0, 2.0, 2.0, 3.0])

    shares = StoredSketch([path]).share_below("AMT_CREDIT", np.array([1.0, 2.0, np.nextafter(2.0, 3.0), 9.0]))

    assert shares.tolist() == [0.0, 0.25, 0.75, 1.0]


def test_of_nothing_every_share_is_zero(tmp_path):
    path = sketched(tmp_path / "one.bin", AMT_CREDIT=[None, None])

    assert StoredSketch([path]).share_below("AMT_CREDIT", np.array([1.0])).tolist() == [0.0]


@pytest.mark.parametrize("data", [b"", b"no profile", b"WHY1", GOLDEN.read_bytes()[:-200]])
def test_a_file_that_is_no_profile_is_refused_by_name(tmp_path, data):
    (tmp_path / "other.bin").write_bytes(data)

    with pytest.raises(UnreadableProfile, match=r"other\.bin is not a whylogs profile"):
        StoredSketch([GOLDEN, tmp_path / "other.bin"])


def test_a_profile_with_any_byte_changed_but_those_that_name_its_seal_is_refused(tmp_path):
    path = sketched(tmp_path / "one.bin", AMT_CREDIT=AMOUNTS, NAME_HOUSING_TYPE=HOMES)
    whole = path.read_bytes()
    assert StoredSketch([path]).seen("AMT_CREDIT").total == 10
    assert public(path).metadata.keys() == {"octroi_sha256"}

    rng = np.random.default_rng(1)
    name = range(whole.index(b"octroi_sha256") - 4, whole.index(b"octroi_sha256") + 13)
    for place in set(rng.choice(len(whole), 400, replace=False).tolist()) - set(name):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        with pytest.raises(UnreadableProfile, match=r"one\.bin is not a whylogs profile"):
            StoredSketch([path])


def test_a_decision_of_125_features_costs_at_most_40_microseconds():
    done = subprocess.run(
        [sys.executable, "-m", "tests.monitoring.sketch_cost"],
        cwd=ROOT,
        env=uncovered(),
        capture_output=True,
        text=True,
    )

    assert 0 < float(done.stdout) < 40e-6
