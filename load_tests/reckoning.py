"""What was answered in a run, against what the database holds after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from records.database import Database
from records.tables import predictions


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How the answered decisions and the recorded ones compare."""

    answered: int
    missing: int
    """Answered, and not in the database."""
    unasked: int
    """In the database, and answered to nobody."""
    different: int
    """Recorded with another probability than was answered."""

    @property
    def holds(self) -> bool:
        """Whether the database holds exactly the answered decisions."""
        return self.answered > 0 and not (self.missing or self.unasked or self.different)


def reckon(answered: Mapping[str, float], recorded: Mapping[str, float]) -> Reckoning:
    """How decisions by their id compare; probabilities must be the same to the last bit."""
    both = answered.keys() & recorded.keys()
    return Reckoning(
        answered=len(answered),
        missing=len(answered) - len(both),
        unasked=len(recorded) - len(both),
        different=sum(answered[name] != recorded[name] for name in both),
    )


def answered_in(folder: Path) -> dict[str, float]:
    """Probability of each decision that the users of a run were answered."""
    lines = (
        line for file in folder.glob("*.answers") for line in file.read_text(encoding="utf-8").splitlines()
    )
    return {name: float(probability) for name, _, probability in (line.partition(" ") for line in lines)}


def recorded_in(url: str) -> dict[str, float]:
    """Probability of each decision in the database."""
    with Database(url) as database:
        rows = database.rows(sa.select(predictions.c.decision_id, predictions.c.probability_default))
    return {str(name): float(probability) for name, probability in rows}
