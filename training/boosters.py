"""Gradient-boosted trees of three libraries, alike in learning rate, depth, regularisation and early stop."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from credit.errors import InvalidSettings
from runners.scorer import Scorer
from training.contender import Part, Scores
from training.parameters import MAX_TREES, PATIENCE, dataset, fit, parameters

_LEARNING_RATE = 0.04
_DEPTH = 6
_L2 = 20.0
_COLUMNS = 0.4
"""Share of the features that a tree or level chooses from: half the time, for 0.001 of CatBoost's AUC."""


@dataclass(frozen=True)
class LightGbm:
    """The model that `training fit` makes, with the parameters it starts from."""

    seed: int
    threads: int
    name: str = "LightGBM"

    def fit(self, learning: Part, stopping: Part) -> Scorer:
        train = dataset(*learning, [f"f{i}" for i in range(learning[0].shape[1])])
        held_back = train.create_valid(stopping[0], stopping[1].astype(float))
        booster = fit(parameters(self.seed, self.threads), train, MAX_TREES, held_back)
        return Scores(lambda asked: booster.predict(asked, num_threads=1))


class XgBoost:
    """Trees grown level by level. `InvalidSettings` when the library is not installed."""

    name = "XGBoost"

    def __init__(self, seed: int, threads: int) -> None:
        self._classifier = _library("xgboost").XGBClassifier
        self._parameters = {
            "n_estimators": MAX_TREES,
            "learning_rate": _LEARNING_RATE,
            "max_depth": _DEPTH,
            "min_child_weight": 6,
            "subsample": 0.8,
            "colsample_bytree": _COLUMNS,
            "reg_lambda": _L2,
            "tree_method": "hist",
            "early_stopping_rounds": PATIENCE,
            "random_state": seed,
            "n_jobs": threads,
        }

    def fit(self, learning: Part, stopping: Part) -> Scorer:
        model = self._classifier(**self._parameters).fit(*learning, eval_set=[stopping], verbose=False)
        booster = model.get_booster()
        booster.set_param({"nthread": 1})
        trees = (0, model.best_iteration + 1)
        return Scores(lambda asked: booster.inplace_predict(asked, iteration_range=trees))


class CatBoost:
    """Symmetric trees. `InvalidSettings` when the library is not installed."""

    name = "CatBoost"

    def __init__(self, seed: int, threads: int) -> None:
        self._classifier = _library("catboost").CatBoostClassifier
        self._parameters = {
            "iterations": MAX_TREES,
            "learning_rate": _LEARNING_RATE,
            "depth": _DEPTH,
            "l2_leaf_reg": _L2,
            "rsm": _COLUMNS,
            "od_type": "Iter",
            "od_wait": PATIENCE,
            "random_seed": seed,
            "thread_count": threads,
            "allow_writing_files": False,
            "logging_level": "Silent",
        }

    def fit(self, learning: Part, stopping: Part) -> Scorer:
        model = self._classifier(**self._parameters).fit(*learning, eval_set=stopping)
        return Scores(lambda asked: model.predict_proba(asked, thread_count=1)[:, 1])


def _library(name: str) -> Any:
    """A library that only the comparison needs, and that a trainer's machine may lack."""
    try:
        return import_module(name)
    except ImportError as error:
        raise InvalidSettings(
            f"the comparison needs {name}, which is not installed: make setup-compare"
        ) from error
