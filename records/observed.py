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
class Asked:
    """Which decisions: of one model, in a time from its first moment, included, to its last, excluded."""

    model_sha256: str
    since_us: int
    until_us: int
    scenario: str | None = None
    """Of simulated traffic; `None` for real traffic."""

    @property
    def _in_time(self) -> sa.ColumnElement[bool]:
        at, name = predictions.c.decided_at_us, predictions.c.scenario
        tagged = name.is_(None) if self.scenario is None else name == self.scenario
        return sa.and_(at >= self.since_us, at < self.until_us, tagged)

    def count(self, database: Database) -> int:
        """How many there are."""
        return self._counted(database, predictions.c.model_sha256 == self.model_sha256)

    def count_others(self, database: Database) -> int:
        """How many of the same time there are by other models."""
        return self._counted(database, predictions.c.model_sha256 != self.model_sha256)

    def _counted(self, database: Database, model: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(predictions).where(self._in_time, model)
        return int(database.rows(query)[0][0])

    def read(self, database: Database, every: int = 1) -> Iterator[list[tuple[float, Values]]]:
        """Probability and raw values of each, or of one in *every*, in batches of up to 5,000."""
        query = (
            sa.select(predictions.c.probability_default, prediction_inputs.c.inputs)
            .join(prediction_inputs, prediction_inputs.c.seq == predictions.c.seq)
            .where(self._in_time, predictions.c.model_sha256 == self.model_sha256)
        )
        if every > 1:
            query = query.where(predictions.c.seq % every == 0)
        with database.reading() as connection:
            result = connection.execute(query.execution_options(yield_per=_ROWS))
            for rows in result.partitions():
                yield [(probability, _INPUTS.decode(inputs)) for probability, inputs in rows]


def settled(database: Database, model_sha256: str) -> list[tuple[int, float, bool]]:
    """When each real approval by a model was decided, its probability of default, and whether it did default.

    Only of loans whose outcome is known; times are microseconds since the epoch.
    """
    query = (
        sa.select(predictions.c.decided_at_us, predictions.c.probability_default, outcomes.c.defaulted)
        .join(outcomes, outcomes.c.decision_id == predictions.c.decision_id)
        .where(
            predictions.c.model_sha256 == model_sha256,
            predictions.c.decision == "approve",
            predictions.c.scenario.is_(None),
        )
    )
    return [(at, probability, bool(defaulted)) for at, probability, defaulted in database.rows(query)]
