"""Columns while they are being made: numbers with NaN for missing, or codes of words."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.made_up.normal import Floats

Integers = npt.NDArray[np.integer]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Words:
    """Text by code; -1 is missing."""

    codes: npt.NDArray[np.int16]
    words: tuple[str, ...]

    def where(self, keep: Flags) -> "Words":
        """The same, missing where *keep* is false."""
        return Words(np.where(keep, self.codes, np.int16(-1)), self.words)

    def replaced(self, at: Flags, word: str) -> "Words":
        """The same, with *word* where *at* is true."""
        words = self.words if word in self.words else (*self.words, word)
        return Words(np.where(at, np.int16(words.index(word)), self.codes), words)

    def equals(self, *words: str) -> Flags:
        """Where one of *words* stands."""
        return np.isin(self.codes, [self.words.index(word) for word in words if word in self.words])

    def taken(self, rows: npt.NDArray[np.intp] | Flags) -> "Words":
        return Words(self.codes[rows], self.words)

    def to_arrow(self) -> pa.Array:
        codes = pa.array(self.codes, mask=self.codes < 0)
        return pa.DictionaryArray.from_arrays(codes, pa.array(self.words, pa.string())).cast(pa.string())


Values = Floats | Integers | Words
Columns = dict[str, Values]


def missing(values: Values, at: Flags) -> Values:
    """The same column, missing *at* these rows."""
    return values.where(~at) if isinstance(values, Words) else np.where(at, np.nan, values)


def array(values: Values) -> Floats | Integers:
    """The numbers of a column that holds numbers."""
    if isinstance(values, Words):
        raise TypeError(f"words where numbers belong: {values.words}")
    return values


def constant(word: str, rows: int) -> Words:
    """*rows* times the same word."""
    return Words(np.zeros(rows, dtype=np.int16), (word,))


def taken(columns: Mapping[str, Values], rows: npt.NDArray[np.intp] | Flags) -> Columns:
    """The chosen rows of each column."""
    return {
        name: values.taken(rows) if isinstance(values, Words) else values[rows]
        for name, values in columns.items()
    }


def to_arrow(columns: Mapping[str, Values], schema: pa.Schema) -> pa.Table:
    """An Arrow table in the order and types of *schema*; NaN becomes null."""
    return pa.Table.from_arrays([_array(columns[field.name], field.type) for field in schema], schema=schema)


def _array(values: Values, type_: pa.DataType) -> pa.Array:
    if isinstance(values, Words):
        return values.to_arrow()
    return pa.array(values, from_pandas=True).cast(type_, safe=False)
