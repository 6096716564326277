"""`python -m conversion`: what it writes, what it refuses, and what it leaves behind."""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner, Result
from made import Made
from uncovered import uncovered

from conversion.__main__ import door
from conversion.convert import convert
from conversion.engines import native_engine, onnx_engine
from conversion.verify import require_certificate, verify
from credit.errors import CertificateRefused, InvalidModel, UnconvertibleModel
from runners.certificate import Certificate, sha256
from runners.onnx import OnnxScorer
from tests.conversion.made_models import trained


def _no_report(fraction: float) -> None:
    assert 0 <= fraction <= 1


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle folder, converted in place."""
    folder = tmp_path_factory.mktemp("bundle")
    trained(folder / "model.txt", categories=())
    (folder / "policy.json").write_text('{"threshold": 0.3}')
    convert(folder, folder, _no_report)
    return folder


@pytest.fixture
def copy(bundle: Path, tmp_path: Path) -> Path:
    return shutil.copytree(bundle, tmp_path / "copy")


def _run(*words: str | Path) -> Result:
    return CliRunner().invoke(door, [str(word) for word in words])


def test_the_certificate_states_what_was_proved(bundle: Path) -> None:
    certificate = Certificate.read(bundle / "certificate.json")

    assert certificate.holds
    assert certificate.rows >= 100_000
    assert certificate.threshold == 0.3
    assert certificate.batch_sizes == (1_000, 1, 7, 64)
    assert certificate.model_sha256 == sha256(bundle / "model.txt")
    assert certificate.onnx_sha256 == sha256(bundle / "model.onnx")
    assert len(certificate.worst_row) == 6


def test_the_worst_row_shows_the_largest_difference_again(bundle: Path) -> None:
    certificate = Certificate.read(bundle / "certificate.json")
    row = np.array([[float(value) for value in certificate.worst_row]])

    native = native_engine(bundle / "model.txt")(row)
    served = onnx_engine((bundle / "model.onnx").read_bytes())(row)

    assert abs(native - served)[0, 0] == certificate.max_difference


def test_the_graph_has_one_double_input_one_double_output_and_says_where_it_comes_from(bundle: Path) -> None:
    proto = onnx.load(bundle / "model.onnx")
    onnx.checker.check_model(proto, full_check=True)
    shapes = [
        [dim.dim_value or dim.dim_param for dim in value.type.tensor_type.shape.dim]
        for value in (*proto.graph.input, *proto.graph.output)
    ]
    metadata = {entry.key: entry.value for entry in proto.metadata_props}

    assert [value.name for value in proto.graph.output] == ["probability"]
    assert shapes == [["n", 6], ["n", 1]]
    assert {opset.domain: opset.version for opset in proto.opset_import} == {"": 21, "ai.onnx.ml": 5}
    assert proto.ir_version == 10
    assert json.loads(metadata["feature_names"]) == [f"Column_{n}" for n in range(6)]
    assert metadata["source_sha256"] == sha256(bundle / "model.txt")
    assert metadata["product_version"] == proto.producer_version == _project_version()
    assert not [node for node in proto.graph.node if node.op_type == "ZipMap"]


def _project_version() -> str:
    pyproject = Path(__file__).parents[2] / "pyproject.toml"
    return str(tomllib.loads(pyproject.read_text())["project"]["version"])


def test_the_service_s_scorer_runs_it(bundle: Path) -> None:
    rows = np.random.default_rng(8).normal(size=(5, 6))

    scores = OnnxScorer(bundle / "model.onnx").score(rows)

    assert np.abs(scores - native_engine(bundle / "model.txt")(rows)[:, 0]).max() <= 1e-12


def test_converting_again_writes_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    convert(bundle, tmp_path / "again", _no_report)

    assert sorted(file.name for file in (tmp_path / "again").iterdir()) == [
        "certificate.json", "model.onnx", "model.txt", "policy.json",
    ]  # fmt: skip
    for name in ("certificate.json", "model.onnx", "model.txt"):
        assert (tmp_path / "again" / name).read_bytes() == (bundle / name).read_bytes()


def test_a_model_from_elsewhere_becomes_a_folder_and_flips_are_counted_at_a_half(tmp_path: Path) -> None:
    model = trained(tmp_path / "theirs.txt", sigmoid=0.7)

    result = _run("convert", model, "--out", tmp_path / "out")

    assert result.exit_code == 0, result.output
    assert "no policy.json, so flips were counted at 0.5" in result.output
    assert (tmp_path / "out" / "model.txt").read_bytes() == model.read_bytes()
    assert verify(tmp_path / "out", _no_report).holds


def test_a_regression_is_certified_relative_to_its_values(tmp_path: Path) -> None:
    model = trained(tmp_path / "theirs.txt", objective="poisson")

    certificate = convert(model, tmp_path / "out", _no_report)

    assert certificate.output == "value"
    assert 0 < certificate.max_difference <= 1e-12


@pytest.mark.parametrize("name", ["model.onnx", "model.txt"])
def test_one_changed_byte_anywhere_fails_verification(name: str, copy: Path) -> None:
    whole = (copy / name).read_bytes()
    for place in (0, 1, *range(2, len(whole) - 2, len(whole) // 50), len(whole) - 2, len(whole) - 1):
        for bit in (1, 128):
            changed = bytes([*whole[:place], whole[place] ^ bit, *whole[place + 1 :]])
            (copy / name).write_bytes(changed)

            with pytest.raises(CertificateRefused, match="speaks of other files"):
                verify(copy, _no_report)

    result = _run("verify", copy)
    (copy / name).write_bytes(whole)

    assert result.exit_code == 1
    assert "speaks of other files" in result.output
    assert require_certificate(copy).holds


def test_a_certificate_that_lies_about_a_wrong_model_fails_verification(copy: Path) -> None:
    proto = onnx.load(copy / "model.onnx")
    (last,) = [node for node in proto.graph.node if "probability" in node.output]
    last.op_type = "Identity"
    onnx.save(proto, copy / "model.onnx")
    stated = json.loads((copy / "certificate.json").read_text())
    stated["onnx_sha256"] = sha256(copy / "model.onnx")
    (copy / "certificate.json").write_text(json.dumps(stated))

    with pytest.raises(CertificateRefused, match="does not hold here"):
        verify(copy, _no_report)


def test_a_certificate_for_another_threshold_fails_verification(copy: Path) -> None:
    (copy / "policy.json").write_text('{"threshold": 0.4}')

    with pytest.raises(CertificateRefused, match=r"threshold 0\.3.*is at 0\.4"):
        verify(copy, _no_report)


def test_verification_without_a_certificate_says_what_to_run(copy: Path) -> None:
    (copy / "certificate.json").unlink()

    result = _run("verify", copy)

    assert result.exit_code == 1
    assert "run python -m conversion convert" in result.output


def test_a_refusal_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    model = trained(tmp_path / "theirs.txt", boosting="rf", bagging_freq=1, bagging_fraction=0.5)

    result = _run("convert", model, "--out", tmp_path / "new" / "out")

    assert result.exit_code == 1
    assert "boosting=rf" in result.output
    assert "Traceback" not in result.output
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["theirs.txt"]


def test_a_refusal_leaves_an_earlier_conversion_as_it_was(copy: Path) -> None:
    before = {file.name: file.read_bytes() for file in copy.iterdir()}
    text = before["model.txt"].replace(b"boosting: gbdt", b"boosting: dart")
    (copy / "model.txt").write_bytes(text.replace(b"objective=binary", b"objective=unheard_of"))

    with pytest.raises(UnconvertibleModel, match="unheard_of"):
        convert(copy, copy, _no_report)

    assert {name: (copy / name).read_bytes() for name in ("model.onnx", "certificate.json")} == {
        name: before[name] for name in ("model.onnx", "certificate.json")
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("convert", "nowhere"), "nowhere is not a bundle folder"),
        (("convert", "nowhere", "--out", "x"), "there is no model at nowhere"),
        (("verify", "nowhere"), "no certificate in nowhere"),
        (("inspect", "nowhere"), "there is no model at nowhere"),
        (("convert", "."), "holds no model.txt"),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(
    words: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = _run(*words)

    assert result.exit_code == 1
    assert sentence in result.output


def test_an_output_that_is_a_file_is_refused(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(InvalidModel, match="is a file"):
        convert(bundle, tmp_path / "file", _no_report)

    assert (tmp_path / "file").read_text() == "mine"


def test_a_foreign_model_does_not_take_the_place_of_another_in_its_bundle(copy: Path, tmp_path: Path) -> None:
    (copy / "schema.json").write_text("{}")
    model = trained(tmp_path / "theirs.txt", num_leaves=4)

    with pytest.raises(InvalidModel, match="the bundle of another model"):
        convert(model, copy, _no_report)


def _published(bundle: Path, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conversion", "publish", str(bundle)]
    environment = {**uncovered(), "BENTOML_HOME": str(home), "BENTOML_DO_NOT_TRACK": "True"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_publishing_is_idempotent_and_never_changes_what_a_tag_means(made: Made, tmp_path: Path) -> None:
    bundle = shutil.copytree(made.bundle, tmp_path / "bundle")
    policy = (bundle / "policy.json").read_text()
    tag = f"octroi-credit:{sha256(bundle / 'model.txt')[:12]}"
    first, again = _published(bundle, tmp_path / "home"), _published(bundle, tmp_path / "home")
    stored = tmp_path / "home" / "models" / tag.replace(":", "/")

    assert (first.stdout, again.stdout) == (f"{tag}\n", f"{tag}\n")
    assert (stored / "model.onnx").read_bytes() == (bundle / "model.onnx").read_bytes()

    (bundle / "policy.json").write_text('{"threshold": 0.25}')
    other = _published(bundle, tmp_path / "home")

    assert other.returncode == 1
    assert "a tag never changes" in " ".join(other.stderr.split())
    assert (stored / "policy.json").read_text() == policy


def test_what_the_service_could_not_open_is_not_published(copy: Path, tmp_path: Path) -> None:
    refused = _published(copy, tmp_path / "home")

    assert refused.returncode == 1
    assert "it has no schema.json" in refused.stderr
    assert not list((tmp_path / "home").glob("models/octroi-credit/*"))


def test_publishing_without_a_certificate_that_holds_is_refused(copy: Path, tmp_path: Path) -> None:
    stated = json.loads((copy / "certificate.json").read_text())
    (copy / "certificate.json").write_text(json.dumps({**stated, "flips": 1}))

    refused = _published(copy, tmp_path / "home")

    assert refused.returncode == 1
    assert "does not hold" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not list((tmp_path / "home").glob("models/octroi-credit/*"))
