"""Putting a certified bundle into the BentoML model store, under a tag that never changes."""

import shutil
from pathlib import Path

import bentoml
from bentoml.exceptions import NotFound

from conversion.source import bundle_files
from conversion.verify import require_certificate
from credit.errors import CertificateRefused
from runners.bundle import MODEL_FILE, Bundle, model_tag
from runners.certificate import Certificate, sha256

OWN_FILE = "model.yaml"
"""What BentoML itself writes beside a model's files."""


def publish(bundle: Path) -> str:
    """Save *bundle* in the model store and return its tag; again with the same files changes nothing."""
    certificate = require_certificate(bundle)
    _require_binary(bundle, certificate)
    # What the service could not open must not become its latest model.
    Bundle.open(bundle)
    tag = model_tag(certificate.model_sha256)
    try:
        stored = Path(bentoml.models.get(tag).path)
    except NotFound:
        return _save(bundle, certificate, tag)
    if _hashes(stored) != _hashes(bundle):
        raise CertificateRefused(
            f"{tag} is in the model store with other files beside the same {MODEL_FILE}, and a tag never "
            f"changes: publish the bundle it came from, or remove it with bentoml models delete {tag}"
        )
    return tag


def _require_binary(bundle: Path, certificate: Certificate) -> None:
    if certificate.output != "probability":
        raise CertificateRefused(f"{bundle} answers a {certificate.output}, not a probability of default")


def _save(bundle: Path, certificate: Certificate, tag: str) -> str:
    labels = {"onnx": certificate.onnx_sha256[:12]}
    with bentoml.models.create(tag, labels=labels) as stored:
        for name, file in _files(bundle).items():
            target = Path(stored.path_of(name))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return tag


def _files(folder: Path) -> dict[str, Path]:
    return {name: file for name, file in bundle_files(folder).items() if file.name != OWN_FILE}


def _hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a bundle, by its name in it."""
    return {name: sha256(file) for name, file in _files(folder).items()}
