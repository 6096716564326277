"""The same trees written so plainly that onnxmltools and LightGBM's JSON dump cannot misread them.

onnxmltools refuses some objectives, and unrolls a category set into one node per category, recursively.
Here every model is a plain regression (its raw score), and the set number *k* of a tree is the one
category *k*, which comes out of onnxmltools as the test `x == k`: the real set is put back afterwards.
"""

from collections.abc import Iterable

from conversion.text_model import TextModel
from conversion.tree import WORD_BITS, Tree


def plain_text(model: TextModel) -> str:
    """A LightGBM text model with the trees of *model* and nothing else of it."""
    names = " ".join(f"f{feature}" for feature in range(model.width))
    header = [
        "tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0",
        f"max_feature_idx={model.width - 1}", "objective=regression", f"feature_names={names}",
        "feature_infos=" + " ".join(["none"] * model.width), "",
    ]  # fmt: skip
    blocks = (_block(number, tree) for number, tree in enumerate(model.trees))
    return "\n".join([*header, *blocks, "end of trees", "", "parameters:", "end of parameters", ""])


def _block(number: int, tree: Tree) -> str:
    splits, leaves = len(tree.features), len(tree.leaves)
    lines = {
        "Tree": number,
        "num_leaves": leaves,
        "num_cat": len(tree.sets),
        "split_feature": _words(tree.features.tolist()),
        "split_gain": _words([0] * splits),
        "threshold": _words(tree.thresholds.tolist()),
        "decision_type": _words(tree.decisions.tolist()),
        "left_child": _words(tree.left.tolist()),
        "right_child": _words(tree.right.tolist()),
        "leaf_value": _words(tree.leaves.tolist()),
        "leaf_weight": _words([1] * leaves),
        "leaf_count": _words([1] * leaves),
        "internal_value": _words([0] * splits),
        "internal_weight": _words([1] * splits),
        "internal_count": _words([1] * splits),
        **_single_categories(len(tree.sets)),
        "is_linear": 0,
        "shrinkage": 1,
    }
    return "\n".join([*(f"{key}={value}" for key, value in lines.items()), "", ""])


def _single_categories(count: int) -> dict[str, str]:
    """Sets of one category each: set *k* holds category *k*."""
    if not count:
        return {}
    boundaries, words = [0], []
    for category in range(count):
        words += [0] * (category // WORD_BITS) + [1 << category % WORD_BITS]
        boundaries.append(len(words))
    return {"cat_boundaries": _words(boundaries), "cat_threshold": _words(words)}


def _words(values: Iterable[object]) -> str:
    # repr of a float is the shortest text that reads back as the same double.
    return " ".join(map(repr, values))
