"""One load test by clients who ask as soon as they are answered, and what is recorded of it afterwards."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import sqlalchemy as sa

from load_tests.place import Place
from load_tests.question import MOST_APART, Question, read_questions
from load_tests.questions import SINGLE
from load_tests.stage import run_records, set_stage
from load_tests.surge import ROUNDS, Load, Phase, Recorded, Surge
from records.database import Database
from records.tables import predictions

_STAGED, _SERVED = 0.3, 0.9
"""Shares of the time at which the stage is set, and the load is over."""


Loading = Callable[[int, int], Load]
"""Makes the load of so many clients for so many seconds."""
Serving = Callable[[Sequence[bytes], Mapping[int, float]], AbstractContextManager[Loading]]
"""A service just started, with the load of these bodies; by number, what each client must be answered."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a run: its phases in turn, so many rounds of them, all of it so long."""

    phases: Sequence[Phase]
    seconds: float
    clients: int
    """Made up."""
    makers: str
    """What makes the load."""
    rounds: int = ROUNDS


def measure_surge(place: Place, asked: Asked, serve: Serving, report: Callable[[float], None]) -> Surge:
    """Load what *serve* starts anew for each round, with the questions of made-up clients.

    What is recorded is looked at when all of them are over.
    """
    set_stage(place, asked.clients, lambda done: report(_STAGED * done))
    questions = read_questions(place.questions)[SINGLE]
    bodies, expected = [one.body.encode() for one in questions], expected_of(questions)
    rounds = []
    for done in range(asked.rounds):
        with serve(bodies, expected) as load:
            rounds.append(in_turn(asked.phases, asked.seconds / asked.rounds, load))
        report(_STAGED + (_SERVED - _STAGED) * (done + 1) / asked.rounds)
    run_records(place.environment, "archive", "--once")
    return Surge(asked.phases, rounds, recorded_of(place.database, expected), asked.makers)


def in_turn(phases: Sequence[Phase], seconds: float, load: Loading) -> list[Load]:
    """What became of each of *phases*, *seconds* for all of them, two for each at the least."""
    return [load(phase.clients, max(2, round(phase.share * seconds))) for phase in phases]


def expected_of(questions: Sequence[Question]) -> dict[int, float]:
    """The probability of each client, by number; each of *questions* names its one client."""
    return {json.loads(one.body)["sk_id_curr"]: one.probabilities[0] for one in questions}


def recorded_of(url: str, expected: Mapping[int, float]) -> Recorded:
    """The decisions in the database, held against the probability *expected* for each client."""
    with Database(url) as database:
        rows = database.rows(sa.select(predictions.c.sk_id_curr, predictions.c.probability_default))
    # What is no number is near to nothing.
    wrong = sum(not abs(found - expected.get(number, -1.0)) <= MOST_APART for number, found in rows)
    return Recorded(len(rows), wrong)
