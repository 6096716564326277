"""Deliberately wrong converters: the comparison a certificate rests on must catch every one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conversion.capture import capture
from conversion.columns import Column, numeric_tests
from conversion.forest import Forest, corrected
from conversion.graph import build
from conversion.objective import Link, Objective
from conversion.plain_text import plain_text
from conversion.text_model import TextModel
from conversion.tree import Missing
from runners.certificate import MAX_DIFFERENCE
from tests.conversion.made_models import trained
from tests.conversion.proof import compared

pytestmark = pytest.mark.no_cover  # what it runs, other tests run; measured along, it takes twice as long
Mutation = Callable[[Forest, np.random.Generator], Forest]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("mutants") / "model.txt")


@pytest.fixture(scope="module")
def forest(model: Path) -> Forest:
    text = TextModel.read(model)
    return corrected(capture(plain_text(text)), text)


def _changed(values: np.ndarray, place: int | np.ndarray, value: object) -> np.ndarray:
    copy = values.copy()
    copy[place] = value
    return copy


def _a_numeric_split(forest: Forest, rng: np.random.Generator) -> int:
    return int(rng.choice(np.flatnonzero(~forest.is_category)))


def float32_thresholds(forest: Forest, rng: np.random.Generator) -> Forest:
    return replace(forest, thresholds=forest.thresholds.astype(np.float32).astype(np.float64))


def less_for_less_or_equal(forest: Forest, rng: np.random.Generator) -> Forest:
    return replace(forest, thresholds=np.nextafter(forest.thresholds, -np.inf))


def one_threshold_an_ulp_too_low(forest: Forest, rng: np.random.Generator) -> Forest:
    split = _a_numeric_split(forest, rng)
    lower = np.nextafter(forest.thresholds[split], -np.inf)
    return replace(forest, thresholds=_changed(forest.thresholds, split, lower))


def one_threshold_an_ulp_too_high(forest: Forest, rng: np.random.Generator) -> Forest:
    split = _a_numeric_split(forest, rng)
    higher = np.nextafter(forest.thresholds[split], np.inf)
    return replace(forest, thresholds=_changed(forest.thresholds, split, higher))


def one_threshold_in_float32(forest: Forest, rng: np.random.Generator) -> Forest:
    split = _a_numeric_split(forest, rng)
    narrow = float(np.float32(forest.thresholds[split]))
    return replace(forest, thresholds=_changed(forest.thresholds, split, narrow))


def one_wrong_default_direction(forest: Forest, rng: np.random.Generator) -> Forest:
    split = int(rng.choice(_roots_of(forest, category=False)))
    was_left = numeric_tests(forest).columns[split] in (Column.LEFT, Column.ZERO_LEFT)
    return replace(
        forest,
        default_left=_changed(forest.default_left, split, not was_left),
        missing=_changed(forest.missing, split, Missing.NAN),
    )


def a_dropped_tree(forest: Forest, rng: np.random.Generator) -> Forest:
    return replace(forest, roots=np.delete(forest.roots, rng.integers(len(forest.roots))))


def two_swapped_leaves(forest: Forest, rng: np.random.Generator) -> Forest:
    tree = rng.integers(forest.leaf_trees.max() + 1)
    pair = rng.choice(np.flatnonzero(forest.leaf_trees == tree), 2, replace=False)
    return replace(forest, leaves=_changed(forest.leaves, pair, forest.leaves[pair[::-1]]))


def one_category_missing(forest: Forest, rng: np.random.Generator) -> Forest:
    split = int(rng.choice([s for s in np.flatnonzero(forest.is_category) if len(forest.sets[s]) > 1]))
    sets = list(forest.sets)
    sets[split] = np.delete(sets[split], rng.integers(len(sets[split])))
    return replace(forest, sets=tuple(sets))


def one_category_too_many(forest: Forest, rng: np.random.Generator) -> Forest:
    split = int(rng.choice(_roots_of(forest, category=True)))
    outside = np.setdiff1d(np.arange(40), forest.sets[split])
    sets = list(forest.sets)
    sets[split] = np.union1d(sets[split], outside[:1])
    return replace(forest, sets=tuple(sets))


def leaves_in_float32(forest: Forest, rng: np.random.Generator) -> Forest:
    return replace(forest, leaves=forest.leaves.astype(np.float32).astype(np.float64))


def _roots_of(forest: Forest, *, category: bool) -> np.ndarray:
    """Roots, which every row reaches: below, another split on the same feature may already have decided."""
    return np.asarray(forest.roots[forest.is_category[forest.roots] == category])


MUTATIONS: tuple[Mutation, ...] = (
    float32_thresholds, less_for_less_or_equal, one_threshold_an_ulp_too_low, one_threshold_an_ulp_too_high,
    one_threshold_in_float32, one_wrong_default_direction, a_dropped_tree, two_swapped_leaves,
    one_category_missing, one_category_too_many, leaves_in_float32,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_wrong_forest_is_caught(mutation: Mutation, seed: int, forest: Forest, model: Path) -> None:
    text = TextModel.read(model)
    wrong = mutation(forest, np.random.default_rng(seed))

    onnx = build(wrong, Objective.of(text), text, {}).SerializeToString()

    assert compared(model, onnx).max_difference > MAX_DIFFERENCE


@pytest.mark.parametrize(
    "objective", [Objective("binary", Link.SIGMOID, 1.000001), Objective("x", Link.IDENTITY)]
)
def test_a_wrong_sigmoid_is_caught(objective: Objective, forest: Forest, model: Path) -> None:
    text = TextModel.read(model)

    onnx = build(forest, objective, text, {}).SerializeToString()

    assert compared(model, onnx).max_difference > MAX_DIFFERENCE


def test_the_right_forest_is_not_caught(forest: Forest, model: Path) -> None:
    text = TextModel.read(model)

    onnx = build(forest, Objective.of(text), text, {}).SerializeToString()

    assert compared(model, onnx).max_difference <= MAX_DIFFERENCE
