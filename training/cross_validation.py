"""Probabilities of clients that the model had not seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from credit.cost import Probabilities
from features.encoder import Encoder
from features.schema import Feature, ordered
from training.folds import FOLDS, Positions, folds, hold_back
from training.learned import learn, usable
from training.parameters import MAX_TREES, Booster, dataset, fit
from training.plan import Plan
from training.sample import Sample
from training.selection import select

TUNING_FOLD = 0
"""Its clients judge the trials of a tuning; a tuned model is measured on the others alone."""


@dataclass(frozen=True)
class OutOfFold:
    """Clients' probabilities by models that never met them."""

    rows: Positions
    """Positions of the measured clients in the sample, ascending."""
    probabilities: Probabilities
    """One for each of `rows`."""
    trees: tuple[int, ...]
    """In each fold, the trees that gave the lowest log-loss on clients held back from its training."""

    @property
    def trees_for_all(self) -> int:
        """The trees of a model of the whole sample, as many as in a fold.

        More clients to learn from hardly bear more: ten times as many, about half as many again.
        """
        return round(float(np.mean(self.trees)))


def out_of_fold(
    candidates: Sequence[Feature], sample: Sample, plan: Plan, report: Callable[[float], None]
) -> OutOfFold:
    """Cross-validated probabilities of the whole way from candidates to a model.

    Each fold learns its own category codes, selects its own features and finds its own number of trees:
    the clients it scores have no part in any of them. Where parameters were tuned, the fold that judged
    the trials is learned from but not measured.
    """
    probabilities = np.full(len(sample), np.nan)
    trees = []
    splits = folds(sample.clients, sample.defaulted, plan.seed)
    measured = [fold for fold in range(FOLDS) if plan.tuned is None or fold != TUNING_FOLD]
    for done, fold in enumerate(measured, start=1):
        inside, outside = splits[fold]
        encoder, booster = _model(candidates, sample.take(inside), plan, fold)
        held_out = encoder.encode_columns(sample.take(outside).columns)
        probabilities[outside] = np.asarray(booster.predict(held_out))
        trees.append(booster.best_iteration)
        report(done / len(measured))
    rows = np.flatnonzero(np.isfinite(probabilities))
    return OutOfFold(rows, probabilities[rows], tuple(trees))


def fold_encoder(candidates: Sequence[Feature], training: Sample, plan: Plan) -> Encoder:
    """The encoder of the features that *training* alone suggests, with its codes."""
    learned = learn(candidates, training)
    names = select(usable(learned), training, plan.kept, plan.seed, plan.threads)
    return Encoder(ordered(learned, names))


def _model(candidates: Sequence[Feature], training: Sample, plan: Plan, fold: int) -> tuple[Encoder, Booster]:
    """A model of most of *training* that stops when the rest of it gains no more.

    Had the rest a part in codes or selection, it would see a gain where there is none, and stop too late.
    """
    inside, outside = hold_back(training.clients, training.defaulted, plan.seed, fold)
    learning, stopping = training.take(inside), training.take(outside)
    encoder = fold_encoder(candidates, learning, plan)
    names = [feature.name for feature in encoder.schema.used]
    train = dataset(encoder.encode_columns(learning.columns), learning.defaulted, names)
    rows = encoder.encode_columns(stopping.columns)
    held_back = train.create_valid(rows, stopping.defaulted.astype(float))
    return encoder, fit(plan.settings, train, MAX_TREES, held_back)
