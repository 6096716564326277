"""Putting a certified bundle into the BentoML model store, under a tag that never changes."""

from pathlib import Path

from conversion.source import bundle_files
from conversion.verify import require_certificate
from credit.errors import CertificateRefused
from runners.bundle import Bundle, model_tag
from runners.certificate import Certificate
from runners.store import OWN_FILE, keep


def publish(bundle: Path) -> str:
    """Save *bundle* in the model store and return its tag; again with the same files changes nothing."""
    certificate = require_certificate(bundle)
    _require_binary(bundle, certificate)
    # What the service could not open must not become its latest model.
    Bundle.open(bundle)
    tag = model_tag(certificate.model_sha256)
    files = {name: file for name, file in bundle_files(bundle).items() if name != OWN_FILE}
    keep(tag, files, {"onnx": certificate.onnx_sha256[:12]})
    return tag


def _require_binary(bundle: Path, certificate: Certificate) -> None:
    if certificate.output != "probability":
        raise CertificateRefused(f"{bundle} answers a {certificate.output}, not a probability of default")
