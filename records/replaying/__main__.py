"""Past decisions, made again: `python -m records replay`. Here records, encoder and models meet."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

import click
import msgspec
import sqlalchemy as sa

from credit.errors import InvalidModel, UnknownDecision
from credit.finding import Finding
from doors import progress
from features.encoder import Encoder
from records.database import Database
from records.hours import microseconds_of
from records.moment import Moment
from records.tables import prediction_inputs, predictions
from runners.onnx import OnnxScorer
from runners.source import open_bundle
from settings import read_settings

_ROWS = 1000
_MOST_TOLD = 100
_WARNINGS = msgspec.json.Decoder(tuple[Finding, ...])
_INPUTS = msgspec.json.Decoder(list[float | str | None])


@dataclass(frozen=True, slots=True)
class Difference:
    """What came out otherwise than it was recorded."""

    decision_id: str
    what: str
    recorded: object
    replayed: object


@dataclass(slots=True)
class Replayed:
    """What replaying found."""

    same: int = 0
    """Decisions that came out bit for bit as they were recorded."""
    different: int = 0
    erased: int = 0
    """Decisions without inputs: nothing to replay."""
    without_model: dict[str, int] = field(default_factory=dict)
    """Decisions of models that are not in the store, by what is wrong."""
    differences: list[Difference] = field(default_factory=list)
    """The first of them."""

    @property
    def holds(self) -> bool:
        return not self.different and not self.without_model

    def add(self, found: list[Difference]) -> None:
        """Count a decision with what is different in it."""
        self.same += not found
        self.different += bool(found)
        self.differences += found[: max(0, _MOST_TOLD - len(self.differences))]


class Model:
    """A recorded model, opened again by its tag."""

    def __init__(self, version: str, sha256: str, names: tuple[str, ...]) -> None:
        bundle = open_bundle(version)
        if bundle.model_sha256 != sha256:
            raise InvalidModel(f"{version} is another model than the one recorded")
        if bundle.schema.names != names:
            raise InvalidModel(f"{version} was recorded with other features than it has now")
        self._encoder = Encoder(bundle.schema)
        self._scorer = OnnxScorer(bundle.certified_onnx())
        self._width = len(names)

    def differences(self, rows: list[Any]) -> Iterator[list[Difference]]:
        """What comes out otherwise, for each of *rows*: nothing, if it is right."""
        applicants = [_INPUTS.decode(row.inputs) for row in rows]
        encoded = self._encoder.encode([[*one, *[None] * (self._width - len(one))] for one in applicants])
        scores = self._scorer.score(encoded.rows).tolist()
        for row, score, warnings in zip(rows, scores, encoded.warnings, strict=True):
            prediction = int(score >= row.threshold)
            again = {
                "probability_default": (row.probability_default, score),
                "prediction": (row.prediction, prediction),
                "decision": (row.decision, "refuse" if prediction else "approve"),
                "warnings": (list(_WARNINGS.decode(row.warnings)), list(warnings)),
            }
            yield [
                Difference(row.decision_id, name, before, now)
                for name, (before, now) in again.items()
                if before != now
            ]


@click.command("replay")
@click.option("--id", "decision_id", help="One decision.")
@click.option("--since", type=Moment(), help="Decisions from this time on.")
@click.option("--all", "every", is_flag=True, help="All decisions.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of sentences.")
def door(decision_id: str | None, since: datetime | None, every: bool, as_json: bool) -> None:
    """Make recorded decisions again, from the recorded inputs with the recorded model.

    Every probability must come out bit for bit. Status 1: something did not, or a model is missing.
    """
    if (decision_id is not None) + (since is not None) + every != 1:
        raise click.UsageError("say one of --id, --since and --all")
    which: sa.ColumnElement[bool] = sa.true()
    if decision_id is not None:
        which = predictions.c.decision_id == decision_id
    elif since is not None:
        which = predictions.c.decided_at_us >= microseconds_of(since)
    with Database(read_settings().database) as database, progress("replaying") as report:
        found = replay(database, which, report)
    if decision_id is not None and not (
        found.same + found.different + found.erased + len(found.without_model)
    ):
        raise UnknownDecision(f"no decision {decision_id} in the records")
    click.echo(json.dumps({"holds": found.holds, **asdict(found)}, default=str) if as_json else _told(found))
    sys.exit(0 if found.holds else 1)


def replay(database: Database, which: sa.ColumnElement[bool], report: Callable[[float], None]) -> Replayed:
    """Make the decisions again for which *which* holds."""
    found = Replayed()

    @cache
    def model(version: str, sha256: str) -> Model | InvalidModel:
        try:
            names = tuple(feature.name for feature in database.features(sha256))
            return Model(version, sha256, names)
        except InvalidModel as error:
            return error

    for rows in _pages(database, which, report):
        found.erased += sum(row.inputs is None for row in rows)
        there = [row for row in rows if row.inputs is not None]
        for (version, sha256), group in groupby(there, key=lambda row: (row.model_version, row.model_sha256)):
            opened, decided = model(version, sha256), list(group)
            if isinstance(opened, InvalidModel):
                found.without_model[str(opened)] = found.without_model.get(str(opened), 0) + len(decided)
                continue
            for differences in opened.differences(decided):
                found.add(differences)
    return found


def _pages(
    database: Database, which: sa.ColumnElement[bool], report: Callable[[float], None]
) -> Iterator[list[sa.Row[*tuple[Any, ...]]]]:
    """The decisions in order, so many at a time."""
    table = predictions.c
    columns = (
        "decision_id",
        "model_version",
        "model_sha256",
        "probability_default",
        "prediction",
        "decision",
    )
    query = (
        sa.select(
            table.seq,
            *(table[name] for name in (*columns, "threshold", "warnings")),
            prediction_inputs.c.inputs,
        )
        .outerjoin(prediction_inputs, prediction_inputs.c.seq == table.seq)
        .where(which)
        .order_by(table.seq)
        .limit(_ROWS)
    )
    end = database.head().seq
    after = 0
    while rows := database.rows(query.where(table.seq > after)):
        yield rows
        after = rows[-1].seq
        report(after / end)


def _told(found: Replayed) -> str:
    lines = [
        f"{one.decision_id}: {one.what} was {one.recorded}, is now {one.replayed}"
        for one in found.differences
    ]
    lines += [f"{count:,} decisions cannot be replayed: {why}" for why, count in found.without_model.items()]
    held = "every decision came out as recorded" if found.holds else "NOT every decision came out as recorded"
    lines.append(
        f"{held}: {found.same:,} bit for bit, {found.different:,} otherwise, {found.erased:,} erased"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    door(prog_name="python -m records replay")
