"""The same forest as an `ai.onnx.ml` v3 TreeEnsembleRegressor: measured against v5, never served.

Its thresholds and leaves may be double, its output may not: the sum of the trees is rounded to float32.
"""

from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from conversion.columns import numeric_tests
from conversion.forest import Forest
from conversion.graph import INPUT, IR_VERSION, OPSETS, matrix
from conversion.layout import Layout
from conversion.nodes import Nodes
from credit.errors import UnconvertibleModel


def build_v3(forest: Forest, width: int) -> ModelProto:
    """The ONNX model of the raw score of *forest*, which must have no categorical split."""
    if forest.is_category.any():
        raise UnconvertibleModel("v3 is measured on models without categorical splits only")
    layout = Layout.of(forest, numeric_tests(forest), width)
    graph = Nodes()
    attributes = _attributes(forest, layout)
    graph.add("TreeEnsembleRegressor", [matrix(graph, layout)], "raw", domain="ai.onnx.ml", **attributes)
    rows = helper.make_tensor_value_info(INPUT, TensorProto.DOUBLE, ["n", width])
    score = helper.make_tensor_value_info("raw", TensorProto.FLOAT, ["n", 1])
    opsets = [helper.make_opsetid("", OPSETS[""]), helper.make_opsetid("ai.onnx.ml", 3)]
    body = helper.make_graph(graph.nodes, "lightgbm_v3", [rows], [score], graph.constants)
    return helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION)


def _attributes(forest: Forest, layout: Layout) -> dict[str, Any]:
    """The v3 attributes: in each tree the splits come first, then the leaves, numbered from 0."""
    tests = numeric_tests(forest)
    leaves = np.bincount(forest.leaf_trees)
    trees = np.repeat(np.arange(len(leaves)), leaves - 1)
    first_leaf, first_split = np.cumsum(leaves) - leaves, np.cumsum(leaves - 1) - (leaves - 1)
    leaf_ids = np.arange(len(forest.leaves)) + (leaves - 1 - first_leaf)[forest.leaf_trees]

    def ids(children: Any) -> Any:
        return np.where(children < 0, leaf_ids[~np.minimum(children, -1)], children - first_split[trees])

    order = np.argsort(np.concatenate([trees, forest.leaf_trees]), kind="stable")

    def column(of_splits: Any, of_leaves: Any) -> Any:
        return np.concatenate([of_splits, np.broadcast_to(of_leaves, len(forest.leaves))])[order]

    return {
        "n_targets": 1,
        "nodes_treeids": column(trees, forest.leaf_trees).tolist(),
        "nodes_nodeids": column(np.arange(len(trees)) - first_split[trees], leaf_ids).tolist(),
        "nodes_featureids": column(layout.places(forest, tests), 0).tolist(),
        "nodes_modes": column(np.full(len(trees), "BRANCH_LEQ"), "LEAF").tolist(),
        "nodes_values_as_tensor": numpy_helper.from_array(column(tests.thresholds, 0.0)),
        "nodes_truenodeids": column(ids(forest.left), 0).tolist(),
        "nodes_falsenodeids": column(ids(forest.right), 0).tolist(),
        "target_treeids": forest.leaf_trees.tolist(),
        "target_nodeids": leaf_ids.tolist(),
        "target_ids": [0] * len(leaf_ids),
        "target_weights_as_tensor": numpy_helper.from_array(forest.leaves),
    }
