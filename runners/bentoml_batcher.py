"""BentoML's adaptive batching, for the requests that bring many rows each.

The dispatcher behind `@bentoml.api(batchable=True)` merges whole calls, and a merged call no longer
knows which client asked for what. Records need that, so here it merges the scoring alone. BentoML has
the dispatcher in no public module; its version is pinned and tests hold it to what is needed here.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from bentoml._internal.marshal.dispatcher import CorkDispatcher

from credit.errors import Overloaded
from runners.scorer import Probabilities, Rows, Scorer


class BentoBatcher:
    """Scores the rows of concurrent requests together; each gets its own probabilities back."""

    def __init__(self, scorer: Scorer, max_batch: int, max_latency_ms: int = 5000) -> None:
        self._scorer = scorer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rows")
        self._dispatcher: CorkDispatcher[Rows, Probabilities] = CorkDispatcher(
            max_latency_ms, max_batch, fallback=_too_late, get_batch_size=len, batch_dim=(0, 0)
        )
        self._dispatch = self._dispatcher(self._score)

    async def score(self, rows: Rows) -> Probabilities:
        """Probability of default of each of *rows*, (n, features); `Overloaded` past the largest latency."""
        probabilities = await self._dispatch(rows)
        assert probabilities is not None, "only a fallback that returns could leave it empty"
        return probabilities

    def close(self) -> None:
        """Wait for the rows that are being scored; rows that still wait are `Overloaded`."""
        self._dispatcher.shutdown()
        self._thread.shutdown()

    async def _score(self, batches: Sequence[Rows]) -> list[Probabilities]:
        loop = asyncio.get_running_loop()
        together = await loop.run_in_executor(self._thread, self._scorer.score, np.concatenate(batches))
        ends = np.cumsum([len(rows) for rows in batches])
        return np.split(together, ends[:-1])


def _too_late() -> Probabilities:
    raise Overloaded("the rows waited too long to be scored: try again in a second, or send fewer")
