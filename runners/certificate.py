"""What was proved of a converted model: the same probabilities as LightGBM's, to the last digits."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from credit.errors import CertificateRefused

MAX_DIFFERENCE = 1e-12
LEAST_ROWS = 100_000
CERTIFICATE_FORMAT = 2


@dataclass(frozen=True)
class Certificate:
    """Rows tried on both models, what differed at most, and the hashes of the files it speaks of."""

    rows: int
    max_difference: float
    """Largest |onnx - native| over all rows and batch sizes; of values, relative to the native one."""
    flips: int
    """Rows whose decision at `threshold` differs between the two."""
    threshold: float
    batch_sizes: tuple[int, ...]
    seed: int
    model_sha256: str
    """Of `model.txt`, LightGBM's own text."""
    onnx_sha256: str
    schema_sha256: str | None
    """Of `schema.json`, which says what each column of a row is; a model from elsewhere has none."""
    worst_row: tuple[float | str, ...]
    """The row with the largest difference; "nan", "inf" and "-inf" as text."""
    versions: dict[str, str]
    output: str = "probability"
    """What the model answers: one "probability", "probabilities" of several classes, or a "value"."""
    unsteady: int = 0
    """Rows whose answer has other bits alone than in company."""
    format: int = CERTIFICATE_FORMAT

    @property
    def holds(self) -> bool:
        exact = 0.0 <= self.max_difference <= MAX_DIFFERENCE and self.flips == 0
        return self.rows >= LEAST_ROWS and exact and self.unsteady == 0

    @property
    def finding(self) -> str:
        """What was found, in words."""
        return (
            f"difference {self.max_difference:g}, {self.flips} flips at {self.threshold:g}, "
            f"{self.unsteady} rows whose answer depends on their company"
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, allow_nan=False) + "\n"

    @classmethod
    def read(cls, path: Path) -> "Certificate":
        """The certificate in *path*; `CertificateRefused` when there is none or it cannot be read."""
        try:
            certificate = msgspec.json.decode(path.read_bytes(), type=cls)
        except FileNotFoundError as error:
            raise CertificateRefused(
                f"no certificate in {path.parent}: run python -m conversion convert"
            ) from error
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if not path.parent.is_dir():
                raise CertificateRefused(f"{path.parent} is no bundle folder") from error
            raise CertificateRefused(f"{path} is not a certificate: convert the model again") from error
        if certificate.format != CERTIFICATE_FORMAT:
            raise CertificateRefused(
                f"{path} has format {certificate.format}, not {CERTIFICATE_FORMAT}: convert the model again"
            )
        return certificate

    def require(self, model_sha256: str, onnx_sha256: str, schema_sha256: str | None) -> None:
        """Raise `CertificateRefused` unless this certificate holds for the files with these hashes."""
        stated = (self.model_sha256, self.onnx_sha256, self.schema_sha256)
        if stated != (model_sha256, onnx_sha256, schema_sha256):
            raise CertificateRefused("the certificate speaks of other files: convert the model again")
        if not self.holds:
            raise CertificateRefused(f"the certificate does not hold: {self.finding}")


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
