"""Training gives a bundle whose parts agree, and the same one again."""

import json

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.cost import Costs
from credit.errors import InvalidTables
from features.catalogue import candidates
from features.encoder import Encoder
from runners.bundle import Bundle
from training.fit import Plan, train, write_bundle
from training.learned import learn, usable
from training.metrics import calibration_error, measure
from training.sample import read_sample
from training.selection import ALWAYS_KEPT, select
from training.threshold import choose_threshold


@pytest.fixture(scope="module")
def sample(made):
    return read_sample(made.features, candidates())


@pytest.fixture(scope="module")
def bundle(made):
    return Bundle.open(made.bundle)


def test_the_model_uses_as_many_features_as_asked_the_forms_own_among_them_and_not_sex(bundle):
    used = [feature.name for feature in bundle.schema.used]

    assert len(used) == 125
    assert set(ALWAYS_KEPT) <= set(used)
    assert "CODE_GENDER" not in used
    assert {feature.name for feature in bundle.schema.features} == {feature.name for feature in candidates()}
    assert lightgbm.Booster(model_file=str(bundle.folder / "model.txt")).feature_name() == used


def test_the_forms_features_are_those_of_the_example(example):
    assert set(ALWAYS_KEPT) == set(example) - {"CODE_GENDER"}


def test_the_trained_probabilities_rank_defaults_first(bundle, sample):
    assert 0.65 < bundle.metrics["auc"] < 0.95
    assert bundle.metrics["calibration_error"] < 0.05
    rows = Encoder(bundle.schema).encode_columns(sample.columns)
    predicted = lightgbm.Booster(model_file=str(bundle.folder / "model.txt")).predict(rows)
    assert abs(predicted.mean() - sample.defaulted.mean()) < 0.01
    assert predicted[sample.defaulted].mean() > 2 * predicted[~sample.defaulted].mean()


def test_the_same_sample_seed_and_threads_give_the_same_bytes(sample, tmp_path):
    few = sample.take(np.arange(600))
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        write_bundle(train(few, candidates(), Plan(kept=45, seed=7, threads=2), lambda _: None), folder)

    for name in ("model.txt", "schema.json", "policy.json"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_writing_a_bundle_again_replaces_it_whole(made, sample, tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "certificate.json").write_text("of the old model")

    write_bundle(train(sample.take(np.arange(600)), candidates(), Plan(kept=45), lambda _: None), folder)

    assert {path.name for path in folder.iterdir()} == {
        "model.txt",
        "schema.json",
        "policy.json",
        "metrics.json",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert json.loads((folder / "metrics.json").read_text())["rows"] == 600


def test_categories_are_coded_by_their_default_rate(sample):
    learned = {feature.name: feature for feature in learn(candidates(), sample)}

    income = learned["NAME_INCOME_TYPE"]
    column = sample.columns["NAME_INCOME_TYPE"]
    rates = [sample.defaulted[column == name].mean() for name in income.categories]
    assert rates == sorted(rates)
    assert set(income.categories) == {name for name in column if name is not None}


def test_a_feature_that_never_varies_is_not_selected(sample):
    few = sample.take(np.arange(600))
    few.columns["EXT_SOURCE_1"][:] = 0.5

    names = {feature.name for feature in usable(learn(candidates(), few))}

    assert "EXT_SOURCE_1" not in names
    assert "EXT_SOURCE_2" in names


def test_of_two_features_that_tell_the_same_one_is_kept(sample):
    few = sample.take(np.arange(600))
    few.columns["DAYS_REGISTRATION"] = -few.columns["DAYS_BIRTH"]
    few.columns["AMT_REQ_CREDIT_BUREAU_YEAR"] = few.columns["EXT_SOURCE_2"] * 3
    learned = usable(learn(candidates(), few))

    names = select(learned, few, kept=len(ALWAYS_KEPT) + 20, seed=0, threads=2)

    assert {"DAYS_REGISTRATION", "DAYS_BIRTH", "EXT_SOURCE_2"} <= set(names)
    assert "AMT_REQ_CREDIT_BUREAU_YEAR" not in names


def test_the_theoretical_threshold_is_taken_unless_the_data_contradict_it():
    rng = np.random.default_rng(0)
    probabilities = rng.beta(1, 8, 4000)
    calibrated = rng.uniform(size=4000) < probabilities
    overrated = rng.uniform(size=4000) < probabilities / 8

    kept = choose_threshold(calibrated, probabilities, Costs(), seed=0)
    moved = choose_threshold(overrated, probabilities, Costs(), seed=0)

    assert kept.threshold == 1 / 11
    assert moved.threshold == moved.cheapest > 0.2
    assert moved.interval[0] <= moved.cheapest <= moved.interval[1]
    assert [outcome.threshold for outcome in moved.table] == [0.5, 1 / 11, moved.cheapest]
    assert moved.table[2].total <= min(moved.table[0].total, moved.table[1].total)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=50))
def test_the_calibration_error_is_a_mean_gap(rows):
    defaulted, probabilities = (np.array(part) for part in zip(*rows, strict=True))

    assert 0 <= calibration_error(defaulted, probabilities) <= 1


def test_calibrated_probabilities_have_no_calibration_error_and_doubled_ones_do():
    rng = np.random.default_rng(0)
    probabilities = rng.beta(1, 8, 20_000)
    defaulted = rng.uniform(size=20_000) < probabilities

    assert measure(defaulted, probabilities, 0.1).calibration_error < 0.01
    assert measure(defaulted, np.minimum(2 * probabilities, 1), 0.1).calibration_error > 0.08


def test_a_features_file_that_is_none_is_named(tmp_path, made):
    garbage = tmp_path / "features.parquet"
    garbage.write_bytes(b"no parquet")

    with pytest.raises(InvalidTables, match="is not a features file"):
        read_sample(garbage, candidates())
    with pytest.raises(InvalidTables, match="there is no features file"):
        read_sample(tmp_path / "nowhere.parquet", candidates())
    with pytest.raises(InvalidTables, match="has no column"):
        read_sample(made.raw / "application_train.parquet", candidates())
