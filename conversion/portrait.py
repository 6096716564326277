"""What one wants to know of a model before serving it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from conversion.objective import Objective
from conversion.source import SourceBundle
from conversion.text_model import TextModel
from conversion.tree import Ints, Tree
from credit.errors import UnconvertibleModel
from runners.bundle import ONNX_FILE


def portrait(path: Path) -> Iterator[str]:
    """The facts of a bundle or text model, a line each."""
    source = SourceBundle.open(path)
    model = TextModel.read(source.model)
    depths = [_depths(tree) for tree in model.trees]
    splits = np.concatenate([tree.features for tree in model.trees])
    lookups = sum(int(tree.is_category.sum()) for tree in model.trees)
    leaves = [len(tree.leaves) for tree in model.trees]
    yield _line("objective", model.objective or "none")
    yield _line("conversion", _convertible(model))
    yield _line("trees", f"{len(model.trees):,} ({model.outputs} to an iteration)")
    yield _line("leaves", f"{sum(leaves):,} ({min(leaves)} to {max(leaves)} a tree)")
    yield _line("depth", f"{max(int(depth.max()) for depth in depths)} at most")
    yield _line("features", f"{len(np.unique(splits)):,} used of {model.width:,}")
    yield _line("categories", f"{lookups:,} of {len(splits):,} splits, on {len(model.categorical)} features")
    yield _line("nodes per row", _nodes_per_row(model, depths))
    yield _line("text", f"{source.model.stat().st_size / 1e6:.2f} MB")
    onnx = source.model.parent / ONNX_FILE
    yield _line(
        "ONNX",
        f"{onnx.stat().st_size / 1e6:.2f} MB" if source.is_bundle and onnx.is_file() else "not converted",
    )


def _line(name: str, value: str) -> str:
    return f"{name:<14} {value}"


def _convertible(model: TextModel) -> str:
    try:
        return f"exact, link {Objective.of(model).link}"
    except UnconvertibleModel as error:
        return f"refused: {error}"


def _nodes_per_row(model: TextModel, depths: list[Ints]) -> str:
    """How many splits a row meets in all trees, on average."""
    if all(tree.counts.any() for tree in model.trees):
        expected = sum(
            np.average(depth, weights=tree.counts) for tree, depth in zip(model.trees, depths, strict=True)
        )
        return f"{expected:,.0f} expected, by the training rows of each leaf"
    return f"{sum(depth.mean() for depth in depths):,.0f} expected, all leaves alike"


def _depths(tree: Tree) -> Ints:
    """Splits on the way to each leaf."""
    depths = np.zeros(len(tree.leaves), dtype=np.int64)
    waiting = [(0, 1)] if len(tree.features) else []
    while waiting:
        split, depth = waiting.pop()
        for child in (int(tree.left[split]), int(tree.right[split])):
            if child >= 0:
                waiting.append((child, depth + 1))
            else:
                depths[~child] = depth
    return depths
