"""What became of the requests that were sent."""

from collections import Counter
from dataclasses import dataclass, field

import msgspec
import numpy as np

from load_tests.remote import Reply


class _Answer(msgspec.Struct):
    """What of an answer is counted."""

    decision: str
    probability_default: float


@dataclass
class Tally:
    """Counts replies as they come."""

    statuses: Counter[int] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    seconds: list[float] = field(default_factory=list)
    """Of each answered request."""
    probabilities: list[float] = field(default_factory=list)

    def add(self, reply: Reply) -> None:
        self.statuses[reply.status] += 1
        self.retries += reply.retries
        if reply.status == 200:
            answer = msgspec.json.decode(reply.body, type=_Answer)
            self.seconds.append(reply.seconds)
            self.decisions[answer.decision] += 1
            self.probabilities.append(answer.probability_default)

    @property
    def refused(self) -> int:
        """Requests that ended in anything but a decision."""
        return sum(self.statuses.values()) - self.statuses[200]

    def latency_ms(self, share: float) -> float:
        """The latency that a *share* of the answers keep below; NaN when there is none."""
        return float(np.quantile(self.seconds, share)) * 1000 if self.seconds else float("nan")
