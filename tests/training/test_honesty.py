"""What is measured holds for clients the model has not met."""

from dataclasses import replace

import lightgbm
import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from features.catalogue import candidates
from features.encoder import Encoder
from features.schema import ordered
from runners.bundle import Bundle
from training.cross_validation import out_of_fold
from training.folds import folds
from training.learned import learn, usable
from training.parameters import dataset, fit
from training.plan import Plan
from training.sample import read_sample
from training.selection import select

PLAN = Plan(kept=60, threads=1)


@pytest.fixture(scope="module")
def drawn_lots(sample):
    """The clients with each other's labels: nothing can be learned."""
    return replace(sample, defaulted=np.random.default_rng(0).permutation(sample.defaulted))


def test_labels_that_mean_nothing_are_not_predicted(drawn_lots):
    held_out = out_of_fold(candidates(), drawn_lots, PLAN, lambda _: None)

    assert abs(roc_auc_score(drawn_lots.defaulted, held_out.probabilities) - 0.5) < 0.06
    assert held_out.trees_for_all < 100


def test_selecting_on_the_clients_that_are_scored_would_seem_to_predict_them(drawn_lots):
    """The twin: the same clients and folds, but features and codes that have seen all labels."""
    learned = learn(candidates(), drawn_lots)
    names = select(usable(learned), drawn_lots, PLAN.kept, PLAN.seed, PLAN.threads)
    rows = Encoder(ordered(learned, names)).encode_columns(drawn_lots.columns)
    probabilities = np.empty(len(rows))
    for inside, outside in folds(drawn_lots.clients, drawn_lots.defaulted, PLAN.seed):
        train = dataset(rows[inside], drawn_lots.defaulted[inside], names)
        probabilities[outside] = fit(PLAN.settings, train, 60).predict(rows[outside])

    assert roc_auc_score(drawn_lots.defaulted, probabilities) > 0.57


@pytest.fixture(scope="module")
def fresh(made, tmp_path_factory):
    """Other made-up clients, of another seed, with their true probability of default."""
    folder = tmp_path_factory.mktemp("fresh")
    raw, features = str(folder / "raw"), folder / "features.parquet"
    made.run("features", "synth", "--clients", "3000", "--seed", "11", "--true-pd", "--out", raw)
    made.run("features", "build", "--raw", raw, "--out", str(features))
    truth = pq.read_table(folder / "raw" / "true_pd.parquet")
    by_client = dict(zip(*(column.to_pylist() for column in truth.columns[:2]), strict=True))
    clients = read_sample(features, candidates())
    return clients, np.array([by_client[client] for client in clients.clients.tolist()])


def test_fresh_clients_are_ranked_and_calibrated_as_the_measurement_says(made, fresh):
    bundle = Bundle.open(made.bundle)
    clients, truth = fresh
    model = lightgbm.Booster(model_file=str(bundle.folder / "model.txt"))

    probabilities = model.predict(Encoder(bundle.schema).encode_columns(clients.columns))

    # Two thousand clients to learn from leave a standard error of 0.02 in the measurement itself.
    measured = bundle.metrics["auc"]
    assert roc_auc_score(clients.defaulted, probabilities) == pytest.approx(measured, abs=0.05)
    assert measured < roc_auc_score(clients.defaulted, truth)
    bins = np.array_split(np.argsort(probabilities), 10)
    gaps = [abs(probabilities[rows].mean() - truth[rows].mean()) for rows in bins]
    assert np.mean(gaps) < 0.02
