"""Adaptive micro-batching without a timer: what arrived while the last batch ran is the next batch."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from credit.errors import Overloaded, Undecided

PATIENCE_S = 8.0
"""For a decision; less than any client and any proxy waits."""
_IDLE_TURNS = 2
"""A request comes in one turn of the loop and is read in the next: one turn without any says little."""
_GATHERING_S = 0.002
"""Turns that take longer than this belong to a loop that is flooded: what waits then is enough."""
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class MicroBatcher(Generic[Item, Answer]):
    """Hands waiting items to *handle* together, in one thread of its own, in the order they came.

    Alone, an item waits for nothing; under load the batches grow by themselves. *handle* gets at
    most *max_batch* items and answers each, in order. An error in it reaches every item of its batch.
    While *handle* hangs, whoever has waited for *patience_s* gets `Undecided`.
    """

    def __init__(
        self,
        handle: Callable[[list[Item]], list[Answer]],
        max_batch: int,
        max_waiting: int,
        observe: Callable[[int, float], None] = lambda *_: None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """*observe* is told the size of each batch, and how long its first item had waited."""
        self._handle = handle
        self._observe = observe
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._patience_s = patience_s
        self._waiting: deque[_Waiting[Item, Answer]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="batch")
        self._draining: asyncio.Task[None] | None = None
        self._closed = False

    def require_room(self) -> None:
        """Raise `Overloaded` when too many wait already."""
        if self._closed or len(self._waiting) >= self._max_waiting:
            raise Overloaded(f"{len(self._waiting)} requests are waiting already: try again in a second")

    async def submit(self, item: Item) -> Answer:
        """The answer to *item*; `Overloaded` at once when too many wait already."""
        self.require_room()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append(_Waiting(item, future, time.perf_counter()))
        if self._draining is None:
            self._draining = loop.create_task(self._drain(loop))
        return await future

    async def _drain(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while batch := await self._next_batch():
                self._observe(len(batch), time.perf_counter() - batch[0].since)
                work = loop.run_in_executor(self._thread, self._handle, [one.item for one in batch])
                # One timer for a batch: one for each request would cost more than its score.
                while not (await asyncio.wait([work], timeout=self._patience_s))[0]:
                    self._disappoint([*batch, *self._waiting])
                _settle([one.future for one in batch], work)
        finally:
            self._draining = None

    async def _next_batch(self) -> list["_Waiting[Item, Answer]"]:
        """The oldest items whose clients still wait, once the loop turns without bringing more."""
        waiting = idle_turns = 0
        enough = min(self._max_batch, self._max_waiting)
        until = time.perf_counter() + _GATHERING_S
        while idle_turns < _IDLE_TURNS and len(self._waiting) < enough and time.perf_counter() < until:
            idle_turns = idle_turns + 1 if waiting == len(self._waiting) else 0
            waiting = len(self._waiting)
            await asyncio.sleep(0)
        batch: list[_Waiting[Item, Answer]] = []
        while self._waiting and len(batch) < self._max_batch:
            oldest = self._waiting.popleft()
            if not oldest.future.done():
                batch.append(oldest)
        return batch

    def _disappoint(self, batch: Iterable["_Waiting[Item, Answer]"]) -> None:
        """Answer those of *batch* who have waited too long."""
        before = time.perf_counter() - self._patience_s
        for one in batch:
            if one.since <= before and not one.future.done():
                one.future.set_exception(
                    Undecided(f"no decision within {self._patience_s:g} s: try again later")
                )

    def close(self) -> None:
        """Take nothing more, and wait for the batch that is running."""
        self._closed = True
        self._thread.shutdown()


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item, Answer]):
    """An item, who waits for its answer, and since when by `time.perf_counter`."""

    item: Item
    future: asyncio.Future[Answer]
    since: float


def _settle(futures: list[asyncio.Future[Answer]], work: asyncio.Future[list[Answer]]) -> None:
    """Pass the outcome of *work* on to each future that still waits; a client may have hung up."""
    error = work.exception()
    answers = work.result() if error is None else []
    if error is None and len(answers) != len(futures):
        error = RuntimeError(f"{len(answers)} answers to {len(futures)} requests")
    for i, future in enumerate(futures):
        if future.done():
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(answers[i])
