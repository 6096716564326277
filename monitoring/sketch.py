"""The only file that knows whylogs: a mergeable sketch of many decisions' values."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

# whylogs calls home unless told not to, and asks numpy for a name that numpy 2 dropped.
os.environ.setdefault("WHYLOGS_NO_ANALYTICS", "True")
if not hasattr(np, "unicode_"):
    np.unicode_ = np.str_  # type: ignore[attr-defined]  # noqa: NPY201  # the name whylogs looks for

from whylogs.core import DatasetProfile, DatasetProfileView
from whylogs.core.metrics import MetricConfig
from whylogs.core.schema import DatasetSchema

KLL_K = 256
"""Size of a column's quantile sketch: 7.7 KB, rank error 0.4 %."""


class Sketch:
    """A whylogs profile of typed columns, fed in batches. Missing values are counted, not sketched.

    The types are given, not guessed: whylogs would never sketch a column whose first value is missing.
    """

    def __init__(self, numbers: Sequence[str], words: Sequence[str]) -> None:
        self._numbers = tuple(numbers)
        self._words = tuple(words)
        types = {**dict.fromkeys(self._numbers, float), **dict.fromkeys(self._words, str)}
        config = MetricConfig(kll_k=KLL_K, kll_k_large=KLL_K)
        self._profile = DatasetProfile(schema=DatasetSchema(types=types, default_configs=config))

    def add(self, columns: Mapping[str, Sequence[object]]) -> None:
        """Take in a batch: by name, values of equal number; `None` is missing. Infinity is a `ValueError`."""
        numbers = {name: _finite(name, columns[name]) for name in self._numbers}
        words = {name: pd.Series(_text(columns[name]), dtype=object) for name in self._words}
        self._profile.track(pd.DataFrame({**numbers, **words}))

    def to_bytes(self) -> bytes:
        """The profile as plain whylogs reads it."""
        return bytes(self._profile.view().serialize())


def counts(path: Path) -> dict[str, int]:
    """How many values, missing ones included, each column of a stored profile has seen."""
    view = DatasetProfileView.read(str(path))
    return {name: int(column.get_metric("counts").n.value) for name, column in view.get_columns().items()}


def _finite(name: str, values: Sequence[object]) -> pd.Series:
    column = np.array(values, dtype=np.float64)
    if np.isinf(column).any():
        raise ValueError(f"{name} holds an infinite value, which would spoil its mean for good")
    return pd.Series(column)


def _text(values: Sequence[object]) -> list[str | None]:
    return [None if value is None else str(value) for value in values]
