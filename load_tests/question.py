"""A request of a load test, and the answer that is expected to it.

Locust reads it in a virtual environment of its own: nothing but the standard library here.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

MOST_APART = 1e-12
"""What the certificate promises between the served model and LightGBM."""


class WrongAnswer(Exception):
    """The service answered otherwise than it must."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent, and what must come back."""

    kind: str
    path: str
    body: str
    status: int
    probabilities: tuple[float, ...] = ()
    """Of each applicant in the body, by LightGBM itself; none when the request must be refused."""

    def check(self, status: int, body: bytes) -> None:
        """Raise `WrongAnswer` unless this is the answer expected."""
        if status != self.status:
            raise WrongAnswer(f"{self.kind}: status {status}, not {self.status}")
        found = [probability for _, probability in decisions_in(status, body)]
        if len(found) != len(self.probabilities):
            raise WrongAnswer(f"{self.kind}: {len(found)} decisions, not {len(self.probabilities)}")
        pairs = zip(found, self.probabilities, strict=True)
        if not all(abs(one - other) <= MOST_APART for one, other in pairs):  # NaN is near to nothing
            raise WrongAnswer(f"{self.kind}: a probability that is not the client's")


def decisions_in(status: int, body: bytes) -> list[tuple[str, float]]:
    """Id and probability of every decision in an answer; none in a refusal; `WrongAnswer` in nonsense."""
    if status != 200:
        return []
    try:
        told = json.loads(body)
        decisions = told.get("decisions", [told])
        return [(one["decision_id"], float(one["probability_default"])) for one in decisions]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WrongAnswer(f"status 200, and no decision in it: {type(error).__name__}") from error


def write_questions(path: Path, questions: Iterable[Question]) -> None:
    """One in a line, as `read_questions` reads them."""
    path.write_text("".join(json.dumps(asdict(one)) + "\n" for one in questions), encoding="utf-8")


def read_questions(path: Path) -> dict[str, list[Question]]:
    """The questions in a file that `write_questions` wrote, by their kind."""
    found: dict[str, list[Question]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        question = Question(**{**one, "probabilities": tuple(one["probabilities"])})
        found.setdefault(question.kind, []).append(question)
    return found
