"""The trees as ONNX must hold them: onnxmltools' walk, with what it drops put back from the text.

onnxmltools keeps one bit per split for missing values, loses the kind of missing (zeros under
zero_as_missing), and reads a threshold or leaf beyond 1e300 as 1e300, as LightGBM's JSON prints it.
"""

from dataclasses import dataclass

import numpy as np

from conversion.capture import Captured
from conversion.text_model import TextModel
from conversion.tree import Flags, Floats, Ints, Tree
from credit.errors import UnconvertibleModel

JSON_LARGEST = 1e300


@dataclass(frozen=True)
class Forest:
    """All splits of all trees, as columns; children are numbers of splits, or `~leaf` as in LightGBM."""

    roots: Ints
    features: Ints
    thresholds: Floats
    is_category: Flags
    missing: Ints
    default_left: Flags
    left: Ints
    right: Ints
    sets: tuple[Ints, ...]
    """Of each split, the categories that go left; empty for a numeric split."""
    leaves: Floats
    leaf_trees: Ints
    """The tree of each leaf."""


@dataclass(frozen=True)
class _Numbering:
    """Where each captured node goes: splits and leaves are numbered apart, each in captured order."""

    is_leaf: Flags
    numbers: Ints
    """Of a node: its number among the splits, or `~` its number among the leaves."""
    first: Ints
    """Of a node: the position of its tree's root."""

    @classmethod
    def of(cls, captured: Captured) -> "_Numbering":
        is_leaf = np.array([mode == "LEAF" for mode in captured.modes])
        numbers = np.where(is_leaf, ~(np.cumsum(is_leaf) - 1), np.cumsum(~is_leaf) - 1)
        return cls(is_leaf, numbers, np.searchsorted(captured.trees, captured.trees))


def corrected(captured: Captured, model: TextModel) -> Forest:
    """The forest of *captured*, corrected by the text of *model*, which it must match split by split."""
    numbering = _Numbering.of(captured)
    splits = np.flatnonzero(~numbering.is_leaf)
    leaves = np.flatnonzero(numbering.is_leaf)
    origin = _origins(captured, numbering, model)
    flat = _Flat.of(model.trees)
    told = origin[splits]
    _require_same(captured, splits, leaves, origin, flat)
    starts = np.searchsorted(captured.trees, np.arange(len(model.trees)))
    return Forest(
        roots=numbering.numbers[starts],
        features=captured.features[splits],
        thresholds=_unclipped(captured.values[splits], flat.thresholds[told]),
        is_category=flat.is_category[told],
        missing=flat.missing[told],
        default_left=flat.default_left[told],
        left=numbering.numbers[numbering.first[splits] + captured.true_ids[splits]],
        right=numbering.numbers[numbering.first[splits] + captured.false_ids[splits]],
        sets=tuple(flat.sets[split] for split in told),
        leaves=_unclipped(captured.weights[leaves], flat.leaves[origin[leaves]]),
        leaf_trees=captured.trees[leaves],
    )


@dataclass(frozen=True)
class _Flat:
    """The splits and leaves of the text, all trees in a row."""

    features: Ints
    thresholds: Floats
    is_category: Flags
    missing: Ints
    default_left: Flags
    sets: tuple[Ints, ...]
    leaves: Floats

    @classmethod
    def of(cls, trees: tuple[Tree, ...]) -> "_Flat":
        none = np.zeros(0, dtype=np.int64)
        sets = (t.members(i) if c else none for t in trees for i, c in enumerate(t.is_category))
        return cls(
            features=np.concatenate([tree.features for tree in trees]),
            thresholds=np.concatenate([tree.thresholds for tree in trees]),
            is_category=np.concatenate([tree.is_category for tree in trees]),
            missing=np.concatenate([tree.missing for tree in trees]),
            default_left=np.concatenate([tree.default_left for tree in trees]),
            sets=tuple(sets),
            leaves=np.concatenate([tree.leaves for tree in trees]),
        )


def _origins(captured: Captured, numbering: _Numbering, model: TextModel) -> Ints:
    """For each captured node, the split (or leaf) of the text it came from, found by walking both trees."""
    origin = np.full(len(captured.trees), -1, dtype=np.int64)
    is_leaf, true_ids, false_ids = (
        a.tolist() for a in (numbering.is_leaf, captured.true_ids, captured.false_ids)
    )
    node_start, split_start, leaf_start = 0, 0, 0
    for tree in model.trees:
        left, right = tree.left.tolist(), tree.right.tolist()
        waiting = [(node_start, 0 if left else ~0)]
        while waiting:
            node, child = waiting.pop()
            if is_leaf[node] != (child < 0):
                raise UnconvertibleModel("onnxmltools read other trees than the text holds")
            origin[node] = split_start + child if child >= 0 else leaf_start + ~child
            if child >= 0:
                waiting.append((node_start + true_ids[node], left[child]))
                waiting.append((node_start + false_ids[node], right[child]))
        node_start += len(left) + len(tree.leaves)
        split_start += len(left)
        leaf_start += len(tree.leaves)
    return origin


def _require_same(captured: Captured, splits: Ints, leaves: Ints, origin: Ints, flat: _Flat) -> None:
    """The numbers that survive JSON must be the text's own, to the last bit."""
    told = origin[splits]
    same = (
        np.array_equal(captured.features[splits], flat.features[told])
        and np.array_equal(_clipped(captured.values[splits]), _clipped(flat.thresholds[told]))
        and np.array_equal(_clipped(captured.weights[leaves]), _clipped(flat.leaves[origin[leaves]]))
    )
    if not same:
        raise UnconvertibleModel("onnxmltools read other numbers than the text holds")


def _clipped(values: Floats) -> Floats:
    return np.clip(values, -JSON_LARGEST, JSON_LARGEST)


def _unclipped(captured: Floats, told: Floats) -> Floats:
    """The captured numbers, but the text's where JSON could not hold them."""
    return np.where(np.abs(captured) >= JSON_LARGEST, told, captured)
