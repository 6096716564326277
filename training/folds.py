"""Probabilities of clients that the model had not seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedKFold

from credit.cost import Probabilities
from features.encoder import Encoder, Rows
from features.schema import Feature, FeatureSchema, ordered
from training.learned import learn
from training.parameters import MAX_TREES, dataset, fit, parameters
from training.sample import Sample

FOLDS = 5


@dataclass(frozen=True)
class OutOfFold:
    """Each client's probability by the model that was trained without it, and the trees that took."""

    probabilities: Probabilities
    trees: int
    """Mean over the folds of the trees that gave the lowest log-loss."""


def out_of_fold(
    candidates: Sequence[Feature],
    names: Sequence[str],
    sample: Sample,
    seed: int,
    threads: int,
    report: Callable[[float], None],
) -> OutOfFold:
    """Cross-validated probabilities of a model on *names*.

    Each fold learns its own category codes: those of the whole sample would carry its labels over.
    """
    probabilities = np.empty(len(sample))
    trees = []
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(sample.clients, sample.defaulted)
    for done, (inside, outside) in enumerate(folds, start=1):
        training, held_out = sample.take(inside), sample.take(outside)
        encoder = Encoder(ordered(learn(candidates, training), names))
        train = dataset(encoder.encode_columns(training.columns), training.defaulted, names)
        rows = encoder.encode_columns(held_out.columns)
        booster = fit(
            parameters(seed, threads),
            train,
            MAX_TREES,
            train.create_valid(rows, held_out.defaulted.astype(float)),
        )
        probabilities[outside] = np.asarray(booster.predict(rows))
        trees.append(booster.best_iteration)
        report(done / FOLDS)
    return OutOfFold(probabilities, max(1, round(float(np.mean(trees)))))


def encoded(schema: FeatureSchema, sample: Sample) -> Rows:
    """The sample as the model of *schema* sees it."""
    return Encoder(schema).encode_columns(sample.columns)
