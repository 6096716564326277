"""The folder a model travels in: LightGBM's text, ONNX, schema, policy, metrics, certificate. No pickle."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

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
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True)
class Bundle:
    """A model folder, opened: its parts agree with each other."""

    folder: Path
    schema: FeatureSchema
    policy: Policy
    metrics: dict[str, object]
    """What training measured; empty when it left nothing."""

    @classmethod
    def open(cls, folder: Path) -> "Bundle":
        """The bundle in *folder*; `InvalidModel` names the part that is missing or unreadable."""
        for name in (MODEL_FILE, SCHEMA_FILE, POLICY_FILE):
            if not (folder / name).is_file():
                raise InvalidModel(f"{folder} is not a model bundle: it has no {name}")
        schema = FeatureSchema.read(folder / SCHEMA_FILE)
        if schema.names[: schema.width] != feature_names(folder / MODEL_FILE):
            raise InvalidModel(f"{SCHEMA_FILE} and {MODEL_FILE} in {folder} name other features: train again")
        return cls(folder, schema, read_policy(folder / POLICY_FILE), _read_metrics(folder / METRICS_FILE))

    @cached_property
    def model_sha256(self) -> str:
        """SHA-256 of LightGBM's text, in hex."""
        return sha256(self.folder / MODEL_FILE)

    @property
    def version(self) -> str:
        """The model's own version: its tag in the BentoML model store."""
        return model_tag(self.model_sha256)

    @cached_property
    def certificate(self) -> Certificate:
        return Certificate.read(self.folder / CERTIFICATE_FILE)

    def certified_onnx(self) -> bytes:
        """The bytes of `model.onnx`; `CertificateRefused` unless the certificate holds for them."""
        certificate = self.certificate
        if not (self.folder / ONNX_FILE).is_file():
            raise InvalidModel(f"{self.folder} has no {ONNX_FILE}: run python -m conversion convert")
        onnx = (self.folder / ONNX_FILE).read_bytes()
        onnx_sha256 = hashlib.sha256(onnx).hexdigest()
        certificate.require(self.model_sha256, onnx_sha256, sha256(self.folder / SCHEMA_FILE))
        return onnx


def model_tag(model_sha256: str) -> str:
    """The tag of a model in the BentoML model store: it never changes, as its content never does."""
    return f"{MODEL_NAME}:{model_sha256[:12]}"


def feature_names(model: Path) -> tuple[str, ...]:
    """The features that a LightGBM text model names, in its order; none when it names none."""
    with model.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("feature_names="):
                return tuple(line.rstrip("\n").partition("=")[2].split(" "))
            if line.startswith("Tree="):
                break
    return ()


def read_policy(path: Path) -> Policy:
    """The policy in *path*; `InvalidPolicy` says what is wrong with it."""
    try:
        return Policy.from_dict(msgspec.json.decode(path.read_bytes()))
    except FileNotFoundError as error:
        raise InvalidPolicy(f"there is no policy file {path}") from error
    except (OSError, *_NOT_JSON) as error:
        raise InvalidPolicy(f"{path} is not JSON: {error}") from error
    except InvalidPolicy as error:
        raise InvalidPolicy(f"{path}: {error}") from error


def _read_metrics(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    except (OSError, *_NOT_JSON) as error:
        raise InvalidModel(f"{path} is damaged: train the model again") from error
