"""Decisions of a span of time, as those who watch them ask for them."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from records.database import Database
from records.tables import outcomes, prediction_inputs, predictions

Values = list[float | str | None]
_ROWS = 5000
_INPUTS = msgspec.json.Decoder(Values)


@dataclass(frozen=True, slots=True)
class Observed:
    """The decisions of one model; spans are from a first moment, included, to a last one, excluded.

    Moments are microseconds since the epoch.
    """

    database: Database
    model_sha256: str
    scenario: str | None = None
    """Of simulated traffic; `None` for real traffic."""

    @property
    def names(self) -> tuple[str, ...]:
        """The recorded features, in order; none when nothing of the model was recorded."""
        return tuple(feature.name for feature in self.database.features(self.model_sha256))

    def count(self, since_us: int, until_us: int) -> int:
        """How many there are."""
        return self._counted(
            self._within(since_us, until_us), predictions.c.model_sha256 == self.model_sha256
        )

    def count_others(self, since_us: int, until_us: int) -> int:
        """How many of the same time there are by other models."""
        return self._counted(
            self._within(since_us, until_us), predictions.c.model_sha256 != self.model_sha256
        )

    def read(self, since_us: int, until_us: int, every: int = 1) -> Iterator[list[tuple[float, Values]]]:
        """Probability and raw values of each, or of one in *every*, in batches of up to 5,000.

        Those whose values were erased are left out.
        """
        query = (
            sa.select(predictions.c.probability_default, prediction_inputs.c.inputs)
            .join(prediction_inputs, prediction_inputs.c.seq == predictions.c.seq)
            .where(self._within(since_us, until_us), predictions.c.model_sha256 == self.model_sha256)
        )
        if every > 1:
            query = query.where(predictions.c.seq % every == 0)
        with self.database.reading() as connection:
            result = connection.execute(query.execution_options(yield_per=_ROWS))
            for rows in result.partitions():
                yield [(probability, _INPUTS.decode(inputs)) for probability, inputs in rows]

    def settled(self) -> list[tuple[int, float, bool]]:
        """When each approval was decided, its probability of default, and whether it did default.

        Only of loans whose outcome is known.
        """
        query = (
            sa.select(predictions.c.decided_at_us, predictions.c.probability_default, outcomes.c.defaulted)
            .join(outcomes, outcomes.c.decision_id == predictions.c.decision_id)
            .where(
                predictions.c.model_sha256 == self.model_sha256,
                predictions.c.decision == "approve",
                self._tagged,
            )
        )
        return [
            (at, probability, bool(defaulted)) for at, probability, defaulted in self.database.rows(query)
        ]

    @property
    def _tagged(self) -> sa.ColumnElement[bool]:
        name = predictions.c.scenario
        return name.is_(None) if self.scenario is None else name == self.scenario

    def _within(self, since_us: int, until_us: int) -> sa.ColumnElement[bool]:
        at = predictions.c.decided_at_us
        return sa.and_(at >= since_us, at < until_us, self._tagged)

    def _counted(self, *conditions: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(predictions).where(*conditions)
        return int(self.database.rows(query)[0][0])
