"""The ONNX graph: the matrix of columns, one double TreeEnsemble, the link."""

import json

import numpy as np
from onnx import ModelProto, TensorProto, helper

from conversion.columns import TINY, Column, numeric_tests
from conversion.ensemble import ensemble_attributes
from conversion.forest import Forest
from conversion.layout import Layout
from conversion.link import add_link
from conversion.nodes import Nodes
from conversion.objective import Objective
from conversion.text_model import TextModel

INPUT = "rows"
OPSETS = {"": 21, "ai.onnx.ml": 5}
IR_VERSION = 10
PRODUCT_VERSION = "0.1.0"
"""The version in pyproject.toml, which does not travel with the code."""


def build(forest: Forest, objective: Objective, model: TextModel, metadata: dict[str, str]) -> ModelProto:
    """The ONNX model of *forest*: float64 rows in, one probability (or value) per row out."""
    tests = numeric_tests(forest)
    layout = Layout.of(forest, tests, model.width)
    graph = Nodes()
    attributes = ensemble_attributes(forest, tests, layout, model.outputs)
    raw = graph.add("TreeEnsemble", [matrix(graph, layout)], "raw_score", domain="ai.onnx.ml", **attributes)
    add_link(graph, objective, raw, model.outputs)
    proto = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "lightgbm",
            [helper.make_tensor_value_info(INPUT, TensorProto.DOUBLE, ["n", model.width])],
            [helper.make_tensor_value_info(objective.output, TensorProto.DOUBLE, ["n", model.outputs])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in OPSETS.items()],
        ir_version=IR_VERSION,
        producer_name="octroi",
        producer_version=PRODUCT_VERSION,
    )
    helper.set_model_props(
        proto, {"feature_names": json.dumps(model.names), "product_version": PRODUCT_VERSION, **metadata}
    )
    return proto


def matrix(graph: Nodes, layout: Layout) -> str:
    """The columns side by side; the row alone when no split needs more."""
    parts = [_copy(graph, column) for column in layout.copies]
    if layout.categories:
        parts.append(_categories(graph, layout))
    return graph.add("Concat", parts, "matrix", axis=1) if len(parts) > 1 else parts[0]


def _copy(graph: Nodes, column: Column) -> str:
    """The whole row, as `Column` says each kind of split sees it."""
    if column is Column.RAW:
        return INPUT
    if column is Column.ZERO_RIGHT:
        return graph.add("Where", [_zeros(graph), graph.constant("missing", np.nan), INPUT], "zero_right")
    lowest = graph.constant("lowest", -np.inf)
    if column is Column.LEFT:
        missing = graph.add("IsNaN", [INPUT], "is_missing")
        return graph.add("Where", [missing, lowest, INPUT], "missing_left")
    # A NaN is not greater than TINY either, so one comparison finds zeros and missing values.
    distance = graph.add("Abs", [INPUT], "distance_left")
    present = graph.add("Greater", [distance, graph.constant("tiny", TINY)], "is_present")
    return graph.add("Where", [present, INPUT, lowest], "zero_left")


def _zeros(graph: Nodes) -> str:
    distance = graph.add("Abs", [INPUT], "distance_right")
    return graph.add("LessOrEqual", [distance, graph.constant("tiny", TINY)], "is_zero")


def _categories(graph: Nodes, layout: Layout) -> str:
    """Whole parts of the categorical features; -1, which is in no set, for NaN and for x <= -1.

    LightGBM truncates towards zero, so -0.5 is category 0.
    """
    where = graph.constant("categorical", np.array(layout.categories, dtype=np.int64))
    given = graph.add("Gather", [INPUT, where], "categories_given", axis=1)
    nowhere = graph.constant("no_category", -1.0)
    valid = graph.add("Greater", [given, nowhere], "is_category")
    distance = graph.add("Abs", [given], "categories_abs")
    kept = graph.add("Where", [valid, distance, nowhere], "categories_kept")
    return graph.add("Floor", [kept], "categories")
