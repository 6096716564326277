"""How LightGBM is told to learn."""

import os
from collections.abc import Callable, Sequence
from typing import Any

# Before LightGBM loads OpenMP, so training imports LightGBM here alone: threads that spin while they wait
# train ten times slower on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import lightgbm
import numpy as np
from lightgbm.callback import CallbackEnv

from credit.cost import Labels
from features.encoder import Rows

DEFAULTS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 15,
    "min_data_in_leaf": 80,
    "feature_fraction": 0.15,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l1": 0.0,
    "lambda_l2": 20.0,
    "max_bin": 255,
}
"""No class weights: the probability must be calibrated."""

MAX_TREES = 2_000
PATIENCE = 50


Booster = lightgbm.Booster
Callback = Callable[[CallbackEnv], None]


def parameters(seed: int, threads: int) -> dict[str, Any]:
    """The default parameters; the same *seed* and *threads* give the same trees."""
    return {
        **DEFAULTS,
        "seed": seed,
        "num_threads": threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


def dataset(rows: Rows, defaulted: Labels, names: Sequence[str]) -> lightgbm.Dataset:
    """Rows as LightGBM bins them. Category codes are ordered by risk, so they are split like numbers."""
    label = defaulted.astype(np.float64)
    return lightgbm.Dataset(rows, label, feature_name=list(names), params={"verbosity": -1})


def fit(
    settings: dict[str, Any],
    train: lightgbm.Dataset,
    trees: int,
    held_out: lightgbm.Dataset | None = None,
    callbacks: Sequence[Callback] = (),
) -> Booster:
    """A booster of *trees* trees, or of as many as lower the log-loss of *held_out*."""
    if held_out is None:
        return lightgbm.train(settings, train, num_boost_round=trees)
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    return lightgbm.train(
        settings, train, num_boost_round=trees, valid_sets=[held_out], callbacks=[*callbacks, stop]
    )
