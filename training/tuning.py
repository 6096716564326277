"""Trying parameters out."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import optuna

from features.schema import Feature
from training.cross_validation import TUNING_FOLD, fold_encoder
from training.folds import folds
from training.parameters import DEFAULTS, MAX_TREES, Callback, dataset, fit
from training.plan import Plan, Tuned
from training.sample import Sample

if TYPE_CHECKING:
    from lightgbm.callback import CallbackEnv

_TUNED = ("num_leaves", "min_data_in_leaf", "feature_fraction", "bagging_fraction", "lambda_l1", "lambda_l2")
"""The learning rate stays: a lower one is always a little better and always slower."""
_ASKED = 20
"""Trees between two questions whether a trial is worth going on with."""
_FULL_TRIALS = 5
"""Trials that run to their end before others are compared with them."""


def tune(
    sample: Sample,
    candidates: Sequence[Feature],
    plan: Plan,
    trials: int,
    report: Callable[[float], None],
) -> Tuned:
    """The best of *trials* parameter sets, the defaults being the first of them.

    All are judged by their log-loss on one fold, which also says when each stops; `out_of_fold` leaves
    that fold out of what it measures, so that no measured client has chosen parameters.
    """
    inside, outside = folds(sample.clients, sample.defaulted, plan.seed)[TUNING_FOLD]
    trial_ground = _Ground(candidates, sample.take(inside), sample.take(outside), plan)
    study = _study(plan.seed)
    study.optimize(
        trial_ground.log_loss,
        n_trials=trials,
        callbacks=[lambda study, _: report(len(study.trials) / trials)],
    )
    given_up = optuna.trial.TrialState.PRUNED
    return Tuned(
        parameters=dict(study.best_params),
        trials=trials,
        stopped_early=sum(trial.state is given_up for trial in study.trials),
        log_loss=float(study.best_value),
        default_log_loss=float(study.trials[0].values[0]),
    )


def _study(seed: int) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_FULL_TRIALS, n_warmup_steps=2 * _ASKED),
    )
    study.enqueue_trial({name: DEFAULTS[name] for name in _TUNED})
    return study


class _Ground:
    """The rows that every trial learns from and is judged on."""

    def __init__(self, candidates: Sequence[Feature], training: Sample, judging: Sample, plan: Plan) -> None:
        encoder = fold_encoder(candidates, training, plan)
        self._names = [feature.name for feature in encoder.schema.used]
        self._rows = encoder.encode_columns(training.columns)
        self._defaulted = training.defaulted
        self._judging = encoder.encode_columns(judging.columns)
        self._judged = judging.defaulted.astype(float)
        self._settings = plan.settings

    def log_loss(self, trial: optuna.Trial) -> float:
        """The lowest log-loss that the trial's parameters reach."""
        train = dataset(self._rows, self._defaulted, self._names)
        held_out = train.create_valid(self._judging, self._judged)
        settings = {**self._settings, **_suggested(trial)}
        booster = fit(settings, train, MAX_TREES, held_out, (_giving_up(trial),))
        return float(booster.best_score["valid_0"]["binary_logloss"])


def _suggested(trial: optuna.Trial) -> dict[str, Any]:
    return {
        "num_leaves": trial.suggest_int("num_leaves", 7, 63, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 20, 300, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.1, 0.9),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.5, 1.0),
        "lambda_l1": trial.suggest_float("lambda_l1", 0.0, 10.0),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.1, 100.0, log=True),
    }


def _giving_up(trial: optuna.Trial) -> Callback:
    """Ends a trial that is worse than the median of the others after as many trees."""

    def look(training: "CallbackEnv") -> None:
        if training.iteration % _ASKED or not training.evaluation_result_list:
            return
        trial.report(training.evaluation_result_list[0][2], training.iteration)
        if trial.should_prune():
            raise optuna.TrialPruned

    return look
