"""Profiles read back. Beside sketch.py the only file that knows whylogs, and it does without its package."""

import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
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

Numbers = npt.NDArray[np.float64]

_MAGIC = b"WHY1"
_DAMAGE = (DecodeError, ValueError, KeyError, IndexError, RuntimeError, MemoryError)
"""What protobuf and the sketches raise at bytes that they did not write."""


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
        raise UnreadableProfile(f"{path} is not a whylogs profile of decisions") from error


def _columns(data: bytes) -> Iterator[tuple[str, _Column]]:
    if not data.startswith(_MAGIC):
        raise ValueError("another kind of file")
    _, about = _delimited(data, len(_MAGIC))
    header, start = _delimited(data, about)
    described = _MESSAGES.DatasetProfileHeader.FromString(header)
    if not described.column_offsets:
        raise ValueError("nothing in it")
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
        _words(parts, index.get("frequent_items/frequent_strings")),
    )


def _words(parts: Mapping[int, Any], position: int | None) -> frequent_strings_sketch | None:
    """The words of a column of words; a profile without any does not even know of such."""
    if position is None or position not in parts:
        return None
    return frequent_strings_sketch.deserialize(parts[position].frequent_items.sketch)
