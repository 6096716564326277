"""The folder a model travels in: LightGBM's text, ONNX, schema, policy, metrics, certificate. No pickle."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from credit.errors import InvalidModel, InvalidPolicy
from credit.policy import Policy
from features.schema import FeatureSchema
from runners.certificate import Certificate, sha256

MODEL_NAME = "octroi-credit"
MODEL_FILE = "model.txt"
ONNX_FILE = "model.onnx"
SCHEMA_FILE = "schema.json"
POLICY_FILE = "policy.json"
METRICS_FILE = "metrics.json"
CERTIFICATE_FILE = "certificate.json"


@dataclass(frozen=True)
class Bundle:
    """A model folder, opened: its parts agree with each other."""

    folder: Path
    schema: FeatureSchema
    policy: Policy

    @classmethod
    def open(cls, folder: Path) -> "Bundle":
        """The bundle in *folder*; `InvalidModel` names the part that is missing or unreadable."""
        for name in (MODEL_FILE, SCHEMA_FILE, POLICY_FILE):
            if not (folder / name).is_file():
                raise InvalidModel(f"{folder} is not a model bundle: it has no {name}")
        try:
            schema = FeatureSchema.read(folder / SCHEMA_FILE)
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidModel(f"{folder / SCHEMA_FILE} is damaged: train the model again") from error
        return cls(folder, schema, read_policy(folder / POLICY_FILE))

    @cached_property
    def model_sha256(self) -> str:
        """SHA-256 of LightGBM's text, in hex."""
        return sha256(self.folder / MODEL_FILE)

    @property
    def version(self) -> str:
        """The model's own version: its tag in the BentoML model store."""
        return model_tag(self.model_sha256)

    @cached_property
    def metrics(self) -> dict[str, object]:
        """What training measured; empty when it left nothing."""
        path = self.folder / METRICS_FILE
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}

    @cached_property
    def certificate(self) -> Certificate:
        return Certificate.read(self.folder / CERTIFICATE_FILE)

    def certified_onnx(self) -> bytes:
        """The bytes of `model.onnx`; `CertificateRefused` unless the certificate holds for them."""
        certificate = self.certificate
        if not (self.folder / ONNX_FILE).is_file():
            raise InvalidModel(f"{self.folder} has no {ONNX_FILE}: run python -m conversion convert")
        onnx = (self.folder / ONNX_FILE).read_bytes()
        certificate.require(self.model_sha256, hashlib.sha256(onnx).hexdigest())
        return onnx


def model_tag(model_sha256: str) -> str:
    """The tag of a model in the BentoML model store: it never changes, as its content never does."""
    return f"{MODEL_NAME}:{model_sha256[:12]}"


def read_policy(path: Path) -> Policy:
    """The policy in *path*; `InvalidPolicy` says what is wrong with it."""
    try:
        return Policy.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise InvalidPolicy(f"there is no policy file {path}") from error
    except ValueError as error:
        raise InvalidPolicy(f"{path} is not JSON: {error}") from error
