"""From a LightGBM text model to an ONNX model that is proved equal to it."""

import shutil
from collections.abc import Callable
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
from conversion.staging import locked, staging
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
    with staging(out) as stage:
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
            f"{source.model.name}: ONNX does not answer as LightGBM does ({certificate.finding}), "
            "so it is not written; report this model to Octroi"
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
    """A model must not end up inside its own bundle, nor beside the schema and policy of another model."""
    if source.is_bundle and source.model.parent.resolve() in out.resolve().parents:
        raise InvalidModel(f"{out} is inside the bundle itself: give --out the bundle, or a folder outside")
    if source.is_bundle or not ((out / SCHEMA_FILE).exists() and (out / MODEL_FILE).exists()):
        return
    if sha256(out / MODEL_FILE) != sha256(source.model):
        raise InvalidModel(f"{out} is the bundle of another model: give --out another folder")


def _move(source: SourceBundle, stage: Path, out: Path) -> None:
    """Put the files in place, whole and together; the certificate last, since it speaks for the others."""
    names = []
    for name, file in source.files.items():
        if not (out / name).exists() or not file.samefile(out / name):
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, stage / name)
            names.append(name)
    out.mkdir(parents=True, exist_ok=True)
    with locked(out):
        (out / CERTIFICATE_FILE).unlink(missing_ok=True)
        for name in (*names, ONNX_FILE, CERTIFICATE_FILE):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).replace(out / name)
