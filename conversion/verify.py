"""Proving a certificate again, from the files it speaks of."""

from collections.abc import Callable
from pathlib import Path

from conversion.certify import certify
from conversion.child import in_child
from conversion.source import SourceBundle
from credit.errors import CertificateRefused
from runners.bundle import CERTIFICATE_FILE, ONNX_FILE
from runners.certificate import Certificate, sha256


def require_certificate(bundle: Path) -> Certificate:
    """The certificate of *bundle*; `CertificateRefused` unless it speaks of these very files and holds."""
    certificate = Certificate.read(bundle / CERTIFICATE_FILE)
    if not (bundle / ONNX_FILE).is_file():
        raise CertificateRefused(f"no {ONNX_FILE} in {bundle}: run python -m conversion convert")
    source = SourceBundle.open(bundle)
    certificate.require(sha256(source.model), sha256(bundle / ONNX_FILE), source.schema_sha256)
    return certificate


def verify(bundle: Path, report: Callable[[float], None]) -> Certificate:
    """Score every row again; the certificate found, or `CertificateRefused` if it is not true any more."""
    stated = require_certificate(bundle)
    source = SourceBundle.open(bundle)
    if stated.threshold != source.threshold:
        raise CertificateRefused(
            f"the certificate of {bundle} counts flips at threshold {stated.threshold:g}, and the policy "
            f"is at {source.threshold:g}: convert the model again"
        )
    found: Certificate = in_child(certify, source, bundle / ONNX_FILE, stated.seed, report=report)
    if not found.holds:
        raise CertificateRefused(
            f"the certificate of {bundle} does not hold here: {found.finding}; convert the model again"
        )
    if (stated.rows, stated.output) != (found.rows, found.output):
        raise CertificateRefused(
            f"the certificate of {bundle} states {stated.rows} rows of {stated.output}, and there are "
            f"{found.rows} of {found.output}: convert the model again"
        )
    return found
