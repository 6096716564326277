"""The six models that are compared, with sound parameters and none of them tuned."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from runners.scorer import Scorer
from training.boosters import CatBoost, LightGbm, XgBoost
from training.contender import Contender, Part, Scores

_EPOCHS = 100
_PATIENCE = 5


def contenders(seed: int, threads: int) -> tuple[Contender, ...]:
    """All six; `InvalidSettings` when a library that only the comparison needs is not installed."""
    return (
        LogisticModel(seed),
        Forest(seed, threads),
        LightGbm(seed, threads),
        XgBoost(seed, threads),
        CatBoost(seed, threads),
        NeuralNetwork(seed),
    )


@dataclass(frozen=True)
class LogisticModel:
    """A linear model on imputed and scaled rows."""

    seed: int
    name: str = "Logistic regression"

    def fit(self, learning: Part, stopping: Part) -> Scorer:
        model = make_pipeline(_prepared(), LogisticRegression(C=0.01, max_iter=1000, random_state=self.seed))
        model.fit(*_joined(learning, stopping))
        return Scores(lambda asked: model.predict_proba(asked)[:, 1])


@dataclass(frozen=True)
class Forest:
    """A random forest; its trees treat missing values themselves."""

    seed: int
    threads: int
    name: str = "Random forest"

    def fit(self, learning: Part, stopping: Part) -> Scorer:
        forest = RandomForestClassifier(
            300, min_samples_leaf=20, n_jobs=self.threads, random_state=self.seed
        ).fit(*_joined(learning, stopping))
        forest.set_params(n_jobs=1)
        return Scores(lambda asked: forest.predict_proba(asked)[:, 1])


@dataclass(frozen=True)
class NeuralNetwork:
    """A multilayer perceptron on imputed and scaled rows, stopped by log-loss as the boosters are."""

    seed: int
    name: str = "Neural network"
    layers: tuple[int, ...] = field(default=(64, 32))

    def fit(self, learning: Part, stopping: Part) -> Scorer:
        prepared = _prepared().fit(learning[0])
        parts = [(prepared.transform(rows), defaulted) for rows, defaulted in (learning, stopping)]
        network = self._learn(*parts)
        return Scores(lambda asked: network.predict_proba(prepared.transform(asked))[:, 1])

    def _learn(self, learning: Part, stopping: Part) -> Any:
        """The network of the epoch with the lowest log-loss.

        scikit-learn's own early stop looks at accuracy, which refusing nobody maximises here.
        """
        network = MLPClassifier(self.layers, alpha=5.0, learning_rate_init=1e-3, random_state=self.seed)
        losses: list[float] = []
        best = network
        while len(losses) < _EPOCHS and _falling(losses):
            network.partial_fit(*learning, classes=[False, True])
            losses.append(log_loss(stopping[1], network.predict_proba(stopping[0])[:, 1]))
            if losses[-1] == min(losses):
                best = deepcopy(network)
        return best


def _joined(learning: Part, stopping: Part) -> Part:
    return np.concatenate([learning[0], stopping[0]]), np.concatenate([learning[1], stopping[1]])


def _falling(losses: list[float]) -> bool:
    """Whether the lowest loss so far is a recent one."""
    return not losses or min(losses[-_PATIENCE:]) == min(losses)


def _prepared() -> Pipeline:
    """Missing values become the median and a mark; every column gets mean 0 and variance 1."""
    return make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
