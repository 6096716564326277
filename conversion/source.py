"""The model to convert, as it lies on disk: a bundle folder, or a LightGBM text model from anyone."""

from dataclasses import dataclass
from pathlib import Path

from conversion.staging import PREFIX
from credit.errors import InvalidModel
from features.schema import FeatureSchema
from runners.bundle import CERTIFICATE_FILE, MODEL_FILE, ONNX_FILE, POLICY_FILE, SCHEMA_FILE, read_policy
from runners.certificate import sha256

FOREIGN_THRESHOLD = 0.5


@dataclass(frozen=True)
class SourceBundle:
    """A LightGBM text model, and what its bundle says of it."""

    model: Path
    schema: FeatureSchema | None
    policy_threshold: float | None
    """The threshold of the lender's policy; a model from elsewhere has none."""
    is_bundle: bool

    @property
    def threshold(self) -> float:
        """Where a flipped decision is looked for: the policy's threshold, or 0.5 without a policy."""
        return FOREIGN_THRESHOLD if self.policy_threshold is None else self.policy_threshold

    @property
    def schema_sha256(self) -> str | None:
        """SHA-256 of the bundle's schema; a model from elsewhere has none."""
        path = self.model.parent / SCHEMA_FILE
        return sha256(path) if self.is_bundle and path.exists() else None

    @property
    def files(self) -> dict[str, Path]:
        """What a converted bundle keeps of this one: the model, and whatever lies beside it in a bundle."""
        if not self.is_bundle:
            return {MODEL_FILE: self.model}
        made = {ONNX_FILE, CERTIFICATE_FILE}
        return {name: file for name, file in bundle_files(self.model.parent).items() if name not in made}

    @classmethod
    def open(cls, path: Path) -> "SourceBundle":
        """The bundle in the folder *path*, or the text model that *path* is."""
        if not path.exists():
            raise InvalidModel(f"there is no model at {path}")
        if not (path.is_file() or path.is_dir()):
            raise InvalidModel(
                f"{path} is a device, not a file: give a bundle folder or a LightGBM text model"
            )
        if path.name == MODEL_FILE and (path.parent / POLICY_FILE).is_file():
            path = path.parent
        if path.is_file():
            return cls(path, None, None, is_bundle=False)
        model = path / MODEL_FILE
        if not model.is_file():
            raise InvalidModel(f"{path} holds no {MODEL_FILE}: give a bundle folder or a LightGBM text model")
        return cls(model, _schema(path / SCHEMA_FILE), _threshold(path / POLICY_FILE), is_bundle=True)


def bundle_files(folder: Path) -> dict[str, Path]:
    """Every file of a bundle by its name in it, but for what a killed conversion left behind."""
    files = {
        file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()
    }
    return {name: file for name, file in files.items() if not name.startswith(PREFIX)}


def _schema(path: Path) -> FeatureSchema | None:
    return FeatureSchema.read(path) if path.exists() else None


def _threshold(path: Path) -> float | None:
    return read_policy(path).threshold if path.exists() else None
