"""Recorded decisions, read back into a window."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from features.consistency import derivations
from features.schema import FeatureSchema, Value, Values
from monitoring.drift.reference import PROBABILITY, Reference
from monitoring.drift.tally import Column
from monitoring.drift.window import Window

Decision = tuple[float, Values]
"""What the model answered, and the raw values in the order of the schema, trailing missing ones left out."""


class Gatherer:
    """Counts decisions as the model saw them: a derived feature that the client left out is computed."""

    def __init__(self, reference: Reference, schema: FeatureSchema) -> None:
        self._reference = reference
        self._schema = schema
        self._derived = derivations(schema, schema.used)

    def gather(self, batches: Iterable[Sequence[Decision]]) -> Window:
        """One window of all the decisions in *batches*."""
        window, answers = Window.empty(self._reference), [np.array([])]
        for batch in batches:
            part = self._window(batch)
            # To add them up batch by batch would copy all that came before at each of them.
            answers.append(part.probabilities)
            window += replace(part, probabilities=part.probabilities[:0])
        return replace(window, probabilities=np.concatenate(answers))

    def columns(self, batch: Sequence[Decision]) -> dict[str, Column]:
        """The model's features of a *batch*, by name, and what it answered."""
        whole = [self._whole(values) for _, values in batch]
        by_column = list(zip(*whole, strict=True)) or [()] * self._schema.width
        columns: dict[str, Column] = {
            feature.name: np.array(values, dtype=object if feature.is_category else np.float64)
            for feature, values in zip(self._schema.used, by_column, strict=True)
        }
        return {**columns, PROBABILITY: np.array([answer for answer, _ in batch], dtype=np.float64)}

    def _window(self, batch: Sequence[Decision]) -> Window:
        columns = self.columns(batch)
        return Window.of(self._reference, columns, np.asarray(columns[PROBABILITY], dtype=np.float64))

    def _whole(self, values: Values) -> list[Value]:
        row = list(values[: self._schema.width])
        row += [None] * (self._schema.width - len(row))
        for derivation in self._derived:
            if row[derivation.position] is None:
                row[derivation.position] = derivation.value(values)
        return row
