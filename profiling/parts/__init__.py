"""What each part of a decision costs a worker, measured by doing it alone in a process of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from profiling.child import told_by


@dataclass(frozen=True, slots=True)
class Parts:
    """Microseconds of processor time for each request, when so many share a batch."""

    batch: int
    decode_us: float
    encode_us: float
    score_us: float
    journal_us: float
    """Record, and one write to the disk for the batch."""
    answer_us: float

    @property
    def total_us(self) -> float:
        return self.decode_us + self.encode_us + self.score_us + self.journal_us + self.answer_us


def parts_of(
    bundle: Path, bodies: Sequence[bytes], batches: Sequence[int], scratch: Path, least_s: float = 1.0
) -> list[Parts]:
    """What each part costs a request among so many, over all *bodies* in turn for at least *least_s*."""
    file = scratch / "bodies.json"
    file.write_bytes(b"[" + b",".join(bodies) + b"]")
    found = told_by("profiling.parts", str(bundle), str(file), str(least_s), *map(str, batches))
    return msgspec.json.decode(found, type=list[Parts])
