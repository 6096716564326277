"""Both runners score alike, and a row's score does not depend on its company."""

import json
import shutil

import numpy as np
import pytest

from credit.errors import CertificateRefused, InvalidModel, InvalidPolicy
from features.catalogue import candidates
from features.encoder import Encoder
from runners.bundle import Bundle, read_policy
from runners.native import NativeScorer
from runners.onnx import OnnxScorer
from runners.source import open_bundle
from training.sample import read_sample


@pytest.fixture(scope="module")
def bundle(made):
    return Bundle.open(made.bundle)


@pytest.fixture(scope="module", params=["onnx", "native"])
def scorer(request, bundle):
    return (
        OnnxScorer(bundle.certified_onnx())
        if request.param == "onnx"
        else NativeScorer(bundle.folder / "model.txt")
    )


@pytest.fixture(scope="module")
def rows(made, bundle):
    sample = read_sample(made.features, candidates())
    return Encoder(bundle.schema).encode_columns(sample.columns)[:300]


def test_a_client_scores_the_same_alone_and_in_company(scorer, rows):
    alone = np.concatenate([scorer.score(rows[i : i + 1]) for i in range(len(rows))])

    assert (scorer.score(rows) == alone).all()
    assert ((alone > 0) & (alone < 1)).all()


def test_onnx_and_lightgbm_agree_to_the_last_digits(bundle, rows):
    onnx = OnnxScorer(bundle.certified_onnx()).score(rows)

    native = NativeScorer(bundle.folder / "model.txt").score(rows)

    assert np.abs(onnx - native).max() <= 1e-12
    assert native.std() > 0.01


def copy_of(bundle, folder):
    return shutil.copytree(bundle.folder, folder)


@pytest.mark.parametrize("name", ["model.onnx", "model.txt"])
def test_a_certificate_speaks_of_these_very_files(bundle, tmp_path, name):
    folder = copy_of(bundle, tmp_path / "bundle")
    with (folder / name).open("ab") as file:
        file.write(b" ")

    with pytest.raises(CertificateRefused, match="speaks of other files"):
        Bundle.open(folder).certified_onnx()


def test_without_a_certificate_there_is_nothing_to_serve(bundle, tmp_path):
    folder = copy_of(bundle, tmp_path / "bundle")
    (folder / "certificate.json").unlink()

    with pytest.raises(CertificateRefused, match="run python -m conversion convert"):
        Bundle.open(folder).certified_onnx()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("certificate.json", "{}", "is not a certificate"),
        ("certificate.json", "not json", "is not a certificate"),
        ("schema.json", "{", "is damaged"),
        ("schema.json", '{"format": 1, "model_features": ["A"], "features": [[1]]}', "is damaged"),
        ("schema.json", '{"format": 2, "model_features": [], "features": []}', "format 2 is not 1"),
        ("metrics.json", "null", "is damaged"),
        ("policy.json", "{", "is not JSON"),
        ("policy.json", '{"threshold": 1' + 400 * "0" + "}", "larger than any number"),
    ],
)
def test_a_damaged_part_is_named(bundle, tmp_path, name, content, words):
    folder = copy_of(bundle, tmp_path / "bundle")
    (folder / name).write_text(content)

    with pytest.raises((InvalidModel, InvalidPolicy), match=words):
        Bundle.open(folder).certified_onnx()


def test_a_schema_that_names_other_columns_than_the_model_is_refused(bundle, tmp_path):
    folder = copy_of(bundle, tmp_path / "bundle")
    schema = json.loads((folder / "schema.json").read_text())
    schema["features"][:2] = schema["features"][1::-1]
    schema["model_features"][:2] = schema["model_features"][1::-1]
    (folder / "schema.json").write_text(json.dumps(schema))

    with pytest.raises(InvalidModel, match="name other features"):
        Bundle.open(folder)


def test_a_schema_with_other_codes_than_the_certified_one_is_refused(bundle, tmp_path):
    folder = copy_of(bundle, tmp_path / "bundle")
    schema = json.loads((folder / "schema.json").read_text())
    category = next(feature for feature in schema["features"] if len(feature["categories"]) > 1)
    category["categories"].reverse()
    (folder / "schema.json").write_text(json.dumps(schema))

    with pytest.raises(CertificateRefused, match="speaks of other files"):
        Bundle.open(folder).certified_onnx()


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": 99_999},
        {"max_difference": 2e-12},
        {"max_difference": -1.0},
        {"flips": 1},
        {"unsteady": 1},
        {"format": 1},
    ],
)
def test_a_certificate_that_states_less_than_the_promise_is_refused(bundle, tmp_path, changes):
    folder = copy_of(bundle, tmp_path / "bundle")
    stated = json.loads((folder / "certificate.json").read_text())
    (folder / "certificate.json").write_text(json.dumps({**stated, **changes}))

    with pytest.raises(CertificateRefused, match=r"does not hold|has format 1"):
        Bundle.open(folder).certified_onnx()


def test_a_folder_that_is_no_bundle_is_named(tmp_path):
    with pytest.raises(InvalidModel, match=r"has no model\.txt"):
        Bundle.open(tmp_path)


@pytest.mark.parametrize("name", ["octroi-credit:nowhere", "NOT A TAG/../x"])
def test_a_model_that_is_nowhere_is_said_to_be(name):
    with pytest.raises(InvalidModel, match="model store"):
        open_bundle(name)


def test_a_file_that_is_no_onnx_model_is_refused():
    with pytest.raises(InvalidModel, match="ONNX Runtime cannot load"):
        OnnxScorer(b"not a model")


def test_a_policy_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidPolicy, match="there is no policy file"):
        read_policy(tmp_path / "policy.json")
