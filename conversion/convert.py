"""From a LightGBM text model to an ONNX model that is proved equal to it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from onnx import ModelProto

from conversion.capture import capture
from conversion.certify import SEED, certify
from conversion.child import in_child
from conversion.forest import corrected
from conversion.graph import build
from conversion.objective import Objective
from conversion.plain_text import plain_text
from conversion.source import SourceBundle
from conversion.text_model import TextModel
from credit.errors import InvalidModel, UnconvertibleModel
from runners.bundle import CERTIFICATE_FILE, MODEL_FILE, ONNX_FILE, SCHEMA_FILE
from runners.certificate import Certificate, sha256

BUILT = 0.05
"""Share of the time that building takes; the rest is proof."""


def convert(model: Path, out: Path, report: Callable[[float], None]) -> Certificate:
    """Write model.txt, model.onnx and certificate.json into *out*, or raise and leave *out* as it was.

    *model* is a bundle folder, whose other files are copied too, or a LightGBM text model.
    """
    source = SourceBundle.open(model)
    Objective.of(TextModel.read(source.model))
    _require_own_folder(source, out)
    with _staging(out) as stage:
        certificate = in_child(_convert_into, source, stage, report=report)
        for name in (ONNX_FILE, CERTIFICATE_FILE):
            if not (stage / name).is_file():
                raise InvalidModel(f"the conversion wrote no {name}")
        _move(source, stage, out)
    return certificate


def _convert_into(source: SourceBundle, stage: Path, report: Callable[[float], None]) -> Certificate:
    """What the child process does: build, prove, and write the certificate only when it holds."""
    proto = onnx_model(source.model)
    (stage / ONNX_FILE).write_bytes(proto.SerializeToString(deterministic=True))
    report(BUILT)
    certificate = certify(source, stage / ONNX_FILE, SEED, lambda done: report(BUILT + (1 - BUILT) * done))
    if not certificate.holds:
        raise UnconvertibleModel(
            f"{source.model.name}: ONNX differs from LightGBM by {certificate.max_difference:g} "
            f"with {certificate.flips} flipped decisions, so it is not written; report this model to Octroi"
        )
    (stage / CERTIFICATE_FILE).write_text(certificate.to_json(), encoding="utf-8")
    return certificate


def onnx_model(path: Path) -> ModelProto:
    """The ONNX model of the LightGBM text model *path*. Loads it with LightGBM, which may end the process."""
    model = TextModel.read(path)
    objective = Objective.of(model)
    forest = corrected(capture(plain_text(model)), model)
    return build(forest, objective, model, {"source_sha256": sha256(path), "objective": model.objective})


def _require_own_folder(source: SourceBundle, out: Path) -> None:
    """A model from elsewhere must not end up beside the schema and policy of another model."""
    if source.is_bundle or not ((out / SCHEMA_FILE).exists() and (out / MODEL_FILE).exists()):
        return
    if sha256(out / MODEL_FILE) != sha256(source.model):
        raise InvalidModel(f"{out} is the bundle of another model: give --out another folder")


@contextmanager
def _staging(out: Path) -> Iterator[Path]:
    """A folder beside *out* that is gone afterwards, so that nothing half-written is ever in *out*."""
    if out.exists() and not out.is_dir():
        raise InvalidModel(f"{out} is a file: give --out a folder")
    existing = next(parent for parent in out.absolute().parents if parent.is_dir())
    try:
        with tempfile.TemporaryDirectory(prefix=".octroi-", dir=existing) as stage:
            yield Path(stage)
    except PermissionError as error:
        raise InvalidModel(f"cannot write {out}: {error.strerror}") from error


def _move(source: SourceBundle, stage: Path, out: Path) -> None:
    """Put the files in place; the certificate last, since it speaks for the others."""
    out.mkdir(parents=True, exist_ok=True)
    (out / CERTIFICATE_FILE).unlink(missing_ok=True)
    for name, file in source.files.items():
        target = out / name
        if not target.exists() or not file.samefile(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    for name in (ONNX_FILE, CERTIFICATE_FILE):
        (stage / name).replace(out / name)
