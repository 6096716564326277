"""What applicants said of themselves, with what was decided: of all decisions of a time, or of some."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from records.database import Database
from records.stats import Stats
from records.tables import prediction_inputs, predictions

MOST = 2000
"""Rows that are read, each from another place of the disk; with so many, a share is right to within 2.2
points in 95 of 100 cases."""
_PAGE = 1000
_INPUTS = msgspec.json.Decoder(list[float | str | None])
_TABLE = predictions.c

Value = float | str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """Decisions side by side: one place in each array for each decision."""

    of: int
    """Decisions that there are in the time asked for."""
    refused: npt.NDArray[np.bool_]
    probabilities: npt.NDArray[np.float64]
    values: dict[str, list[Value]]
    """By feature; of a model that has no such feature, and of erased clients, missing."""

    @property
    def size(self) -> int:
        return len(self.refused)

    @property
    def is_whole(self) -> bool:
        return self.size >= self.of


def read_sample(
    database: Database, found: Stats, scenario: str, names: Sequence[str], most: int = MOST
) -> Sample:
    """The decisions that *found* counts, with the features *names*: all of them, or *most* spread evenly.

    Erased decisions are among them, with nothing known of the applicant.
    """
    if found.first_us is None or found.last_us is None:
        return _side_by_side(0, [], names)
    rows = list(_rows(database, found, scenario, most))
    return _side_by_side(found.decisions, _named(database, rows, names), names)


def _rows(database: Database, found: Stats, scenario: str, most: int) -> Iterator[sa.Row[*tuple[Any, ...]]]:
    at = _TABLE.decided_at_us
    query = _query().where(_TABLE.scenario == scenario if scenario else _TABLE.scenario.is_(None))
    if found.decisions <= most:
        yield from database.rows(query.where(at.between(found.first_us, found.last_us)))
        return
    # Decisions are numbered nearly in the order of time, so even steps in number are even steps in time.
    firsts = database.rows(sa.select(_TABLE.seq).where(at >= found.first_us).order_by(at).limit(1))
    lasts = database.rows(sa.select(_TABLE.seq).where(at <= found.last_us).order_by(at.desc()).limit(1))
    if not firsts or not lasts:
        return  # counted once, and deleted since
    first, last = firsts[0][0], lasts[0][0]
    numbers = np.unique(np.linspace(first, last, most).astype(np.int64)).tolist()
    for start in range(0, len(numbers), _PAGE):
        page = numbers[start : start + _PAGE]
        # By their numbers alone: asked for their time as well, PostgreSQL reads its whole index of that.
        yield from database.rows(query.where(_TABLE.seq.in_(page)))


def _query() -> sa.Select[*tuple[Any, ...]]:
    columns = (_TABLE.model_sha256, _TABLE.prediction, _TABLE.probability_default)
    return sa.select(*columns, prediction_inputs.c.inputs).outerjoin(
        prediction_inputs, prediction_inputs.c.seq == _TABLE.seq
    )


def _named(
    database: Database, rows: list[sa.Row[*tuple[Any, ...]]], names: Sequence[str]
) -> list[tuple[bool, float, list[Value]]]:
    @cache
    def places(model_sha256: str) -> list[int | None]:
        known = {feature.name: place for place, feature in enumerate(database.features(model_sha256))}
        return [known.get(name) for name in names]

    named = []
    for sha256, prediction, probability, inputs in rows:
        values: list[Value] = [] if inputs is None else _INPUTS.decode(inputs)
        # Values missing at the end were not written.
        picked = [
            values[place] if place is not None and place < len(values) else None for place in places(sha256)
        ]
        named.append((bool(prediction), probability, picked))
    return named


def _side_by_side(of: int, named: list[tuple[bool, float, list[Value]]], names: Sequence[str]) -> Sample:
    return Sample(
        of,
        np.array([refused for refused, _, _ in named], dtype=np.bool_),
        np.array([probability for _, probability, _ in named], dtype=np.float64),
        {name: [picked[place] for _, _, picked in named] for place, name in enumerate(names)},
    )
