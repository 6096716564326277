"""Reading text models: what is damaged or has no counterpart is refused, before LightGBM sees it."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from conversion.engines import native_engine
from conversion.objective import Link, Objective
from conversion.text_model import LARGEST_BYTES, TextModel
from credit.errors import InvalidModel, UnconvertibleModel
from tests.conversion.made_models import random_tree, trained, written


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return trained(tmp_path_factory.mktemp("text") / "model.txt").read_text()


def _read(tmp_path: Path, text: str) -> TextModel:
    path = tmp_path / "model.txt"
    path.write_bytes(text.encode())
    return TextModel.read(path)


def test_a_model_reads_as_lightgbm_dumps_it(text: str, tmp_path: Path) -> None:
    model = _read(tmp_path, text)
    dump = lightgbm.Booster(model_str=text).dump_model()

    assert model.names == tuple(dump["feature_names"])
    assert model.objective == dump["objective"]
    assert [len(tree.leaves) for tree in model.trees] == [tree["num_leaves"] for tree in dump["tree_info"]]
    root, told = model.trees[0], dump["tree_info"][0]["tree_structure"]
    assert (root.features[0], root.thresholds[0]) == (told["split_feature"], told["threshold"])


def test_sets_of_categories_read_back_as_written(tmp_path: Path) -> None:
    tree = random_tree(np.random.default_rng(4), 3, 30, [0, 1])

    (read,) = TextModel.read(written(tmp_path / "model.txt", [tree], 3)).trees

    assert [members.tolist() for members in read.sets] == [members.tolist() for members in tree.sets]
    assert (read.thresholds == tree.thresholds).all()


def _without_end(text: str) -> str:
    return text[: len(text) // 2]


def _last_tree_cut(text: str) -> str:
    return text[: text.index("Tree=19") + 200] + "\n\nend of trees\n"


DAMAGES: dict[str, tuple[Callable[[str], str], str]] = {
    "cut in the middle": (_without_end, "truncated"),
    "a tree cut": (_last_tree_cut, "stale"),
    "not a model": (lambda _: "version https://git-lfs.github.com/spec/v1\n", "not a LightGBM text model"),
    "empty": (lambda _: "", "not a LightGBM text model"),
    "a tree edited": (lambda t: t.replace("shrinkage=0.1", "shrinkage=0.10", 1), "tree_sizes line is stale"),
    "line ends changed": (lambda t: t.replace("\n", "\r\n"), "its lines end in CRLF"),
    "a NUL byte": (lambda t: t.replace("[boosting", "[boo\0ting"), "a NUL byte"),
    "parameters cut": (lambda t: t[: t.index("[data_sample")], "'end of parameters' is missing"),
    "classes not counted": (lambda t: t.replace("num_class=1", "num_class=x"), "num_class=x is not a whole"),
    "classes miscounted": (lambda t: t.replace("num_class=1", "num_class=2"), "an iteration for 2 classes"),
    "a name gone": (lambda t: t.replace("Column_0 ", "", 1), "5 feature names for 6 features"),
    "no names": (lambda t: t.replace("feature_names", "names_of_features"), "no line feature_names="),
    "linear trees": (lambda t: _resized(t, "is_linear=0", "is_linear=1"), "linear_tree"),
    "a child outside": (lambda t: _resized(t, r"left_child=\S+", "left_child=99"), "a child that"),
    "a child twice": (lambda t: _resized(t, r"right_child=(\S+) \S+", r"right_child=\1 \1"), "a child that"),
    "a feature outside": (lambda t: _resized(t, r"split_feature=\S+", "split_feature=6"), "outside the 6"),
    "sizes apart by tabs": (lambda t: re.sub(r"(tree_sizes=\S+) ", r"\1\t", t), "tree_sizes line is stale"),
    "a leaf not a number": (lambda t: _resized(t, r"leaf_value=\S+", "leaf_value=nan"), "not a number"),
    "a leaf without end": (lambda t: _resized(t, r"leaf_value=\S+", "leaf_value=inf"), "a leaf that is inf"),
    "a leaf not numeric": (lambda t: _resized(t, r"leaf_value=\S+", "leaf_value=abc"), "cannot be read"),
    "a leaf too few": (lambda t: _resized(t, r"leaf_value=\S+ ", "leaf_value="), "30 values, not"),
    "sets too long": (lambda t: _resized(t, r"cat_boundaries=0 \d+", "cat_boundaries=0 99999"), "categor"),
    "no tree": (lambda t: t[: t.index("\nTree=0")] + "\nend of trees\n", "no tree"),
}  # fmt: skip


def _resized(text: str, pattern: str, replacement: str) -> str:
    """An edit of the first match, in a text whose tree sizes are left out, as LightGBM allows."""
    return re.sub(pattern, replacement, re.sub(r"tree_sizes=.*\n", "", text), count=1)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_text_is_refused_with_its_reason(damage: str, text: str, tmp_path: Path) -> None:
    change, reason = DAMAGES[damage]

    with pytest.raises(InvalidModel, match=reason):
        _read(tmp_path, change(text))


def test_a_text_without_tree_sizes_is_read(text: str, tmp_path: Path) -> None:
    assert len(_read(tmp_path, _resized(text, "x^", "")).trees) == 20


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("objective=binary sigmoid:1", "objective=multiclassova num_class:3"), "multiclassova"),
        (("objective=binary sigmoid:1", "objective=cross_entropy_lambda"), "cross_entropy_lambda"),
        (("objective=binary sigmoid:1", "objective=xentlambda"), "cross_entropy_lambda"),
        (("objective=binary sigmoid:1", "objective=ova"), "multiclassova"),
        (("objective=binary sigmoid:1", "average_output\nobjective=binary sigmoid:1"), "boosting=rf"),
        (("num_class=1\nnum_tree_per_iteration=1", "num_class=2\nnum_tree_per_iteration=2"), "with 2 trees"),
    ],
)  # fmt: skip
def test_an_objective_without_counterpart_is_refused_by_name(
    change: tuple[str, str], reason: str, text: str, tmp_path: Path
) -> None:
    model = _read(tmp_path, text.replace(*change, 1))

    with pytest.raises(UnconvertibleModel, match=reason):
        Objective.of(model)


@pytest.mark.parametrize(
    "objective", ["binary", "binary sigmoid:x", "binary sigmoid:-1", "binary sigmoid:inf"]
)
def test_a_sigmoid_that_is_no_number_is_refused(objective: str, text: str, tmp_path: Path) -> None:
    model = _read(tmp_path, text.replace("binary sigmoid:1", objective, 1))

    with pytest.raises(InvalidModel, match="no positive number after sigmoid"):
        Objective.of(model)


@pytest.mark.parametrize(
    ("written_as", "name", "link"),
    [
        ("objective=xentropy\n", "cross_entropy", Link.SIGMOID),
        ("objective=l2\n", "regression", Link.IDENTITY),
        ("objective=regression_l1 sqrt\n", "regression_l1", Link.SIGNED_SQUARE),
        ("objective=lambdarank sqrt\n", "lambdarank", Link.IDENTITY),
        ("objective=none\n", "custom", Link.IDENTITY),
        ("", "custom", Link.IDENTITY),
    ],
)
def test_an_objective_is_read_as_lightgbm_reads_it(
    written_as: str, name: str, link: Link, text: str, tmp_path: Path
) -> None:
    changed = text.replace("objective=binary sigmoid:1\n", written_as, 1)
    raw, answer = (lightgbm.Booster(model_str=each).predict([[0.5] * 6]) for each in (text, changed))
    score = np.log(raw / (1 - raw))

    objective = Objective.of(_read(tmp_path, changed))

    assert (objective.name, objective.link) == (name, link)
    assert answer == pytest.approx(
        {Link.SIGMOID: raw, Link.IDENTITY: score, Link.SIGNED_SQUARE: np.sign(score) * score**2}[link]
    )


def test_a_model_of_the_first_versions_ends_with_its_importances(text: str, tmp_path: Path) -> None:
    older = text.replace("\nend of trees\n\nfeature_importances:", "\n\nfeature importances:")

    model = _read(tmp_path, older)

    assert "end of trees" not in older
    assert len(model.trees) == lightgbm.Booster(model_str=older).num_trees() == 20


def test_spaces_around_the_names_are_no_names(text: str, tmp_path: Path) -> None:
    model = _read(tmp_path, text.replace("Column_0 Column_1", "Column_0  Column_1", 1))

    assert model.width == 6


def test_a_line_at_which_lightgbm_stops_reading_is_refused(text: str, tmp_path: Path) -> None:
    stray = _resized(text, "\nTree=7\n", "\nstray\n\nTree=7\n")
    (tmp_path / "model.txt").write_text(stray)

    with pytest.raises(InvalidModel, match="reads 7 of the 20 trees"):
        native_engine(tmp_path / "model.txt", 20)


def test_a_file_too_large_to_be_a_model_is_refused_unread(text: str, tmp_path: Path) -> None:
    path = tmp_path / "model.txt"
    path.write_text(text)
    os.truncate(path, LARGEST_BYTES + 1)

    with pytest.raises(InvalidModel, match="has 512 MB, and a model may have 512"):
        TextModel.read(path)


def test_a_file_that_begins_otherwise_is_refused_whatever_its_size(tmp_path: Path) -> None:
    path = tmp_path / "model.txt"
    path.write_bytes(b"\x80\x04\x95")
    os.truncate(path, 2**40)

    with pytest.raises(InvalidModel, match="not a LightGBM text model"):
        TextModel.read(path)


def test_a_random_forest_that_lightgbm_trained_is_refused(tmp_path: Path) -> None:
    path = trained(tmp_path / "m.txt", boosting="rf", bagging_freq=1, bagging_fraction=0.5)

    with pytest.raises(UnconvertibleModel, match="boosting=rf"):
        Objective.of(TextModel.read(path))


def test_linear_trees_that_lightgbm_trained_are_refused(tmp_path: Path) -> None:
    path = trained(tmp_path / "m.txt", linear_tree=True)

    with pytest.raises(UnconvertibleModel, match="linear_tree"):
        TextModel.read(path)
