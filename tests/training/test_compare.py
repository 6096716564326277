"""Six models learn the same rows, and their table says what they reached."""

import json
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.image import imread
from sklearn.metrics import log_loss, roc_auc_score

from credit.cost import Costs, cheapest_threshold, outcome_at
from credit.errors import InvalidSettings, InvalidTables
from features.catalogue import candidates
from training.__main__ import door
from training.comparison import EncodedFold, compare, drawn, encoded_folds
from training.comparison_report import Comparison, write_comparison
from training.contender import Scores
from training.contenders import contenders
from training.plan import Plan
from training.sample import read_sample

NAMES = ["Logistic regression", "Random forest", "LightGBM", "XGBoost", "CatBoost", "Neural network"]


def clients(seed, rows=1200):
    """Encoded rows of which the first column tells the default, and a fifth of all values is missing."""
    rng = np.random.default_rng(seed)
    encoded = rng.normal(size=(rows, 6))
    defaulted = rng.uniform(size=rows) < 1 / (1 + np.exp(2.5 - 2 * encoded[:, 0]))
    encoded[rng.uniform(size=encoded.shape) < 0.2] = np.nan
    return encoded, defaulted


STOPPING = clients(4, rows=150)


@pytest.fixture(scope="module", params=range(len(NAMES)), ids=NAMES)
def contender(request):
    # More threads would wait for each other by spinning, on cores that other tests need.
    return contenders(seed=3, threads=1)[request.param]


@pytest.fixture(scope="module")
def model(contender):
    return contender.fit(clients(1), STOPPING)


def test_each_model_learns_what_can_be_learned(contender, model):
    assert contender.name in NAMES
    unseen, defaulted = clients(2)

    probabilities = model.score(unseen)

    assert probabilities.dtype == np.float64
    assert roc_auc_score(defaulted, probabilities) > 0.74
    assert abs(probabilities.mean() - defaulted.mean()) < 0.06


def test_no_model_learns_what_cannot_be_learned(contender):
    rows, _ = clients(1)
    by_chance = np.random.default_rng(5).uniform(size=len(rows)) < 0.2
    unseen, defaulted = clients(2)

    assert 0.35 < roc_auc_score(defaulted, contender.fit((rows, by_chance), STOPPING).score(unseen)) < 0.65


def test_the_same_rows_and_seed_give_the_same_model(contender, model):
    unseen, _ = clients(2)

    again = contender.fit(clients(1), STOPPING).score(unseen)

    assert (again == model.score(unseen)).all()
    assert len(np.unique(again)) > 20


def test_a_row_scores_the_same_alone_and_in_company(model):
    unseen = clients(2)[0][:20]

    alone = np.concatenate([model.score(unseen[[i]]) for i in range(len(unseen))])

    np.testing.assert_allclose(alone, model.score(unseen), rtol=1e-6)


def test_a_missing_library_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "catboost", None)

    with pytest.raises(InvalidSettings, match="needs catboost, which is not installed: make setup-compare"):
        contenders(seed=0, threads=1)


@dataclass
class Told:
    """Reads the probability from a column; counts what it is fitted on."""

    name: str
    column: int

    def fit(self, learning, stopping):
        assert [rows.shape for rows, _ in (learning, stopping)] == [(4, 2), (2, 2)]
        assert [len(defaulted) for _, defaulted in (learning, stopping)] == [4, 2]
        return Scores(lambda asked: asked[:, self.column])


PROBABILITIES = np.array([[0.05, 0.3], [0.2, 0.1], [0.9, 0.2], [0.1, 0.3], [0.3, 0.6], [0.02, 0.4]] * 2)
DEFAULTED = np.isin(np.arange(12), [2, 7])


def part(rows):
    return PROBABILITIES[rows], DEFAULTED[rows]


@pytest.fixture
def standings():
    rows = [np.arange(0, 12, 2), np.arange(1, 12, 2)]
    folds = [
        EncodedFold(part(inside[:4]), part(inside[4:]), PROBABILITIES[outside], outside)
        for inside, outside in (rows, rows[::-1])
    ]
    done = []
    standings = compare([Told("worse", 1), Told("better", 0)], folds, DEFAULTED, Costs(), done.append)
    assert done == [1, 2, 3, 4]
    return standings


def test_the_best_ranking_stands_first_and_the_numbers_are_those_of_all_held_out_clients(standings):
    assert [standing.name for standing in standings] == ["better", "worse"]
    for standing, probabilities in zip(standings, PROBABILITIES.T, strict=True):
        folds = [slice(1, None, 2), slice(0, None, 2)]
        aucs = [roc_auc_score(DEFAULTED[fold], probabilities[fold]) for fold in folds]
        cheapest = cheapest_threshold(DEFAULTED, probabilities, Costs())
        assert standing.features == 2
        assert standing.aucs == tuple(aucs)
        assert standing.auc == np.mean(aucs)
        assert standing.auc_spread == pytest.approx(abs(aucs[0] - aucs[1]) / np.sqrt(2))
        assert standing.log_loss == pytest.approx(log_loss(DEFAULTED, probabilities))
        assert standing.cheapest == outcome_at(DEFAULTED, probabilities, cheapest, Costs())
        assert standing.theoretical == outcome_at(DEFAULTED, probabilities, 1 / 11, Costs())
    assert standings[0].cheapest.total == 4
    assert standings[0].theoretical.total == 6


def test_what_is_fast_is_measured_as_faster(standings):
    class Slow(Told):
        def fit(self, learning, stopping):
            told = super().fit(learning, stopping)
            return Scores(lambda asked: (np.linalg.svd(np.ones((120, 120))), told.score(asked))[1])

    fold = EncodedFold(part(slice(4)), part(slice(2)), PROBABILITIES, np.arange(12))

    (slow,) = compare([Slow("slow", 0)], [fold, fold], DEFAULTED, Costs(), lambda _: None)

    assert slow.speed.one_row_ms > 10 * standings[0].speed.one_row_ms > 0
    assert slow.speed.rows_per_second < standings[0].speed.rows_per_second / 10


def test_the_report_tells_the_same_in_json_markdown_and_a_chart(standings, tmp_path):
    comparison = Comparison(standings, 12, 2, 2, seed=0, threads=1, load=0.5, costs=Costs())

    write_comparison(comparison, tmp_path / "out")

    body = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert [model["name"] for model in body["models"]] == ["better", "worse"]
    assert [model["auc"] for model in body["models"]] == [standing.auc for standing in standings]
    assert body["models"][0]["theoretical"]["false_positives"] == 6
    assert body["models"][0]["theoretical_cost_per_client"] == 6 / 12
    assert body["cost_per_client_approving_all"] == 20 / 12
    assert body["cost_per_client_refusing_all"] == pytest.approx(10 / 12)
    text = (tmp_path / "out" / "comparison.md").read_text()
    assert f"| better | {standings[0].auc:.4f} |" in text
    assert text.index("| better |") < text.index("| worse |")
    assert "(comparison.png)" in text
    assert "Fitted on 1 thread (" in text
    height, width, _ = imread(tmp_path / "out" / "comparison.png").shape
    assert width > height > 300


@pytest.fixture(scope="module")
def sample(made):
    return read_sample(made.features, candidates())


def test_a_smaller_sample_keeps_the_share_of_defaults_and_is_the_same_again(sample):
    few = drawn(sample, 700, seed=1)

    assert len(few) == 700
    assert abs(few.defaulted.mean() - sample.defaulted.mean()) < 0.002
    assert (few.clients == drawn(sample, 700, seed=1).clients).all()
    assert (few.clients != drawn(sample, 700, seed=2).clients).any()
    assert (np.diff(few.clients) > 0).all()
    assert drawn(sample, 10**6, seed=1) is sample


def test_too_few_defaults_to_compare_on_are_named(sample):
    few = sample.take(
        np.concatenate([np.flatnonzero(~sample.defaulted), np.flatnonzero(sample.defaulted)[:9]])
    )

    with pytest.raises(InvalidTables, match="at least 25 clients of each outcome, and 9 defaulted"):
        next(encoded_folds(candidates(), few, Plan(kept=45)))


def test_every_client_is_held_out_once_and_learned_from_otherwise(sample):
    few = drawn(sample, 600, seed=1)

    folds = list(encoded_folds(candidates(), few, Plan(kept=45)))

    assert sorted(np.concatenate([fold.outside for fold in folds])) == list(range(600))
    for fold in folds:
        parts = [len(rows) for rows in (fold.learning[0], fold.stopping[0], fold.held_out)]
        assert sum(parts) == 600
        assert parts == pytest.approx([432, 48, 120], abs=3)
        assert fold.held_out.shape[1] == fold.stopping[0].shape[1] == 45
        defaults = [fold.learning[1].sum(), fold.stopping[1].sum(), few.defaulted[fold.outside].sum()]
        assert sum(defaults) == few.defaulted.sum()


def test_the_command_writes_the_report_of_all_six(made, tmp_path):
    paths = ["--features", str(made.features), "--out", str(tmp_path / "out")]
    small = ["--sample", "500", "--features-kept", "39", "--threads", "1"]

    done = CliRunner().invoke(door, ["compare", *paths, *small])

    assert done.exit_code == 0, done.output
    body = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert {model["name"] for model in body["models"]} == set(NAMES)
    assert all(len(model["aucs"]) == body["folds"] == 5 for model in body["models"])
    assert body["clients"] == 500
    assert all(f"\n{name} " in done.output for name in NAMES)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "comparison.json",
        "comparison.md",
        "comparison.png",
    }
