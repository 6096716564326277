"""One load test by clients who ask as soon as they are answered, and what is recorded of it afterwards."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import sqlalchemy as sa

from load_tests.place import Place
from load_tests.question import MOST_APART, Question, read_questions
from load_tests.questions import SINGLE
from load_tests.stage import run_records, set_stage
from load_tests.surge import Load, Phase, Recorded, Surge
from records.database import Database
from records.tables import predictions

_STAGED, _SERVED = 0.3, 0.9
"""Shares of the time at which the stage is set, and the load is over."""


Loading = Callable[[int, int], Load]
"""Makes the load of so many clients for so many seconds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a run: its phases, all of them together so long, with so many made-up clients."""

    phases: Sequence[Phase]
    seconds: int
    clients: int


def measure_surge(
    place: Place,
    asked: Asked,
    serve: Callable[[Sequence[bytes]], AbstractContextManager[Loading]],
    report: Callable[[float], None],
) -> Surge:
    """Load what *serve* starts, with the bodies it is given, and look at what is recorded afterwards."""
    set_stage(place, asked.clients, lambda done: report(_STAGED * done))
    questions = read_questions(place.questions)[SINGLE]
    bodies = [one.body.encode() for one in questions]
    with serve(bodies) as load:
        loads = in_turn(
            asked.phases, asked.seconds, load, lambda done: report(_STAGED + (_SERVED - _STAGED) * done)
        )
    run_records(place.environment, "archive", "--once")
    return Surge(asked.phases, loads, recorded_of(place.database, questions))


def in_turn(
    phases: Sequence[Phase], seconds: int, load: Loading, report: Callable[[float], None]
) -> list[Load]:
    """What became of each of *phases*."""
    found = []
    for done, phase in enumerate(phases, start=1):
        found.append(load(phase.clients, max(2, round(phase.share * seconds))))
        report(done / len(phases))
    return found


def recorded_of(url: str, questions: Sequence[Question]) -> Recorded:
    """The decisions in the database, held against *questions*, each of which names its client."""
    expected = {json.loads(one.body)["sk_id_curr"]: one.probabilities[0] for one in questions}
    with Database(url) as database:
        rows = database.rows(sa.select(predictions.c.sk_id_curr, predictions.c.probability_default))
    # What is no number is near to nothing.
    wrong = sum(not abs(found - expected.get(number, -1.0)) <= MOST_APART for number, found in rows)
    return Recorded(len(rows), wrong)
