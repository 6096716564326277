"""The one mapping from named values to the model's row: training, service and replay all use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.finding import Finding
from features.consistency import derivations
from features.schema import Feature, FeatureSchema, Value, Values

Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The model's rows, and what is worth a warning in each."""

    rows: Rows
    warnings: list[tuple[Finding, ...]]


class Encoder:
    """Turns raw values into float64 rows; missing, unknown categories and sentinels become NaN."""

    def __init__(self, schema: FeatureSchema) -> None:
        self.schema = schema
        used = schema.used
        self._derived = derivations(schema, used)
        self._codes = {i: _codes(feature) for i, feature in enumerate(used) if feature.is_category}
        others = schema.features[len(used) :]
        # Not scored, but a word that is none must be said to be none.
        self._unscored = {
            i: _codes(feature) for i, feature in enumerate(others, start=len(used)) if feature.is_category
        }
        self._sentinels = [(i, feature.sentinels) for i, feature in enumerate(used) if feature.sentinels]
        ranges = [feature.seen or (-np.inf, np.inf) for feature in used]
        self._low, self._high = np.array(ranges, dtype=np.float64).T

    def encode(self, applicants: Sequence[Values]) -> Encoded:
        """Rows float64 (n, width) of *applicants*, in order, with each one's warnings.

        A derived feature that is missing is computed where its parts are known.
        """
        width = self.schema.width
        # None becomes NaN on the way into the array.
        rows = np.array([self._coded(values) for values in applicants], dtype=np.float64)
        rows = self._without_sentinels(rows.reshape(len(applicants), width))
        return Encoded(rows, self._warnings(applicants, rows))

    def encode_columns(self, columns: Mapping[str, npt.ArrayLike]) -> Rows:
        """The same rows from whole columns by name: numbers as float64 with NaN, categories as objects."""
        used = self.schema.used
        rows = np.empty((len(np.asarray(columns[used[0].name])), len(used)), dtype=np.float64)
        for i, feature in enumerate(used):
            column = columns[feature.name]
            rows[:, i] = self._code_column(i, column) if feature.is_category else np.asarray(column)
        return self._without_sentinels(rows)

    def _coded(self, values: Values) -> list[Value]:
        row = list(values[: self.schema.width])
        for derivation in self._derived:
            if row[derivation.position] is None:
                row[derivation.position] = derivation.value(values)
        for i, codes in self._codes.items():
            value = row[i]
            if value is not None:
                row[i] = codes.get(value)
        return row

    def _code_column(self, position: int, column: npt.ArrayLike) -> npt.NDArray[np.float64]:
        codes = self._codes[position]
        return np.array([codes.get(value, np.nan) for value in np.asarray(column, dtype=object)])

    def _without_sentinels(self, rows: Rows) -> Rows:
        for i, sentinels in self._sentinels:
            rows[np.isin(rows[:, i], sentinels), i] = np.nan
        return rows

    def _warnings(self, applicants: Sequence[Values], rows: Rows) -> list[tuple[Finding, ...]]:
        found: list[list[Finding]] = [[] for _ in applicants]
        self._warn_unknown(applicants, rows, found)
        for applicant, position in np.argwhere((rows < self._low) | (rows > self._high)):
            found[applicant].append(_outside(self.schema.used[position]))
        for applicant in np.flatnonzero(2 * np.isnan(rows).sum(axis=1) > rows.shape[1]):
            found[applicant].append(_MOSTLY_MISSING)
        return [tuple(findings) for findings in found]

    def _warn_unknown(self, applicants: Sequence[Values], rows: Rows, found: list[list[Finding]]) -> None:
        for i in self._codes:
            for applicant in np.flatnonzero(np.isnan(rows[:, i])).tolist():
                value = applicants[applicant][i]
                if value is not None:
                    found[applicant].append(_unknown(self.schema.features[i], value))
        for i, codes in self._unscored.items():
            for applicant, values in enumerate(applicants):
                value = values[i] if i < len(values) else None
                if value is not None and value not in codes:
                    found[applicant].append(_unknown(self.schema.features[i], value))


def _codes(feature: Feature) -> dict[Value, float]:
    """Code of each accepted spelling of a category."""
    codes: dict[Value, float] = {category: float(i) for i, category in enumerate(feature.categories)}
    for alias, category in feature.aliases.items():
        if category in codes:
            codes[float(alias)] = codes[category]
    return codes


def _unknown(feature: Feature, value: Value) -> Finding:
    if isinstance(value, float) and not value.is_integer():
        return Finding(
            feature.name, "fractional-category", "a fraction is no code of a category; scored as missing"
        )
    return Finding(feature.name, "unknown-category", "not a category of the training data; scored as missing")


def _outside(feature: Feature) -> Finding:
    return Finding(feature.name, "outside-training-range", "outside the range of the training data")


_MOSTLY_MISSING = Finding("*", "mostly-missing", "more than half of the model's features are missing")
