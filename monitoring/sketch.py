"""The one file that knows whylogs: a mergeable sketch of many decisions' values, written and read back."""

import importlib.util
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from whylogs_sketching import (  # type: ignore[import-not-found]  # compiled, without types
    frequent_items_error_type,
    frequent_strings_sketch,
    kll_doubles_sketch,
)

from monitoring.files import UnreadableProfile
from monitoring.seal import BLANK, is_whole, sealed

# whylogs calls home unless told not to, and asks numpy for a name that numpy 2 dropped.
os.environ.setdefault("WHYLOGS_NO_ANALYTICS", "True")
if not hasattr(np, "unicode_"):
    np.unicode_ = np.str_  # type: ignore[attr-defined]  # noqa: NPY201  # the name whylogs looks for

Numbers = npt.NDArray[np.float64]

KLL_K = 256
"""Size of a column's quantile sketch: 7.7 KB, rank error 0.4 %."""
LARGEST = 1e100
"""Larger numbers are sketched as this one: their squares would make whylogs' mean and variance infinite."""
_LONGEST_WORD = 128
_MAGIC = b"WHY1"
_SEAL = "octroi_sha256"
_DAMAGE = (DecodeError, ValueError, KeyError, IndexError, RuntimeError, MemoryError)
"""What protobuf and the sketches raise at bytes that they did not write."""


class Sketch:
    """A whylogs profile of typed columns, fed in batches. Missing values are counted, not sketched.

    The types are given, not guessed: whylogs would never sketch a column whose first value is missing.
    Its metrics are fed directly: through a data frame, the same costs five times as much.
    """

    def __init__(self, numbers: Sequence[str], words: Sequence[str]) -> None:
        whylogs = _whylogs()
        config = whylogs.MetricConfig(kll_k=KLL_K, kll_k_large=KLL_K)
        types = {**dict.fromkeys(numbers, float), **dict.fromkeys(words, str)}
        schema = whylogs.DatasetSchema(types=types, default_configs=config)
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
        whylogs = _whylogs()
        view = whylogs.DatasetProfileView(
            columns={
                name: whylogs.ColumnProfileView({m.namespace: m for m in ms}) for name, ms in metrics.items()
            },
            dataset_timestamp=since or now,
            creation_timestamp=now,
            metadata={**(about or {}), _SEAL: BLANK},
        )
        return sealed(bytes(view.serialize()))


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
        words = self._columns[name].words
        if words is None:
            return {}
        kind = frequent_items_error_type.NO_FALSE_NEGATIVES
        try:
            return {word: int(count) for word, count, *_ in words.get_frequent_items(kind)}
        except UnicodeDecodeError as error:
            raise UnreadableProfile(f"a profile is damaged: {name} has words that are no text") from error


def counts(path: Path) -> dict[str, int]:
    """How many values, missing ones included, each column of a stored profile has seen."""
    stored = StoredSketch([path])
    return {name: stored.seen(name).total for name in stored.names}


@cache
def _whylogs() -> SimpleNamespace:
    """What is used of whylogs to write. To read needs none of it, and its package takes seconds to load."""
    from whylogs.core.metrics import MetricConfig  # noqa: PLC0415
    from whylogs.core.preprocessing import PreprocessedColumn  # noqa: PLC0415
    from whylogs.core.schema import DatasetSchema  # noqa: PLC0415
    from whylogs.core.view import ColumnProfileView, DatasetProfileView  # noqa: PLC0415

    return SimpleNamespace(
        MetricConfig=MetricConfig,
        PreprocessedColumn=PreprocessedColumn,
        DatasetSchema=DatasetSchema,
        ColumnProfileView=ColumnProfileView,
        DatasetProfileView=DatasetProfileView,
    )


def _metrics(schema: Any, name: str) -> tuple[Any, ...]:
    return tuple(schema.get(name).get_metrics(name).values())


def _feed(metrics: Iterable[Any], batch: Any) -> None:
    for metric in metrics:
        metric.columnar_update(batch)


def _numbers(values: Sequence[object] | npt.NDArray[np.generic]) -> Any:
    column: Numbers = np.asarray(values, dtype=np.float64)
    known = column[~np.isnan(column)]
    batch = _batch(len(column), len(known))
    batch.inf_count = int(np.isinf(known).sum())
    batch.numpy.floats = np.clip(known, -LARGEST, LARGEST)
    return batch


def _words(values: Sequence[object] | npt.NDArray[np.generic]) -> Any:
    # Numbers stand for words in some recipes, and NaN for none in some libraries.
    known = [str(value)[:_LONGEST_WORD] for value in values if value is not None and value == value]  # noqa: PLR0124
    batch = _batch(len(values), len(known))
    batch.list.strings = known
    return batch


def _batch(total: int, known: int) -> Any:
    batch = _whylogs().PreprocessedColumn()
    batch.len = total
    batch.null_count = total - known
    return batch


@dataclass(slots=True)
class _Column:
    total: int
    missing: int
    numbers: kll_doubles_sketch
    words: frequent_strings_sketch | None

    def absorb(self, other: "_Column") -> None:
        self.total += other.total
        self.missing += other.missing
        self.numbers.merge(other.numbers)
        if self.words is None:
            self.words = other.words
        elif other.words is not None:
            self.words.merge(other.words)


def _whylogs_messages() -> ModuleType:
    """The definitions of whylogs' messages: to import them by name would load pandas and scikit-learn too."""
    whylogs = importlib.util.find_spec("whylogs")
    assert whylogs is not None
    assert whylogs.origin is not None
    path = Path(whylogs.origin).parent / "core" / "proto" / "whylogs_messages_pb2.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_MESSAGES: Any = _whylogs_messages()


def _read(path: Path) -> list[tuple[str, _Column]]:
    data = path.read_bytes()
    try:
        return list(_columns(data))
    except _DAMAGE as error:
        raise UnreadableProfile(f"{path} is not a whylogs profile of decisions, or damaged") from error


def _columns(data: bytes) -> Iterator[tuple[str, _Column]]:
    if not data.startswith(_MAGIC):
        raise ValueError("another kind of file")
    _, about = _delimited(data, len(_MAGIC))
    header, start = _delimited(data, about)
    described = _MESSAGES.DatasetProfileHeader.FromString(header)
    if not described.column_offsets:
        raise ValueError("nothing in it")
    # What an earlier version wrote has no seal.
    seal = described.properties.metadata.get(_SEAL)
    if seal is not None and not is_whole(data, seal):
        raise ValueError("damaged")
    index = {path: number for number, path in described.indexed_metric_paths.items()}
    for name, chunk in described.column_offsets.items():
        (offset,) = chunk.offsets
        message, begin = _delimited(data, start + offset)
        end = begin + _MESSAGES.ChunkHeader.FromString(message).length
        if end > len(data):
            raise ValueError("cut off")
        yield name, _column(_MESSAGES.ChunkMessage.FromString(data[begin:end]).metric_components, index)


def _delimited(data: bytes, position: int) -> tuple[bytes, int]:
    """The message at *position*, before which its length stands, and where it ends."""
    length = shift = 0
    while True:
        byte = data[position]
        position += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if position + length > len(data):
        raise ValueError("cut off")
    return data[position : position + length], position + length


def _column(parts: Mapping[int, Any], index: Mapping[str, int]) -> _Column:
    return _Column(
        parts[index["counts/n"]].n,
        parts[index["counts/null"]].n,
        kll_doubles_sketch.deserialize(parts[index["distribution/kll"]].kll.sketch),
        _stored_words(parts, index.get("frequent_items/frequent_strings")),
    )


def _stored_words(parts: Mapping[int, Any], position: int | None) -> frequent_strings_sketch | None:
    """The words of a column of words; a profile without any does not even know of such."""
    if position is None or position not in parts:
        return None
    return frequent_strings_sketch.deserialize(parts[position].frequent_items.sketch)
