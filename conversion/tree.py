"""One tree of a LightGBM text model, and the checks that make it safe to walk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from credit.errors import InvalidModel, UnconvertibleModel

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CATEGORICAL = 1
DEFAULT_LEFT = 2
WORD_BITS = 32


class Missing(IntEnum):
    """What a numeric split takes for missing, as LightGBM numbers it."""

    NONE = 0
    ZERO = 1
    NAN = 2


@dataclass(frozen=True, slots=True)
class Tree:
    """Splits and leaves; a child >= 0 is a split, a negative one is leaf `~child`; split 0 is the root."""

    features: Ints
    thresholds: Floats
    """Of a categorical split: the position of its set in `sets`."""
    decisions: Ints
    """LightGBM's `decision_type`: bit 0 categorical, bit 1 missing goes left, bits 2-3 `Missing`."""
    left: Ints
    right: Ints
    leaves: Floats
    sets: tuple[Ints, ...]
    """Categories that go left."""
    counts: Ints = field(default_factory=lambda: _zeros(0))
    """Training rows in each leaf; empty where the text does not say."""

    @property
    def is_category(self) -> Flags:
        return (self.decisions & CATEGORICAL) > 0

    @property
    def missing(self) -> Ints:
        return (self.decisions >> 2) & 3

    @property
    def default_left(self) -> Flags:
        return (self.decisions & DEFAULT_LEFT) > 0

    def members(self, split: int) -> Ints:
        """Categories that go left at a categorical split."""
        return self.sets[int(self.thresholds[split])]


def read_tree(pairs: Mapping[str, str], width: int) -> Tree:
    """The tree of one text block, for rows of *width* features; `InvalidModel` if it contradicts itself."""
    if pairs.get("is_linear", "0").strip() not in ("", "0"):
        raise UnconvertibleModel(
            "linear_tree puts a regression in each leaf, which an ONNX tree has no place for: "
            "train again without linear_tree"
        )
    leaves = int(pairs["num_leaves"]) if "num_leaves" in pairs else 0
    if leaves < 1:
        raise InvalidModel("no leaves")
    splits = leaves - 1
    tree = Tree(
        features=_ints(pairs, "split_feature", splits),
        thresholds=_floats(pairs, "threshold", splits),
        decisions=_ints(pairs, "decision_type", splits) if "decision_type" in pairs else _zeros(splits),
        left=_ints(pairs, "left_child", splits),
        right=_ints(pairs, "right_child", splits),
        leaves=_floats(pairs, "leaf_value", leaves),
        sets=_sets(pairs),
        counts=_counts(pairs, leaves),
    )
    _require_sound(tree, width)
    return tree


def _zeros(count: int) -> Ints:
    return np.zeros(count, dtype=np.int64)


def _counts(pairs: Mapping[str, str], leaves: int) -> Ints:
    """`leaf_count`, on which no answer depends: what cannot be read is left out."""
    try:
        return _ints(pairs, "leaf_count", leaves)
    except (ValueError, OverflowError, InvalidModel):
        return _zeros(0)


def _words(pairs: Mapping[str, str], key: str, count: int) -> list[str]:
    words = pairs.get(key, "").split()
    if len(words) != count:
        raise InvalidModel(f"{key} has {len(words)} values, not {count}")
    return words


def _ints(pairs: Mapping[str, str], key: str, count: int) -> Ints:
    return np.array(_words(pairs, key, count), dtype=np.int64)


def _floats(pairs: Mapping[str, str], key: str, count: int) -> Floats:
    return np.array([float(word) for word in _words(pairs, key, count)], dtype=np.float64)


def _sets(pairs: Mapping[str, str]) -> tuple[Ints, ...]:
    """The category sets, which the text writes as words of 32 bits."""
    count = int(pairs.get("num_cat", "0"))
    if count < 1:
        return ()
    boundaries = _ints(pairs, "cat_boundaries", count + 1)
    words = _ints(pairs, "cat_threshold", int(boundaries[-1]))
    if boundaries[0] != 0 or (np.diff(boundaries) < 0).any() or (words >> WORD_BITS).any():
        raise InvalidModel("its category sets contradict their boundaries")
    bits = np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little")
    spans = zip(boundaries[:-1] * WORD_BITS, boundaries[1:] * WORD_BITS, strict=True)
    return tuple(np.flatnonzero(bits[start:stop]) for start, stop in spans)


def _require_sound(tree: Tree, width: int) -> None:
    """Every index inside its array, every split and leaf reached once from the root."""
    splits = len(tree.features)
    children = np.concatenate([tree.left, tree.right])
    if splits and not ((tree.features >= 0) & (tree.features < width)).all():
        raise InvalidModel(f"a split on a feature outside the {width} of the model")
    if sorted(children.tolist()) != [*range(-splits - 1, 0), *range(1, splits)] and splits:
        raise InvalidModel("a child that is missing, outside the tree, or reached twice")
    if np.isnan(tree.thresholds).any() or not np.isfinite(tree.leaves).all():
        raise InvalidModel("a threshold that is not a number, or a leaf that is infinite or not a number")
    cats = tree.thresholds[tree.is_category]
    if ((cats < 0) | (cats >= len(tree.sets)) | (cats != np.floor(cats))).any():
        raise InvalidModel("a categorical split without its set of categories")
    if (tree.missing > Missing.NAN).any():
        raise InvalidModel("an unknown kind of missing value")
    _require_connected(tree)


def _require_connected(tree: Tree) -> None:
    """Each node has one parent; a walk from the root that meets all splits rules out a cycle apart."""
    met, waiting = 0, [0] if len(tree.features) else []
    while waiting:
        split = waiting.pop()
        met += 1
        waiting += [int(child) for child in (tree.left[split], tree.right[split]) if child >= 0]
    if met != len(tree.features):
        raise InvalidModel("splits that the root does not lead to")
