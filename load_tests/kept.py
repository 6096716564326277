"""What was answered to clients who only kept their answers, held against who they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from load_tests.question import MOST_APART


@dataclass(frozen=True, slots=True)
class Kept:
    """The answers of one run."""

    answers: int
    wrong: int
    """No decision on a client who is known, or with another probability than that client's."""
    decisions: Mapping[str, float]
    """Probability by decision id."""


class _Told(msgspec.Struct):
    decision_id: str
    sk_id_curr: int
    probability_default: float


def kept_in(path: Path, expected: Mapping[int, float]) -> Kept:
    """The answers in *path*, one in a line; *expected*: the probability of each client, by number."""
    answers = wrong = 0
    decisions = {}
    with path.open("rb") as lines:
        for line in lines:
            answers += 1
            told = _told(line)
            if told is None:
                wrong += 1
                continue
            decisions[told.decision_id] = told.probability_default
            # Whoever nobody knows has no probability, which is near to nothing, as what is no number is.
            known = expected.get(told.sk_id_curr, float("nan"))
            wrong += not abs(told.probability_default - known) <= MOST_APART
    return Kept(answers, wrong, decisions)


def _told(line: bytes) -> _Told | None:
    try:
        return msgspec.json.decode(line, type=_Told)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
