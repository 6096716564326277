"""The attributes of one double-precision `ai.onnx.ml` v5 TreeEnsemble."""

from typing import Any

import numpy as np
from onnx import numpy_helper

from conversion.columns import NumericTests
from conversion.forest import Forest
from conversion.layout import Layout
from conversion.tree import Floats, Ints

LESS_OR_EQUAL, MEMBER = 0, 6
SUM, NO_TRANSFORM = 1, 0
NEVER = -2.0
"""A category that no column holds: stands in a set that is empty, which ONNX Runtime cannot read."""


def ensemble_attributes(forest: Forest, tests: NumericTests, layout: Layout, outputs: int) -> dict[str, Any]:
    """The attributes of the TreeEnsemble of *forest*, whose numbers of splits and leaves they keep."""
    lone = ~forest.roots[forest.roots < 0]
    splits, leaves = len(forest.features), len(forest.leaves)
    # ONNX Runtime takes the number of a root whose two children are one leaf for the number of that leaf:
    # a tree with a single leaf is written as a split between two leaves of the same value.
    roots = forest.roots.copy()
    roots[roots < 0] = splits + np.arange(len(lone))
    left = np.concatenate([forest.left, ~lone])
    right = np.concatenate([forest.right, ~(leaves + np.arange(len(lone)))])
    modes = _padded(np.where(forest.is_category, MEMBER, LESS_OR_EQUAL), len(lone))
    thresholds = np.where(forest.is_category, 0.0, tests.thresholds)
    attributes = {
        "tree_roots": roots.tolist(),
        "nodes_featureids": _padded(layout.places(forest, tests), len(lone)).tolist(),
        "nodes_modes": _tensor(modes.astype(np.uint8)),
        "nodes_splits": _tensor(np.concatenate([thresholds, np.zeros(len(lone))])),
        "nodes_truenodeids": _numbers(left),
        "nodes_trueleafs": (left < 0).astype(int).tolist(),
        "nodes_falsenodeids": _numbers(right),
        "nodes_falseleafs": (right < 0).astype(int).tolist(),
        "leaf_targetids": (np.concatenate([forest.leaf_trees, forest.leaf_trees[lone]]) % outputs).tolist(),
        "leaf_weights": _tensor(np.concatenate([forest.leaves, forest.leaves[lone]])),
        "n_targets": outputs,
        "aggregate_function": SUM,
        "post_transform": NO_TRANSFORM,
    }
    if forest.is_category.any():
        attributes["membership_values"] = _tensor(_memberships(forest))
    return attributes


def _padded(values: Ints, count: int) -> Ints:
    return np.concatenate([values, np.zeros(count, dtype=np.int64)])


def _numbers(children: Ints) -> list[int]:
    """Numbers among the splits or among the leaves."""
    return [~child if child < 0 else child for child in children.tolist()]


def _memberships(forest: Forest) -> Floats:
    """The sets of the categorical splits in their order, a NaN after each."""
    sets = [forest.sets[split] for split in np.flatnonzero(forest.is_category)]
    parts = [[*map(float, members), np.nan] if len(members) else [NEVER, np.nan] for members in sets]
    return np.array([value for part in parts for value in part])


def _tensor(values: Any) -> Any:  # onnx's protobuf classes are untyped
    return numpy_helper.from_array(values)
