"""A bundle tells what was measured: in numbers, in pictures, in words."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread

from features.catalogue import candidates
from monitoring.drift.reference import Reference
from runners.bundle import Bundle
from training.bundle_files import write_bundle
from training.card import model_card
from training.fit import train
from training.measured import measured
from training.plan import Plan, Tuned
from training.threshold import choose_threshold

FIGURES = ["calibration", "cost", "importance", "precision_recall", "roc", "shap"]
FILES = {
    *("model.txt", "schema.json", "policy.json", "metrics.json", "MODEL_CARD.md", "figures"),
    *("reference.json", "reference.bin"),
}


@pytest.fixture(scope="module")
def trained(sample):
    few = sample.take(np.arange(600))
    return train(few, candidates(), Plan(kept=45, threads=1), lambda _: None)


@pytest.fixture(scope="module")
def bundle(made):
    return Bundle.open(made.bundle)


@pytest.fixture(scope="module")
def card(bundle):
    return (bundle.folder / "MODEL_CARD.md").read_text()


def numbers(value):
    """Every number in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for part in value for number in numbers(part)]
    return [value] if isinstance(value, int | float) else []


def test_writing_a_bundle_again_replaces_it_whole(trained, tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "certificate.json").write_text("of the old model")

    write_bundle(trained, folder)

    assert {path.name for path in folder.iterdir()} == FILES
    assert sorted(path.stem for path in (folder / "figures").iterdir()) == FIGURES
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert json.loads((folder / "metrics.json").read_text()) == measured(trained)


def test_the_training_rows_are_frozen_beside_the_model(trained, tmp_path):
    write_bundle(trained, tmp_path / "bundle")
    import whylogs

    found = Reference.read(tmp_path / "bundle")

    assert found.rows == 600
    assert found.default_rate == trained.sample.defaulted.mean()
    for one in found.features:
        assert one.tally == one.bins.tally(trained.sample.columns[one.name])
    assert found.probability.tally == found.probability.bins.tally(trained.evidence.probabilities)
    assert [one.name for one in found.features[:3]] == [n for n, _ in trained.explanation.most_important(3)]
    seen = whylogs.read(str(tmp_path / "bundle" / "reference.bin")).view().get_column("DAYS_BIRTH")
    assert seen.get_metric("counts").n.value == 600
    assert seen.get_metric("distribution").min == trained.sample.columns["DAYS_BIRTH"].min()


def test_every_number_measured_is_a_number(bundle):
    assert len(numbers(bundle.metrics)) > 60
    assert all(math.isfinite(number) for number in numbers(bundle.metrics))


def test_the_metrics_agree_with_each_other(bundle):
    metrics = bundle.metrics
    half, theory, cheapest = metrics["thresholds"]

    assert metrics["gini"] == pytest.approx(2 * metrics["auc"] - 1)
    assert 0.65 < metrics["auc"] < 0.9
    assert metrics["calibration_error"] < 0.05
    assert (half["threshold"], theory["threshold"]) == (0.5, 1 / 11)
    assert cheapest["threshold"] == metrics["cheapest_threshold"]
    assert cheapest["cost"] <= min(half["cost"], theory["cost"])
    assert theory["cost"] == 10 * theory["false_negatives"] + theory["false_positives"]
    assert metrics["threshold"] == bundle.policy.threshold
    assert metrics["model_bytes"] == (bundle.folder / "model.txt").stat().st_size
    assert metrics["recall"] == pytest.approx(1 - _missed(metrics) / metrics["defaults"])


def _missed(metrics):
    return next(
        row["false_negatives"] for row in metrics["thresholds"] if row["threshold"] == metrics["threshold"]
    )


def test_fairness_counts_everybody_once(bundle):
    for groups in (bundle.metrics["fairness"]["sex"]["groups"], bundle.metrics["fairness"]["age"]["groups"]):
        assert sum(group["clients"] for group in groups.values()) == bundle.metrics["rows_measured"]
        approved = sum(group["clients"] * group["approval_rate"] for group in groups.values())
        assert approved / bundle.metrics["rows_measured"] == pytest.approx(bundle.metrics["approval_rate"])


def test_the_figures_are_pictures_that_show_something(bundle):
    for name in FIGURES:
        picture = imread(bundle.folder / "figures" / f"{name}.png")
        assert min(picture.shape[:2]) > 400, name
        assert (picture[..., :3].min(axis=2) < 0.5).mean() > 0.005, name


def test_the_card_shows_what_was_measured(bundle, card):
    metrics = bundle.metrics
    for name, value in (("AUC", metrics["auc"]), ("KS", metrics["ks"]), ("recall", metrics["recall"])):
        assert f"| {name} | {value:.4f} |" in card
    for row in metrics["thresholds"]:
        counts = f"{row['false_negatives']:,} | {row['false_positives']:,} | {row['cost']:,.0f}"
        assert f"| {row['threshold']:.4f} | {counts} |" in card
    for group, outcome in metrics["fairness"]["age"]["groups"].items():
        assert f"| {group} | {outcome['clients']:,} | {outcome['default_rate']:.4f} |" in card
    assert f"`{bundle.policy.version}`" in card


def test_the_card_says_what_target_is_and_who_is_missing(card):
    text = " ".join(card.split())

    assert "late by more than X days on at least one of the first Y instalments" in text
    assert "not the regulator's default of 90 days past due within 12 months" in text
    assert "Clients who were refused have none" in text
    assert "Sex is recorded to measure this and is not a model input" in text
    assert "No parameters were tuned" in text


def test_the_card_links_every_figure_and_no_other(bundle, card):
    linked = re.findall(r"\]\((.+?)\)", card)

    assert sorted(linked) == [f"figures/{name}.png" for name in FIGURES]
    assert all((bundle.folder / link).is_file() for link in linked)


def test_the_card_of_a_tuned_model_says_which_clients_tuned_it(trained):
    tuned = Tuned({"num_leaves": 9}, trials=30, stopped_early=4, log_loss=0.2345, default_log_loss=0.2351)

    text = " ".join(model_card(replace(trained, plan=replace(trained.plan, tuned=tuned))).split())

    assert "tuned in 30 trials, 4 of them given up early" in text
    assert "(0.23510 with the defaults, 0.23450 with the best)" in text
    assert "That fold is left out of every number below" in text
    assert "No parameters were tuned" not in text


def test_the_card_says_why_a_threshold_was_taken(trained):
    evidence, costs = trained.evidence, trained.policy.costs
    overrated = choose_threshold(evidence.defaulted, np.sqrt(evidence.probabilities), costs, seed=0)
    contradicted = replace(
        trained, choice=overrated, policy=replace(trained.policy, threshold=overrated.threshold)
    )

    assert "since the data contradict the theoretical one" in " ".join(model_card(contradicted).split())


def test_where_nobody_is_refused_the_precision_is_null_and_the_card_says_none(trained):
    nobody = replace(trained, metrics=replace(trained.metrics, precision=None))

    assert measured(nobody)["precision"] is None
    assert "| precision | none |" in model_card(nobody)
