"""Trials find parameters, without a look at the clients that are measured."""

from dataclasses import replace

import pytest
from sklearn.metrics import log_loss

from features.catalogue import candidates
from training.cross_validation import TUNING_FOLD, fold_encoder, out_of_fold
from training.folds import folds
from training.parameters import DEFAULTS, MAX_TREES, dataset, fit
from training.plan import Plan
from training.tuning import tune

PLAN = Plan(kept=45, threads=1, seed=3)
TRIALS = 8


@pytest.fixture(scope="module")
def tuned(sample):
    told = []
    return tune(sample, candidates(), PLAN, TRIALS, told.append), told


def test_every_trial_moves_the_bar(tuned):
    assert tuned[1] == [trial / TRIALS for trial in range(1, TRIALS + 1)]


def test_the_defaults_are_the_first_trial_and_the_best_is_no_worse(tuned):
    found, _ = tuned

    assert found.trials == TRIALS
    assert found.log_loss <= found.default_log_loss
    assert found.parameters.keys() < DEFAULTS.keys()


def test_the_best_trials_log_loss_is_what_its_parameters_reach_on_the_tuning_fold(tuned, sample):
    found, _ = tuned
    inside, outside = folds(sample.clients, sample.defaulted, PLAN.seed)[TUNING_FOLD]
    training, judging = sample.take(inside), sample.take(outside)
    encoder = fold_encoder(candidates(), training, PLAN)
    names = [feature.name for feature in encoder.schema.used]
    train = dataset(encoder.encode_columns(training.columns), training.defaulted, names)
    rows = encoder.encode_columns(judging.columns)

    settings = replace(PLAN, tuned=found).settings
    booster = fit(settings, train, MAX_TREES, train.create_valid(rows, judging.defaulted.astype(float)))

    assert log_loss(judging.defaulted, booster.predict(rows)) == pytest.approx(found.log_loss, abs=1e-9)


def test_the_fold_that_judged_the_trials_is_not_measured(tuned, few):
    _, judging = folds(few.clients, few.defaulted, PLAN.seed)[TUNING_FOLD]

    plain = out_of_fold(candidates(), few, PLAN, lambda _: None)
    after = out_of_fold(candidates(), few, replace(PLAN, tuned=tuned[0]), lambda _: None)

    assert list(plain.rows) == list(range(len(few)))
    assert set(after.rows) == set(range(len(few))) - set(judging)
    assert (len(plain.trees), len(after.trees)) == (5, 4)


def test_the_tuned_parameters_are_what_lightgbm_is_told(tuned):
    settings = replace(PLAN, tuned=tuned[0]).settings

    assert settings.items() >= tuned[0].parameters.items()
    assert settings["seed"] == 3
    assert settings["objective"] == "binary"
    assert "is_unbalance" not in settings
    assert "scale_pos_weight" not in settings
