"""What onnxmltools makes of a booster, taken in float64, before thresholds and leaves become float32."""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from conversion.tree import Floats, Ints

# onnxmltools and the JSON decoder recurse once or twice per level of a tree.
DEEPEST = 200_000
STACK_BYTES = 512 * 2**20


@dataclass(frozen=True)
class Captured:
    """The node arrays of onnxmltools' regressor, one entry per node, trees in order, roots first."""

    trees: Ints
    modes: tuple[str, ...]
    features: Ints
    values: Floats
    true_ids: Ints
    """Number, inside its tree, of the node to go to when the test holds."""
    false_ids: Ints
    weights: Floats
    """Of a leaf: its value. Of a split: zero."""


class _Recorder:
    """Stands for onnxmltools' container: keeps the attributes as given, then passes them on."""

    def __init__(self, container: Any) -> None:  # onnxmltools is untyped
        self._container = container
        self.attributes: dict[str, Any] = {}

    def add_node(self, kind: str, *args: Any, **attributes: Any) -> None:
        if kind == "TreeEnsembleRegressor":
            self.attributes = attributes
        else:
            self._container.add_node(kind, *args, **attributes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)


def capture(plain: str) -> Captured:
    """Let onnxmltools convert the model *plain*, and return its float64 attributes."""
    # They take a second to import, which only the child process has to spend.
    import lightgbm  # noqa: PLC0415
    from onnxmltools import convert_lightgbm  # noqa: PLC0415
    from onnxmltools.convert.common.data_types import FloatTensorType  # noqa: PLC0415
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import (  # noqa: PLC0415
        convert_lightgbm as walk,
    )

    recorders: list[_Recorder] = []

    def record(scope: object, operator: object, container: object) -> None:
        recorders.append(_Recorder(container))
        walk(scope, operator, recorders[0])

    def convert() -> None:
        booster = lightgbm.Booster(model_str=plain)
        rows = FloatTensorType([None, booster.num_feature()])
        convert_lightgbm(
            booster, initial_types=[("rows", rows)], custom_conversion_functions={"LgbmRegressor": record}
        )

    _with_deep_stack(convert)
    return _captured(recorders[0].attributes)


def _with_deep_stack(work: Callable[[], None]) -> None:
    """Run *work* in a thread whose stack bears trees thousands of levels deep."""
    limit, size = sys.getrecursionlimit(), threading.stack_size(STACK_BYTES)
    sys.setrecursionlimit(DEEPEST)
    try:
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(work).result()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)


def _captured(attributes: dict[str, Any]) -> Captured:
    trees = np.array(attributes["nodes_treeids"], dtype=np.int64)
    starts = np.searchsorted(trees, np.arange(trees[-1] + 1))
    weights = np.zeros(len(trees))
    leaves = starts[np.array(attributes["target_treeids"])] + np.array(attributes["target_nodeids"])
    weights[leaves] = attributes["target_weights"]
    return Captured(
        trees=trees,
        modes=tuple(attributes["nodes_modes"]),
        features=np.array(attributes["nodes_featureids"], dtype=np.int64),
        values=np.array(attributes["nodes_values"], dtype=np.float64),
        true_ids=np.array(attributes["nodes_truenodeids"], dtype=np.int64),
        false_ids=np.array(attributes["nodes_falsenodeids"], dtype=np.int64),
        weights=weights,
    )
