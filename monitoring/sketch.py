"""A mergeable sketch of many decisions' values. Beside stored.py the only file that knows whylogs."""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

# whylogs calls home unless told not to, and asks numpy for a name that numpy 2 dropped.
os.environ.setdefault("WHYLOGS_NO_ANALYTICS", "True")
if not hasattr(np, "unicode_"):
    np.unicode_ = np.str_  # type: ignore[attr-defined]  # noqa: NPY201  # the name whylogs looks for

from whylogs.core.metrics import MetricConfig
from whylogs.core.metrics.metrics import Metric
from whylogs.core.preprocessing import PreprocessedColumn
from whylogs.core.schema import DatasetSchema
from whylogs.core.view import ColumnProfileView, DatasetProfileView

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
