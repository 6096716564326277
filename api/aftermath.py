"""What follows an answer: it is counted and logged, off the loop and many at a time.

One by one, between other work, each would cost several times as much.
"""

import threading
import time
from collections import Counter, deque

from api.metrics import count, observe_probability, observe_request
from api.visit import Visit

_EVERY_S = 0.02
"""Counts of the last moment are lost with a process that is killed; decisions never are."""
_MOST = 5_000
"""Visits that wait; past it, whoever brings one helps."""


class Aftermath:
    """Takes visits that have ended, and counts and logs them within a moment."""

    def __init__(self) -> None:
        self._ended: deque[tuple[Visit, int | None, float]] = deque()
        self._settling = threading.Lock()
        self._some = threading.Event()
        threading.Thread(target=self._settle_forever, name="aftermath", daemon=True).start()

    def note(self, visit: Visit, status: int | None) -> None:
        """Take *visit*, which ended now; *status*: of its answer, `None` when it got none."""
        self._ended.append((visit, status, visit.elapsed_s))
        if not self._some.is_set():
            self._some.set()
        elif len(self._ended) > _MOST:
            self.settle()

    def settle(self) -> None:
        """Count and log what waits now."""
        with self._settling:
            answers: Counter[tuple[str, int]] = Counter()
            decisions: Counter[str] = Counter()
            for _ in range(len(self._ended)):
                visit, status, latency_s = self._ended.popleft()
                _observe(visit, latency_s)
                if status is not None:
                    answers[visit.route, status] += 1
                decisions.update(answer.decision for answer in visit.decided)
                visit.log(status, latency_s)
            count(answers, decisions)

    def _settle_forever(self) -> None:
        while self._some.wait():
            time.sleep(_EVERY_S)
            self._some.clear()
            self.settle()


def _observe(visit: Visit, latency_s: float) -> None:
    observe_request(visit.route, latency_s)
    for answer in visit.decided:
        observe_probability(answer.probability_default)
