"""Training gives a bundle whose parts agree, and the same one again."""

import json
from dataclasses import replace

import lightgbm
import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from credit.cost import Costs
from credit.errors import InvalidTables
from credit.policy import Policy
from features.catalogue import candidates
from features.encoder import Encoder
from runners.bundle import Bundle
from training.fit import train
from training.plan import Plan
from training.sample import read_sample
from training.selection import ALWAYS_KEPT
from training.tuning import tune

KEPT = 45


def ignored(_):
    """Nobody watches the progress."""


@pytest.fixture(scope="module")
def bundle(made):
    return Bundle.open(made.bundle)


@pytest.fixture(scope="module")
def features_file(made, tmp_path_factory):
    """The features of 600 labelled clients."""
    table = pq.read_table(made.features)
    file = tmp_path_factory.mktemp("few") / "features.parquet"
    pq.write_table(table.filter(pc.is_valid(table["TARGET"])).slice(0, 600), file)
    return file


@pytest.fixture(scope="module")
def tuned(made, features_file, tmp_path_factory):
    """A bundle as the command makes it: two trials, costs of five to one."""
    folder = tmp_path_factory.mktemp("tuned") / "bundle"
    options = ["--features-kept", str(KEPT), "--trials", "2", "--cost-fn", "5", "--seed", "7", "--no-track"]
    options += ["--features", str(features_file), "--out", str(folder)]
    made.run("training", "fit", *options, environment=made.covered)
    return Bundle.open(folder)


def test_the_model_uses_as_many_features_as_asked_the_forms_own_among_them_and_not_sex(bundle):
    used = [feature.name for feature in bundle.schema.used]

    assert len(used) == 125
    assert set(ALWAYS_KEPT) <= set(used)
    assert "CODE_GENDER" not in used
    assert {feature.name for feature in bundle.schema.features} == {feature.name for feature in candidates()}
    assert lightgbm.Booster(model_file=str(bundle.folder / "model.txt")).feature_name() == used


def test_the_trained_probabilities_rank_defaults_first(bundle, sample):
    rows = Encoder(bundle.schema).encode_columns(sample.columns)

    predicted = lightgbm.Booster(model_file=str(bundle.folder / "model.txt")).predict(rows)

    assert abs(predicted.mean() - sample.defaulted.mean()) < 0.01
    assert predicted[sample.defaulted].mean() > 2 * predicted[~sample.defaulted].mean()


def test_the_same_clients_seed_and_threads_give_the_same_bytes_in_any_order_of_rows(
    tuned, features_file, tmp_path
):
    table = pq.read_table(features_file)
    order = np.random.default_rng(0).permutation(len(table))
    pq.write_table(table.take(order), tmp_path / "shuffled.parquet")
    sample = read_sample(tmp_path / "shuffled.parquet", candidates())
    plan = Plan(KEPT, seed=7, threads=2, costs=Costs(fn=5))

    plan = replace(plan, tuned=tune(sample, candidates(), plan, 2, ignored))
    trained = train(sample, candidates(), plan, ignored)

    assert trained.text.encode() == (tuned.folder / "model.txt").read_bytes()
    assert trained.schema.to_json().encode() == (tuned.folder / "schema.json").read_bytes()
    assert Policy.from_dict(json.loads((tuned.folder / "policy.json").read_text())) == trained.policy


def test_the_costs_asked_for_are_the_policys(tuned):
    policy = Bundle.open(tuned.folder).policy

    assert policy.costs == Costs(fn=5, fp=1)
    assert policy.threshold in (1 / 6, tuned.metrics["cheapest_threshold"])
    assert [row["threshold"] for row in tuned.metrics["thresholds"]][:2] == [0.5, 1 / 6]


def test_a_tuned_model_is_measured_on_the_clients_that_did_not_tune_it(bundle, tuned):
    assert bundle.metrics["rows_measured"] == bundle.metrics["rows"]
    assert tuned.metrics["rows"] == 600
    assert tuned.metrics["rows_measured"] in {479, 480, 481}
    assert len(tuned.metrics["trees_by_fold"]) == 4


def test_the_model_is_as_large_as_the_folds_found_right_for_their_clients(bundle):
    model = lightgbm.Booster(model_file=str(bundle.folder / "model.txt"))

    assert model.num_trees() == bundle.metrics["trees"] == round(np.mean(bundle.metrics["trees_by_fold"]))


def test_features_that_are_missing_or_the_same_throughout_are_left_out_not_an_error(few):
    few.columns["EXT_SOURCE_1"][:] = 0.5
    few.columns["OWN_CAR_AGE"][:] = np.nan
    few.columns["ORGANIZATION_TYPE"][:] = None

    trained = train(few, candidates(), Plan(KEPT), ignored)

    used = {feature.name for feature in trained.schema.used}
    assert not used & {"EXT_SOURCE_1", "OWN_CAR_AGE", "ORGANIZATION_TYPE"}
    assert len(used) == KEPT
    assert {"EXT_SOURCE_1", "OWN_CAR_AGE", "ORGANIZATION_TYPE"} <= set(trained.schema.names)


def test_more_features_than_there_are_cannot_be_kept(few):
    with pytest.raises(InvalidTables, match=r"960 features are to be kept, but of 967 candidates only \d+ "):
        train(few, candidates(), Plan(kept=960), ignored)
