"""The converted model answers as LightGBM does, where converters usually go wrong."""

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest

from conversion.columns import BELOW_TINY, TINY
from conversion.convert import onnx_model
from conversion.engines import native_engine, onnx_engine
from tests.conversion.made_models import random_tree, trained, written
from tests.conversion.proof import compared

PROMISE = 1e-12

TRAININGS: dict[str, dict[str, Any]] = {
    "binary": {},
    "a steep sigmoid": {"sigmoid": 2.7},
    "dart": {"boosting": "dart"},
    "goss": {"data_sample_strategy": "goss"},
    "zeros as missing": {"zero_as_missing": True, "zeros": 0.3},
    "zeros as missing without NaN": {"zero_as_missing": True, "zeros": 0.3, "missing": 0.0},
    "no missing values used": {"use_missing": False},
    "no missing values seen": {"missing": 0.0},
    "single-split trees": {"num_leaves": 2},
    "single-leaf trees": {"min_data_in_leaf": 100_000},
    "infinite thresholds": {"max_bin": 2, "min_data_in_leaf": 1},
    "one category a split": {"max_cat_to_onehot": 100},
    "no categories": {"categories": ()},
    "deep trees": {"num_leaves": 400, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0},
    **{
        objective: {"objective": objective}
        for objective in (
            "regression", "regression_l1", "huber", "fair", "quantile", "mape",
            "poisson", "gamma", "tweedie", "cross_entropy", "lambdarank", "rank_xendcg",
        )
    },
    "no objective of LightGBM's": {"objective": "custom"},
    "sets of a thousand categories": {"codes": 1_500, "max_cat_threshold": 2_000},
    "random thresholds": {"extra_trees": True},
    "monotone": {"monotone_constraints": [1, 0, -1, 0, 0, 0], "monotone_constraints_method": "advanced"},
    "smoothed paths": {"path_smooth": 10},
    "no average to start from": {"boost_from_average": False},
    "a flat sigmoid": {"sigmoid": 0.001},
    "unbalanced": {"is_unbalance": True},
    "values beyond 1e300": {"scale": 1e300},
    "values within 1e-35": {"scale": 1e-35},
    "a square-root regression": {"objective": "regression", "reg_sqrt": True},
    "a square-root fair regression": {"objective": "fair", "reg_sqrt": True},
    "a square root that huber ignores": {"objective": "huber", "reg_sqrt": True},
    "multiclass": {"objective": "multiclass", "num_class": 3},
    "no objective of several classes": {"objective": "custom", "num_class": 3},
}  # fmt: skip


@pytest.mark.parametrize("training", TRAININGS)
def test_a_trained_model_answers_as_lightgbm_does(training: str, tmp_path: Path) -> None:
    model = trained(tmp_path / "model.txt", **TRAININGS[training])

    comparison = compared(model, onnx_model(model).SerializeToString())

    assert comparison.rows >= 6_000
    assert comparison.max_difference <= PROMISE
    assert comparison.flips == 0
    assert comparison.unsteady == 0


@pytest.mark.parametrize("seed", range(24))
def test_trees_of_any_shape_answer_as_lightgbm_does(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    width = int(rng.choice([1, 3, 9]))
    categorical = [feature for feature in range(width) if rng.random() < 0.4]
    leaves = rng.integers(1, rng.choice([2, 5, 40]), size=6)
    trees = [random_tree(rng, width, int(count), categorical) for count in leaves]
    outputs = 3 if seed % 4 == 0 else 1
    objective = "multiclass num_class:3" if outputs > 1 else "binary sigmoid:1.5"
    model = written(tmp_path / "model.txt", trees, width, objective=objective, outputs=outputs)

    comparison = compared(model, onnx_model(model).SerializeToString(), seed)

    assert comparison.max_difference <= PROMISE
    assert comparison.flips == 0


def test_the_raw_scores_are_the_same_bits(tmp_path: Path) -> None:
    model = trained(tmp_path / "model.txt", objective="regression")
    rows = np.random.default_rng(3).normal(size=(500, 6))
    onnx = onnx_engine(onnx_model(model).SerializeToString())

    assert (onnx(rows) == native_engine(model)(rows)).all()


def test_trees_by_the_thousand_and_rows_by_the_thousand_features(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    wide = written(tmp_path / "wide.txt", [random_tree(rng, 1_000, 8, range(0, 1_000, 7))], 1_000)
    tall = written(tmp_path / "tall.txt", [random_tree(rng, 2, 3) for _ in range(3_000)], 2)

    assert compared(wide, onnx_model(wide).SerializeToString()).max_difference <= PROMISE
    assert compared(tall, onnx_model(tall).SerializeToString()).max_difference <= PROMISE


def test_a_tree_of_a_thousand_levels_converts(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    tree = random_tree(rng, 2, 1_200)
    splits = np.arange(1_199)
    chain = type(tree)(
        features=splits % 2,
        thresholds=splits.astype(float),
        decisions=np.full(1_199, 8),
        left=~splits,
        right=np.append(splits[1:], ~1_199),
        leaves=rng.normal(size=1_200),
        sets=(),
    )
    model = written(tmp_path / "model.txt", [chain], 2)
    rows = rng.uniform(-10, 1_300, size=(500, 2))

    onnx = onnx_engine(onnx_model(model).SerializeToString())

    assert (np.abs(onnx(rows) - native_engine(model)(rows)) <= PROMISE).all()


@pytest.mark.parametrize("value", [1e-35, -1e-35, TINY, BELOW_TINY, 5e-324, -0.0, 1.1e-35])
def test_what_lightgbm_takes_for_zero_the_graph_takes_for_zero(value: float, tmp_path: Path) -> None:
    model = trained(tmp_path / "model.txt", zero_as_missing=True, zeros=0.4, categories=())
    rows = np.full((7, 6), value)
    rows[np.arange(6), np.arange(6)] = 0.5

    onnx = onnx_engine(onnx_model(model).SerializeToString())

    assert (np.abs(onnx(rows) - native_engine(model)(rows)) <= PROMISE).all()


def test_onnxmltools_alone_would_not_do(tmp_path: Path) -> None:
    """The twin of the tests above: they can fail, and do for what our pass corrects."""
    model = trained(tmp_path / "model.txt", zero_as_missing=True, zeros=0.3, sigmoid=2.0)

    assert compared(model, _by_onnxmltools(model)).max_difference > 0.01


def _by_onnxmltools(model: Path) -> bytes:
    """onnxmltools' own conversion, its input cast to float32 and only its second probability kept."""
    import onnx
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster = lightgbm.Booster(model_file=str(model))
    proto = convert_lightgbm(booster, initial_types=[("narrow", FloatTensorType([None, 6]))], zipmap=False)
    graph = proto.graph
    graph.input[0].CopyFrom(onnx.helper.make_tensor_value_info("rows", onnx.TensorProto.DOUBLE, [None, 6]))
    graph.node.insert(0, onnx.helper.make_node("Cast", ["rows"], ["narrow"], to=onnx.TensorProto.FLOAT))
    graph.initializer.append(onnx.numpy_helper.from_array(np.array([1]), "second"))
    graph.node.append(onnx.helper.make_node("Gather", ["probabilities", "second"], ["answer"], axis=1))
    del graph.output[:]
    graph.output.append(onnx.helper.make_tensor_value_info("answer", onnx.TensorProto.FLOAT, [None, 1]))
    return bytes(proto.SerializeToString())
