"""A folder of profiles in which every recorded decision is exactly once.

A file covers a contiguous range of sequence numbers, within one window of decision time and one model;
its name says which. A file appears whole or not at all.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from monitoring.files import (
    WINDOW_FORM,
    ProfileFile,
    origin_of,
    profile_files,
    profile_name,
    write_durably,
)

if TYPE_CHECKING:
    from monitoring.sketch import Sketch

log = structlog.get_logger()

_ASIDE = ".stray"


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
    values: Sequence[float | str | None] | None
    """In the order of the columns; trailing missing values may be left out. `None`: they were erased."""
    probability_default: float
    decision: str


class Profiler:
    """Takes decisions in the order of their sequence numbers and keeps them in profiles.

    The profile that is still growing is written anew every *flush_s* seconds under a longer range;
    what was not written when the process dies is taken in again by the next one, from `next_seq` on.
    A folder without any begins with decision *begin*, the first one recorded.
    """

    def __init__(self, folder: Path, window_s: int = 3600, flush_s: float = 10.0, begin: int = 1) -> None:
        self._folder = folder
        self._window_s = window_s
        self._flush_s = flush_s
        self._folder.mkdir(parents=True, exist_ok=True)
        self._origin = origin_of(folder)
        self._growing: _Growing | None = None
        _drop_leftovers(folder)
        last = _last_of_chain((file for file in profile_files(folder) if file.origin == self._origin), begin)
        self.next_seq = begin if last is None else 1 + last

    def add(self, observations: Sequence[Observation]) -> None:
        """Take in *observations*, the first of which must be number `next_seq`."""
        for (start, columns), run in groupby(observations, key=self._key):
            batch = list(run)
            window = datetime.fromtimestamp(start, UTC).strftime(WINDOW_FORM)
            if batch[0].seq != self.next_seq or batch[-1].seq - batch[0].seq != len(batch) - 1:
                raise ValueError(f"decisions {self.next_seq} and on were expected, not {batch[0].seq}")
            if self._growing is None or (self._growing.window, self._growing.columns) != (window, columns):
                self.flush()
                self._growing = _Growing(self._folder, self._origin, window, columns, batch[0].seq)
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

    def _key(self, observation: Observation) -> tuple[int, Columns]:
        return observation.decided_at_us // 1_000_000 // self._window_s * self._window_s, observation.columns


class _Growing:
    """The profile of one window that still takes decisions in."""

    def __init__(self, folder: Path, origin: str, window: str, columns: Columns, first: int) -> None:
        self.window = window
        self.columns = columns
        self.waiting_since: float | None = None
        self._folder = folder
        self._origin = origin
        self._first = first
        self._last = first - 1
        self._written: Path | None = None
        self._sketch = _sketch(columns)

    def add(self, batch: Sequence[Observation]) -> None:
        """Take in *batch*; what was erased only moves the range on."""
        self._sketch.add(_columns(self.columns, batch))
        self._last = batch[-1].seq
        self.waiting_since = self.waiting_since or time.monotonic()

    def write(self) -> None:
        """Replace the file of this profile by one of the longer range."""
        name = profile_name(self.window, self.columns.model, self._origin, self._first, self._last)
        path = self._folder / f"{name}.bin"
        if path == self._written:
            return
        _write(path, self.window, self._sketch)
        if self._written is not None:
            self._written.unlink()
        self._written = path
        self.waiting_since = None


def _drop_leftovers(folder: Path) -> None:
    """Remove half-written files, and ranges that a longer file of the same start replaced."""
    for path in folder.glob("*.bin"):
        file = ProfileFile.named(path)
        if file and not file.is_itself:
            _set_aside(file)
    keep = {file.path for file in profile_files(folder)}
    replaced = [path for path in folder.glob("*.bin") if ProfileFile.named(path) and path not in keep]
    for path in [*folder.glob("*.tmp"), *replaced]:
        path.unlink()


def _last_of_chain(own: Iterable[ProfileFile], begin: int) -> int | None:
    """The last decision of the unbroken chain of profiles from *begin*; the others are set aside.

    A profile past a hole must not hide decisions: those it covers are taken in again, after the hole's.
    """
    last: int | None = None
    for file in own:
        if file.first <= begin if last is None else file.first == last + 1:
            last = file.last
        else:
            _set_aside(file)
    return last


def _set_aside(file: ProfileFile) -> None:
    log.warning("profile_set_aside", profile=file.path.name)
    file.path.rename(file.path.with_suffix(_ASIDE))


def forget_set_aside(folder: Path) -> None:
    """Remove what was set aside: it cannot be made anew, and may hold the values of decisions that went."""
    for path in folder.glob(f"*{_ASIDE}"):
        path.unlink()


def rebuild(file: ProfileFile, batches: Iterable[Sequence[Observation]]) -> None:
    """Replace a profile by one of the same range that holds *batches* only: the others were erased.

    `ValueError` when they are not of its range, or of one model.
    """
    columns: Columns | None = None
    sketch: Sketch | None = None
    for batch in batches:
        for one in batch:
            columns = columns or one.columns
            if one.columns != columns or not file.first <= one.seq <= file.last:
                raise ValueError(f"{file.path.name} cannot be rebuilt from decisions that are not its own")
        if columns is not None:
            sketch = sketch or _sketch(columns)
            sketch.add(_columns(columns, batch))
    _write(file.path, file.window, sketch or _sketch(Columns(file.model, (), frozenset())))


def _sketch(columns: Columns) -> "Sketch":
    # whylogs takes seconds to load, and the archivist has decisions to move before it has any to sketch.
    from monitoring.sketch import Sketch  # noqa: PLC0415

    numbers = [name for name in columns.names if name not in columns.words]
    words = [name for name in columns.names if name in columns.words]
    return Sketch([*numbers, "probability_default"], [*words, "decision"])


def _write(path: Path, window: str, sketch: "Sketch") -> None:
    since = datetime.strptime(window, WINDOW_FORM).replace(tzinfo=UTC)
    write_durably(path, sketch.to_bytes({"octroi": path.stem}, since))


def _columns(columns: Columns, batch: Sequence[Observation]) -> dict[str, Sequence[object]]:
    width = len(columns.names)
    kept = [(observation, observation.values) for observation in batch if observation.values is not None]
    rows = ([*values[:width], *[None] * (width - len(values))] for _, values in kept)
    by_column = list(zip(*rows, strict=True)) or [()] * width
    by_name: dict[str, Sequence[object]] = dict(zip(columns.names, by_column, strict=True))
    by_name["probability_default"] = [observation.probability_default for observation, _ in kept]
    by_name["decision"] = [observation.decision for observation, _ in kept]
    return by_name
