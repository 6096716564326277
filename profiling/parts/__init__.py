"""What each part of a decision costs a worker, measured by doing it alone in a process of its own."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec


@dataclass(frozen=True, slots=True)
class Parts:
    """Microseconds of processor time for each request, when so many share a batch."""

    batch: int
    decode_us: float
    encode_us: float
    score_us: float
    journal_us: float
    """Record and one `fdatasync` for the batch."""
    answer_us: float

    @property
    def total_us(self) -> float:
        return self.decode_us + self.encode_us + self.score_us + self.journal_us + self.answer_us


def parts_of(bundle: Path, bodies: Sequence[bytes], batch: int, scratch: Path, least_s: float = 1.0) -> Parts:
    """What each part costs a request among *batch*, over all *bodies* in turn for at least *least_s*."""
    file = scratch / "bodies.json"
    file.write_bytes(b"[" + b",".join(bodies) + b"]")
    command = [sys.executable, "-m", "profiling.parts", str(bundle), str(file), str(batch), str(least_s)]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # all ours
    return msgspec.json.decode(done.stdout, type=Parts)
