"""A folder of profiles in which every recorded decision is exactly once.

A file covers a contiguous range of sequence numbers, within one window of decision time and one model;
its name says which: `<window start>_<model>_<first>-<last>.bin`. A file appears whole or not at all.
"""

import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

_NAME = re.compile(r"(?P<window>\d{8}T\d{4}Z)_(?P<model>[0-9a-f]{12})_(?P<first>\d+)-(?P<last>\d+)\.bin")


@dataclass(frozen=True)
class Columns:
    """The recorded values of one model's decisions: their names in order, and which of them are words."""

    model: str
    """First 12 hex digits of the model's hash."""
    names: tuple[str, ...]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Observation:
    """One recorded decision, as a profile sees it."""

    seq: int
    decided_at_us: int
    columns: Columns
    values: Sequence[float | str | None]
    """In the order of the columns; trailing missing values may be left out."""
    probability_default: float
    decision: str


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """What the name of a profile says."""

    path: Path
    window: str
    model: str
    first: int
    last: int


def profile_files(folder: Path) -> list[ProfileFile]:
    """The profiles in *folder* by sequence number, without those that a longer one replaces."""
    found = [_named(path) for path in folder.glob("*.bin")]
    longest: dict[int, ProfileFile] = {}
    for file in sorted((file for file in found if file), key=lambda file: file.last):
        longest[file.first] = file
    return sorted(longest.values(), key=lambda file: file.first)


class Profiler:
    """Takes decisions in the order of their sequence numbers and keeps them in profiles.

    The profile that is still growing is written anew every *flush_s* seconds under a longer range;
    what was not written when the process dies is taken in again by the next one, from `next_seq` on.
    """

    def __init__(self, folder: Path, window_s: int = 3600, flush_s: float = 10.0) -> None:
        self._folder = folder
        self._window_s = window_s
        self._flush_s = flush_s
        self._folder.mkdir(parents=True, exist_ok=True)
        self._drop_leftovers()
        self._growing: _Growing | None = None
        self.next_seq = 1 + max((file.last for file in profile_files(folder)), default=0)

    def add(self, observations: Sequence[Observation]) -> None:
        """Take in *observations*, the first of which must be number `next_seq`."""
        for (window, columns), run in groupby(observations, key=self._key):
            batch = list(run)
            if batch[0].seq != self.next_seq or batch[-1].seq - batch[0].seq != len(batch) - 1:
                raise ValueError(f"decisions {self.next_seq} and on were expected, not {batch[0].seq}")
            if self._growing is None or (self._growing.window, self._growing.columns) != (window, columns):
                self.flush()
                self._growing = _Growing(self._folder, window, columns, batch[0].seq)
            self._growing.add(batch)
            self.next_seq = batch[-1].seq + 1

    def flush_when_due(self) -> None:
        """Write the growing profile if its last decisions have waited *flush_s*."""
        since = None if self._growing is None else self._growing.waiting_since
        if since is not None and time.monotonic() - since >= self._flush_s:
            self.flush()

    def flush(self) -> None:
        """Write the growing profile now."""
        if self._growing is not None:
            self._growing.write()

    def _key(self, observation: Observation) -> tuple[str, Columns]:
        start = observation.decided_at_us // 1_000_000 // self._window_s * self._window_s
        return datetime.fromtimestamp(start, UTC).strftime("%Y%m%dT%H%MZ"), observation.columns

    def _drop_leftovers(self) -> None:
        """Remove half-written files, and ranges that a longer file of the same start replaced."""
        keep = {file.path for file in profile_files(self._folder)}
        replaced = [path for path in self._folder.glob("*.bin") if _named(path) and path not in keep]
        for path in [*self._folder.glob("*.tmp"), *replaced]:
            path.unlink()


class _Growing:
    """The profile of one window that still takes decisions in."""

    def __init__(self, folder: Path, window: str, columns: Columns, first: int) -> None:
        self.window = window
        self.columns = columns
        self.waiting_since: float | None = None
        self._folder = folder
        self._first = first
        self._last = first - 1
        self._written: Path | None = None
        # whylogs takes seconds to load, and the archivist has decisions to move before it has any to sketch.
        from monitoring.sketch import Sketch  # noqa: PLC0415

        numbers = [name for name in columns.names if name not in columns.words]
        words = [name for name in columns.names if name in columns.words]
        self._sketch = Sketch([*numbers, "probability_default"], [*words, "decision"])

    def add(self, batch: Sequence[Observation]) -> None:
        self._sketch.add(_columns(self.columns, batch))
        self._last = batch[-1].seq
        self.waiting_since = self.waiting_since or time.monotonic()

    def write(self) -> None:
        """Replace the file of this profile by one of the longer range."""
        path = self._folder / f"{self.window}_{self.columns.model}_{self._first:012d}-{self._last:012d}.bin"
        if path == self._written:
            return
        _write_durably(path, self._sketch.to_bytes())
        if self._written is not None:
            self._written.unlink()
        self._written = path
        self.waiting_since = None


def _columns(columns: Columns, batch: Sequence[Observation]) -> dict[str, Sequence[object]]:
    width = len(columns.names)
    rows = [
        [*observation.values[:width], *[None] * (width - len(observation.values))] for observation in batch
    ]
    by_name: dict[str, Sequence[object]] = dict(zip(columns.names, zip(*rows, strict=True), strict=True))
    by_name["probability_default"] = [observation.probability_default for observation in batch]
    by_name["decision"] = [observation.decision for observation in batch]
    return by_name


def _named(path: Path) -> ProfileFile | None:
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    return ProfileFile(path, match["window"], match["model"], int(match["first"]), int(match["last"]))


def _write_durably(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
