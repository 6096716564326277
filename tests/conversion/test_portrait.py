"""What is told of a model before it is converted; the older form, measured beside the served one."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from conversion.__main__ import door
from conversion.capture import capture
from conversion.engines import native_engine, onnx_engine
from conversion.forest import corrected
from conversion.older import build_v3
from conversion.plain_text import plain_text
from conversion.text_model import TextModel
from credit.errors import UnconvertibleModel
from tests.conversion.made_models import random_tree, trained, written


def _v3(path: Path) -> bytes:
    model = TextModel.read(path)
    forest = corrected(capture(plain_text(model)), model)
    return bytes(build_v3(forest, model.width).SerializeToString())


@pytest.mark.parametrize("seed", range(6))
def test_v3_takes_the_same_leaves_and_rounds_their_sum_to_float32(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    trees = [random_tree(rng, 3, int(leaves)) for leaves in rng.integers(2, 30, size=5)]
    path = written(tmp_path / "model.txt", trees, 3, objective="regression")
    rows = rng.choice([np.nan, 0.0, -np.inf, np.inf, 1e-36, 0.1, 2.5, -3.0], size=(500, 3))

    native, v3 = native_engine(path)(rows), onnx_engine(_v3(path))(rows)

    assert (v3 == native.astype(np.float32)).mean() > 0.99
    assert np.abs(v3 - native).max() < 1e-5


def test_v3_is_not_measured_with_categories(tmp_path: Path) -> None:
    with pytest.raises(UnconvertibleModel, match="without categorical splits only"):
        _v3(trained(tmp_path / "model.txt"))


def _inspected(path: Path) -> dict[str, str]:
    lines = CliRunner().invoke(door, ["inspect", str(path)]).stdout.splitlines()
    return {line[:14].strip(): line[15:] for line in lines}


def test_inspect_tells_the_shape_of_a_model(tmp_path: Path) -> None:
    lines = _inspected(trained(tmp_path / "theirs.txt", num_leaves=4))

    assert lines["objective"] == "binary sigmoid:1"
    assert lines["trees"] == "20 (1 to an iteration)"
    assert lines["leaves"] == "80 (4 to 4 a tree)"
    assert lines["nodes per row"].endswith("expected, by the training rows of each leaf")


def test_inspect_weighs_each_leaf_by_its_training_rows(tmp_path: Path) -> None:
    tree = random_tree(np.random.default_rng(0), 1, 3)
    chain = type(tree)(
        features=np.zeros(2, dtype=np.int64), thresholds=np.array([0.0, 1.0]), decisions=np.array([8, 8]),
        left=np.array([-1, -2]), right=np.array([1, -3]), leaves=np.ones(3), sets=(),
    )  # fmt: skip
    path = written(tmp_path / "model.txt", [chain] * 100, 1)
    text = path.read_text()

    path.write_text(text.replace("leaf_count=1 1 1", "leaf_count=8 1 1"))
    weighed = _inspected(path)["nodes per row"]
    path.write_text(text.replace("leaf_count=1 1 1", "leaf_count=0 0 0"))

    assert weighed == "120 expected, by the training rows of each leaf"
    assert _inspected(path)["nodes per row"] == "167 expected, all leaves alike"
