"""LightGBM models for these tests: trained ones, and texts no training would write but LightGBM reads."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from conversion.columns import BELOW_TINY, TINY
from conversion.tree import CATEGORICAL, DEFAULT_LEFT, WORD_BITS, Tree

THRESHOLDS = np.array(
    [
        np.inf, -np.inf, 0.0, -0.0, TINY, -TINY, BELOW_TINY, 1e-35, -1e-35, 5e-324, -5e-324, 1e300, -1e300,
        1.5e308, -1.5e308, 0.1, float(np.float32(0.1)), 1.0, -1.0, 2.5, -3.25, 1e9, 123456789.123456789,
    ]
)  # fmt: skip


def trained(
    path: Path,
    *,
    categories: Sequence[int] = (3, 4),
    missing: float = 0.1,
    zeros: float = 0.0,
    scale: float = 1.0,
    codes: int = 40,
    **settings: Any,
) -> Path:
    """A booster of 20 trees on 6 made-up features, saved in *path*."""
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(2_000, 6))
    for feature in categories:
        rows[:, feature] = rng.integers(0, codes, len(rows))
    rows[rng.random(rows.shape) < zeros] = 0.0
    signal = rows[:, 0] + np.sin(rows[:, 1]) + rows[:, 3] % 3 + rng.normal(size=len(rows)) * 0.3
    rows[rng.random(rows.shape) < missing] = np.nan
    rows[:, [feature for feature in range(6) if feature not in categories]] *= scale
    target = _target(str(settings.get("objective", "binary")), signal)
    options = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_per_group": 10, **settings}
    if options["objective"] == "custom":
        options["objective"] = _squares
    data = lightgbm.Dataset(rows, target, group=[50] * 40, categorical_feature=list(categories))
    lightgbm.train(options, data, num_boost_round=20).save_model(path)
    return path


def _squares(answers: np.ndarray, data: lightgbm.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """A custom objective: squared errors, of each class for itself where there are several."""
    target = np.asarray(data.get_label())
    wanted = target if answers.ndim == 1 else target[:, None] > np.arange(answers.shape[1])
    return answers - wanted, np.ones_like(answers)


def _target(objective: str, signal: np.ndarray) -> np.ndarray:
    if objective in ("binary", "cross_entropy"):
        return np.asarray(signal > 1, dtype=np.float64)
    if "rank" in objective or objective.startswith("multiclass"):
        return np.asarray(np.digitize(signal, [0.5, 1.5]), dtype=np.float64)
    return np.asarray(np.exp(signal)) if objective in ("poisson", "gamma", "tweedie") else signal


def random_tree(rng: np.random.Generator, width: int, leaves: int, categorical: Sequence[int] = ()) -> Tree:
    """A tree of any shape, with every kind of split, of missing value and of default direction."""
    left, right = _shape(rng, leaves)
    features = rng.integers(0, width, leaves - 1)
    is_category = np.isin(features, categorical)
    sets = tuple(_some_categories(rng) for _ in range(int(is_category.sum())))
    thresholds = np.where(
        rng.random(leaves - 1) < 0.5, rng.choice(THRESHOLDS, leaves - 1), rng.normal(size=leaves - 1)
    )
    thresholds[is_category] = np.arange(len(sets))
    numeric = rng.integers(0, 2, leaves - 1) * DEFAULT_LEFT + rng.integers(0, 3, leaves - 1) * 4
    decisions = np.where(is_category, CATEGORICAL + rng.integers(0, 3, leaves - 1) * 4, numeric)
    return Tree(features, thresholds, decisions, left, right, rng.normal(size=leaves), sets)


def _shape(rng: np.random.Generator, leaves: int) -> tuple[np.ndarray, np.ndarray]:
    """Children as LightGBM numbers them: split *n* cuts a random leaf in two."""
    children = np.zeros((max(leaves - 1, 0), 2), dtype=np.int64)
    places: list[tuple[int, int] | None] = [None]
    for split in range(leaves - 1):
        cut = int(rng.integers(0, len(places)))
        above = places[cut]
        if above is not None:
            children[above] = split
        children[split] = ~cut, ~len(places)
        places[cut] = (split, 0)
        places.append((split, 1))
    return children[:, 0].copy(), children[:, 1].copy()


def _some_categories(rng: np.random.Generator) -> np.ndarray:
    top = int(rng.choice([3, 20, 30, 31, 64, 200, 5_000]))
    return np.flatnonzero(rng.random(top) < rng.choice([0.0, 0.05, 0.5, 1.0]))


def written(
    path: Path, trees: Iterable[Tree], width: int, *, objective: str = "binary sigmoid:1", outputs: int = 1
) -> Path:
    """The text model of *trees*, as LightGBM itself would write it."""
    blocks = [_block(number, tree) for number, tree in enumerate(trees)]
    lines = [
        "tree", "version=v4", f"num_class={outputs}", f"num_tree_per_iteration={outputs}", "label_index=0",
        f"max_feature_idx={width - 1}", f"objective={objective}",
        "feature_names=" + " ".join(f"f{feature}" for feature in range(width)),
        "feature_infos=" + " ".join(["[-2:2]"] * width),
        "tree_sizes=" + " ".join(str(len(block)) for block in blocks), "",
    ]  # fmt: skip
    path.write_text("\n".join([*lines, "".join(blocks) + "end of trees", ""]))
    return path


def _block(number: int, tree: Tree) -> str:
    words: list[int] = []
    boundaries = [0]
    for members in tree.sets:
        mask = [0] * (int(members.max(initial=0)) // WORD_BITS + 1)
        for category in members.tolist():
            mask[category // WORD_BITS] |= 1 << category % WORD_BITS
        words += mask
        boundaries.append(len(words))
    splits, leaves = len(tree.features), len(tree.leaves)
    values: dict[str, Iterable[object]] = {
        "num_leaves": [leaves],
        "num_cat": [len(tree.sets)],
        "split_feature": tree.features.tolist(),
        "split_gain": [1] * splits,
        "threshold": tree.thresholds.tolist(),
        "decision_type": tree.decisions.tolist(),
        "left_child": tree.left.tolist(),
        "right_child": tree.right.tolist(),
        "leaf_value": tree.leaves.tolist(),
        "leaf_weight": [1] * leaves,
        "leaf_count": [1] * leaves,
        "internal_value": [0] * splits,
        "internal_weight": [1] * splits,
        "internal_count": [1] * splits,
        **({"cat_boundaries": boundaries, "cat_threshold": words} if tree.sets else {}),
        "is_linear": [0],
        "shrinkage": [1],
    }
    lines = [f"{key}={' '.join(map(repr, value))}" for key, value in values.items()]
    return "\n".join([f"Tree={number}", *lines, "", "", ""])
