"""The only file that knows whylogs: a mergeable sketch of many decisions' values."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

# whylogs calls home unless told not to, and asks numpy for a name that numpy 2 dropped.
os.environ.setdefault("WHYLOGS_NO_ANALYTICS", "True")
if not hasattr(np, "unicode_"):
    np.unicode_ = np.str_  # type: ignore[attr-defined]  # noqa: NPY201  # the name whylogs looks for

from whylogs.core.metrics import MetricConfig
from whylogs.core.metrics.metrics import Metric
from whylogs.core.preprocessing import PreprocessedColumn
from whylogs.core.proto import (
    ChunkHeader,
    ChunkMessage,
    DatasetProfileHeader,
    DatasetSegmentHeader,
    MetricComponentMessage,
)
from whylogs.core.schema import DatasetSchema
from whylogs.core.utils.protobuf_utils import read_delimited_protobuf
from whylogs.core.view import WHYLOGS_MAGIC_HEADER, ColumnProfileView, DatasetProfileView
from whylogs_sketching import (  # type: ignore[import-not-found]  # compiled, without types
    frequent_items_error_type,
    frequent_strings_sketch,
    kll_doubles_sketch,
)

from monitoring.files import UnreadableProfile

Numbers = npt.NDArray[np.float64]

KLL_K = 256
"""Size of a column's quantile sketch: 7.7 KB, rank error 0.4 %."""
LARGEST = 1e100
"""Larger numbers are sketched as this one: their squares would make whylogs' mean and variance infinite."""
_LONGEST_WORD = 128


class Sketch:
    """A whylogs profile of typed columns, fed in batches. Missing values are counted, not sketched.

    The types are given, not guessed: whylogs would never sketch a column whose first value is missing.
    Its metrics are fed directly: through a data frame, the same costs five times as much.
    """

    def __init__(self, numbers: Sequence[str], words: Sequence[str]) -> None:
        config = MetricConfig(kll_k=KLL_K, kll_k_large=KLL_K)
        types = {**dict.fromkeys(numbers, float), **dict.fromkeys(words, str)}
        schema = DatasetSchema(types=types, default_configs=config)
        self._numbers = {name: _metrics(schema, name) for name in numbers}
        self._words = {name: _metrics(schema, name) for name in words}

    def add(self, columns: Mapping[str, Sequence[object] | npt.NDArray[np.generic]]) -> None:
        """Take in a batch: by name, values of equal number; `None` and NaN are missing."""
        for name, metrics in self._numbers.items():
            _feed(metrics, _numbers(columns[name]))
        for name, metrics in self._words.items():
            _feed(metrics, _words(columns[name]))

    def to_bytes(self, about: Mapping[str, str] | None = None, since: datetime | None = None) -> bytes:
        """The profile as plain whylogs reads it; *about*: its metadata, *since*: when what it saw began."""
        metrics = {**self._numbers, **self._words}
        now = datetime.now(UTC)
        view = DatasetProfileView(
            columns={name: ColumnProfileView({m.namespace: m for m in ms}) for name, ms in metrics.items()},
            dataset_timestamp=since or now,
            creation_timestamp=now,
            metadata=dict(about or {}),
        )
        return bytes(view.serialize())


@dataclass(frozen=True, slots=True)
class Seen:
    """How many values a column has seen."""

    total: int
    missing: int

    @property
    def known(self) -> int:
        return self.total - self.missing


class StoredSketch:
    """What profiles say of decisions already seen: one file, or several together, of one host or of many.

    Reads of each file only what is asked of it here: whylogs' own reading takes twenty times as long.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """Raises `UnreadableProfile`, which names the file that is none."""
        self._columns: dict[str, _Column] = {}
        for path in paths:
            for name, column in _read(path):
                if name in self._columns:
                    self._columns[name].absorb(column)
                else:
                    self._columns[name] = column

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._columns)

    def seen(self, name: str) -> Seen:
        column = self._columns[name]
        return Seen(column.total, column.missing)

    def share_below(self, name: str, points: Numbers) -> Numbers:
        """For each of *points*, in any order, the share of the known numbers that are smaller."""
        numbers = self._columns[name].numbers
        if numbers.is_empty() or not len(points):
            return np.zeros(len(points))
        # The sketch accepts each point once, in ascending order.
        unique, back = np.unique(points, return_inverse=True)
        return np.asarray(numbers.get_cdf(unique.tolist()), dtype=np.float64)[:-1][back]

    def quantiles(self, name: str, shares: Numbers) -> Numbers:
        """The known numbers that these *shares* of them lie below; none when none is known."""
        numbers = self._columns[name].numbers
        if numbers.is_empty():
            return np.array([])
        return np.asarray(numbers.get_quantiles(shares.tolist()), dtype=np.float64)

    def words(self, name: str) -> dict[str, int]:
        """How often each word was seen; words are cut at 128 characters."""
        kind = frequent_items_error_type.NO_FALSE_NEGATIVES
        return {word: int(count) for word, count, *_ in self._columns[name].words.get_frequent_items(kind)}


def counts(path: Path) -> dict[str, int]:
    """How many values, missing ones included, each column of a stored profile has seen."""
    stored = StoredSketch([path])
    return {name: stored.seen(name).total for name in stored.names}


def _metrics(schema: DatasetSchema, name: str) -> tuple[Metric, ...]:
    return tuple(schema.get(name).get_metrics(name).values())


def _feed(metrics: Iterable[Metric], batch: PreprocessedColumn) -> None:
    for metric in metrics:
        metric.columnar_update(batch)


def _numbers(values: Sequence[object] | npt.NDArray[np.generic]) -> PreprocessedColumn:
    column: Numbers = np.asarray(values, dtype=np.float64)
    known = column[~np.isnan(column)]
    batch = _batch(len(column), len(known))
    batch.inf_count = int(np.isinf(known).sum())
    batch.numpy.floats = np.clip(known, -LARGEST, LARGEST)
    return batch


def _words(values: Sequence[object] | npt.NDArray[np.generic]) -> PreprocessedColumn:
    # Numbers stand for words in some recipes, and NaN for none in some libraries.
    known = [str(value)[:_LONGEST_WORD] for value in values if value is not None and value == value]  # noqa: PLR0124
    batch = _batch(len(values), len(known))
    batch.list.strings = known
    return batch


def _batch(total: int, known: int) -> PreprocessedColumn:
    batch = PreprocessedColumn()
    batch.len = total
    batch.null_count = total - known
    return batch


@dataclass(slots=True)
class _Column:
    total: int
    missing: int
    numbers: kll_doubles_sketch
    words: frequent_strings_sketch

    def absorb(self, other: "_Column") -> None:
        self.total += other.total
        self.missing += other.missing
        self.numbers.merge(other.numbers)
        self.words.merge(other.words)


def _read(path: Path) -> list[tuple[str, _Column]]:
    data = path.read_bytes()
    try:
        return list(_columns(BytesIO(data)))
    except Exception as error:  # protobuf and the sketches raise what the bytes happen to hit
        raise UnreadableProfile(f"{path} is not a whylogs profile of decisions") from error


def _columns(file: BytesIO) -> Iterator[tuple[str, _Column]]:
    if file.read(len(WHYLOGS_MAGIC_HEADER)) != WHYLOGS_MAGIC_HEADER.encode():
        raise ValueError("another kind of file")
    read_delimited_protobuf(file, DatasetSegmentHeader)
    header = read_delimited_protobuf(file, DatasetProfileHeader)
    if not header.column_offsets:
        raise ValueError("nothing in it")
    start, paths = file.tell(), dict(header.indexed_metric_paths)
    for name, chunk in header.column_offsets.items():
        (offset,) = chunk.offsets
        size = read_delimited_protobuf(file, ChunkHeader, start + offset).length
        parts = ChunkMessage.FromString(file.read(size)).metric_components
        yield name, _column({paths[index]: part for index, part in parts.items()})


def _column(parts: Mapping[str, MetricComponentMessage]) -> _Column:
    words = parts.get("frequent_items/frequent_strings")
    return _Column(
        parts["counts/n"].n,
        parts["counts/null"].n,
        kll_doubles_sketch.deserialize(parts["distribution/kll"].kll.sketch),
        frequent_strings_sketch.deserialize(words.frequent_items.sketch) if words else _no_words(),
    )


def _no_words() -> frequent_strings_sketch:
    return frequent_strings_sketch(MetricConfig().fi_lg_max_k)
