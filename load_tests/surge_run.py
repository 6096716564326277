"""One load test by clients who ask as soon as they are answered, and what is recorded of it afterwards."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from load_tests.kept import kept_in
from load_tests.place import Place
from load_tests.question import Question, read_questions
from load_tests.questions import SINGLE
from load_tests.reckoning import reckon, recorded_in
from load_tests.stage import archive_all, set_stage
from load_tests.surge import ROUNDS, Load, Phase, Surge

_STAGED, _SERVED = 0.3, 0.9
"""Shares of the time at which the stage is set, and the load is over."""


Loading = Callable[[int, int], Load]
"""Makes the load of so many clients for so many seconds."""
Serving = Callable[[Sequence[bytes], Path], AbstractContextManager[Loading]]
"""A service just started, and the load of these bodies, whose answers are kept in a file."""


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
    bodies, answers = [one.body.encode() for one in questions], place.folder / "answers.jsonl"
    rounds = []
    for done in range(asked.rounds):
        with serve(bodies, answers) as load:
            rounds.append(in_turn(asked.phases, asked.seconds / asked.rounds, load))
        report(_STAGED + (_SERVED - _STAGED) * (done + 1) / asked.rounds)
    archive_all(place)
    kept = kept_in(answers, expected_of(questions))
    reckoning = reckon(kept.decisions, recorded_in(place.database))
    return Surge(asked.phases, rounds, kept.wrong, reckoning, asked.makers)


def in_turn(phases: Sequence[Phase], seconds: float, load: Loading) -> list[Load]:
    """What became of each of *phases*, *seconds* for all of them, two for each at the least."""
    return [load(phase.clients, _seconds(phase, seconds)) for phase in phases]


def loaded_seconds(asked: Asked) -> int:
    """So long clients ask in all."""
    return asked.rounds * sum(_seconds(phase, asked.seconds / asked.rounds) for phase in asked.phases)


def _seconds(phase: Phase, seconds: float) -> int:
    return max(2, round(phase.share * seconds))


def expected_of(questions: Sequence[Question]) -> dict[int, float]:
    """The probability of each client, by number; each of *questions* names its one client."""
    return {json.loads(one.body)["sk_id_curr"]: one.probabilities[0] for one in questions}
