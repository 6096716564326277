"""Where values fall: every awkward kind of column counted, the same from rows and from profiles."""

import math

import numpy as np
import pytest
from lender import GAINS, SCHEMA, clients, defaulted, number, reference, score

from credit.errors import InvalidModel
from features.schema import Feature, Kind
from monitoring.drift.category import CategoryBins
from monitoring.drift.number import NumberBins
from monitoring.drift.reference import PROBABILITY, Reference, write_reference
from monitoring.drift.tally import Tally
from monitoring.drift.window import Window
from monitoring.files import UnreadableProfile
from monitoring.sketch import Sketch, StoredSketch


def frozen(values, **more) -> NumberBins:
    return NumberBins.freeze(number("AMT_CREDIT", **more), np.array(values, dtype=float))


def words(values, **more) -> CategoryBins:
    return CategoryBins.freeze(
        Feature("NAME", Kind.CATEGORY, "category", "", **more), np.array(values, dtype=object)
    )


def test_deciles_hold_a_tenth_each():
    values = np.random.default_rng(1).normal(size=10_000)

    assert all(abs(count - 1000) <= 1 for count in frozen(values).tally(values).bins)


def test_a_value_that_fills_deciles_has_a_bin_of_its_own():
    bins = frozen([0.0] * 70 + [1.0] * 20 + [2.0, 3.0] * 5)

    assert bins.labels == ("below 0", "0", "0 to 1", "1", "above 1")
    assert bins.tally(np.array([-1.0, 0.0, 0.0, 1e-9, 1.0, 2.0, 99.0])).bins == (1, 2, 1, 1, 2)


def test_a_constant_has_places_for_what_never_was():
    bins = frozen([1.0] * 100)

    assert bins.labels == ("below 1", "1", "above 1")
    assert bins.tally(np.array([0.0, 1.0, 1.0, 2.0])).bins == (1, 2, 1)


def test_a_column_nobody_ever_filled_has_one_bin():
    bins = frozen([math.nan] * 10)

    assert bins.labels == ("any",)
    assert bins.tally(np.array([math.nan, 4.0])) == Tally(bins=(1,), missing=1)


def test_sentinels_and_nan_are_missing():
    bins = frozen([-1.0, -2.0, -3.0, 365243.0], sentinels=(365243.0,))

    tally = bins.tally(np.array([365243.0, math.nan, -2.0]))

    assert (tally.missing, tally.known) == (2, 1)
    assert bins.seen == (-3.0, -1.0)


def test_values_outside_the_training_range_are_counted():
    assert frozen([1.0, 2.0, 3.0]).tally(np.array([0.5, 1.0, 3.0, 3.1, math.nan])).outside == 2


def test_rare_words_share_a_bin_and_words_never_seen_are_unseen():
    bins = words(["House"] * 150 + ["Rented"] * 48 + ["Office"] + ["Boat"])

    tally = bins.tally(np.array(["House", "Boat", "Office", "Tent", None, float("nan")], dtype=object))

    assert bins.labels == ("House", "Rented", "rare ones")
    assert (tally.bins, tally.unseen, tally.missing) == ((1, 0, 2), 1, 2)
    assert bins.once == 2


def test_a_word_may_be_spelled_as_a_number():
    bins = words(["F"] * 6 + ["M"] * 4, aliases={"1": "F", "0": "M"})

    assert bins.tally(np.array(["F", 1, 1.0, "1", 0.0, "M"], dtype=object)).bins == (4, 2, 0)


def test_tallies_of_parts_add_up():
    columns = clients(3000, 1)
    whole = reference(3000)
    parts = [
        Window.of(whole, {name: column[rows] for name, column in columns.items()}, score(columns)[rows])
        for rows in (slice(0, 1000), slice(1000, 1001), slice(1001, None))
    ]

    total = Window.empty(whole) + parts[0] + parts[1] + parts[2]

    assert total.rows == 3000
    assert total.tallies == Window.of_training(whole).tallies


def test_the_reference_reads_as_it_was_written(tmp_path):
    columns = clients(2000, 3)

    write_reference(tmp_path, SCHEMA, columns, score(columns), defaulted(columns, 3), GAINS)

    assert Reference.read(tmp_path) == reference(2000, 3)
    found = Reference.read(tmp_path)
    assert [feature.name for feature in found.features[:3]] == ["EXT_SOURCE_2", "AMT_CREDIT", "DAYS_EMPLOYED"]
    assert found.important == {"EXT_SOURCE_2", "AMT_CREDIT", "DAYS_EMPLOYED"}
    assert found.features[0].importance == pytest.approx(0.6)
    assert found.default_rate == defaulted(columns, 3).mean()
    assert np.mean(found.stand_ins) == pytest.approx(score(columns).mean(), rel=1e-3)


def test_the_reference_profile_is_read_by_plain_whylogs_and_by_us(tmp_path):
    import whylogs

    columns = clients(2000, 3)
    write_reference(tmp_path, SCHEMA, columns, score(columns), defaulted(columns, 3), GAINS)

    view = whylogs.read(str(tmp_path / "reference.bin")).view()

    assert view.get_column("EXT_SOURCE_2").get_metric("distribution").mean.value == pytest.approx(
        columns["EXT_SOURCE_2"].mean()
    )
    own = Window.of_profiles(Reference.read(tmp_path), StoredSketch([tmp_path / "reference.bin"]))
    trained = Window.of_training(Reference.read(tmp_path))
    assert own.rows == trained.rows == 2000
    assert own.tallies["NAME_INCOME_TYPE"] == trained.tallies["NAME_INCOME_TYPE"]


def test_profiles_count_what_rows_count_within_the_sketchs_error(tmp_path):
    whole, columns = reference(), clients(20_000, 9)
    names = [feature.name for feature in SCHEMA.used]
    kinds = {feature.name: feature.is_category for feature in SCHEMA.used}
    sketch = Sketch([PROBABILITY, *(n for n in names if not kinds[n])], [n for n in names if kinds[n]])
    for rows in np.array_split(np.arange(20_000), 20):
        part = {name: column[rows] for name, column in columns.items()}
        sketch.add({**part, PROBABILITY: score(part)})
    (tmp_path / "one.bin").write_bytes(sketch.to_bytes())

    by_profile = Window.of_profiles(whole, StoredSketch([tmp_path / "one.bin"]))
    by_row = Window.of(whole, columns, score(columns))

    assert by_profile.rows == by_row.rows
    for name, tally in by_row.tallies.items():
        known = by_profile.tallies[name]
        assert known.total == tally.total, name
        assert known.unseen == tally.unseen, name
        assert np.abs(known.counts - tally.counts).max() <= 0.015 * tally.total, name
        assert known.outside == pytest.approx(tally.outside, abs=0.01 * tally.total), name
        if kinds.get(name):
            assert known == tally
    assert by_profile.tallies["DAYS_EMPLOYED"].missing == pytest.approx(
        by_row.tallies["DAYS_EMPLOYED"].missing, abs=150
    )
    # A mean is an area beside the distribution: ranks that are off by 0.41 % move it by as much of the range.
    allowed = 0.0041 * np.ptp(by_row.probabilities)
    assert by_profile.probabilities.mean() == pytest.approx(by_row.probabilities.mean(), abs=allowed)


def test_profiles_of_another_model_are_refused(tmp_path):
    sketch = Sketch(["AMT_CREDIT"], [])
    sketch.add({"AMT_CREDIT": [1.0]})
    (tmp_path / "one.bin").write_bytes(sketch.to_bytes())

    with pytest.raises(UnreadableProfile, match="no column EXT_SOURCE_2: they are of another model"):
        Window.of_profiles(reference(500), StoredSketch([tmp_path / "one.bin"]))


@pytest.mark.parametrize("text", ["", "{", '{"format": 1}', '{"format": 2}', "\xff"])
def test_a_damaged_reference_is_refused_in_a_sentence(tmp_path, text):
    with pytest.raises(InvalidModel, match=r"no reference\.json to compare with: train the model again"):
        Reference.read(tmp_path)
    (tmp_path / "reference.json").write_text(text, encoding="latin-1")

    with pytest.raises(InvalidModel, match="train the model again"):
        Reference.read(tmp_path)


def test_a_reference_of_a_later_format_is_refused(tmp_path):
    body = reference(200).to_json().replace(b'"format": 1', b'"format": 2')
    (tmp_path / "reference.json").write_bytes(body)

    with pytest.raises(InvalidModel, match="format 2, not 1"):
        Reference.read(tmp_path)
