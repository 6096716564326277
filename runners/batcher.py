"""Adaptive micro-batching without a timer: what arrived while the last batch ran is the next batch."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeGuard, TypeVar

from credit.errors import Overloaded, Undecided

PATIENCE_S = 8.0
"""For a decision; less than any client and any proxy waits."""
_IDLE_TURNS = 4
"""A request comes in one turn of the loop and is read in the next: few turns without any say little."""
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
        self._thread.submit(list)  # starts it: a batch must not be the first to find that it cannot
        self._is_busy = False
        """Whether a batch is being gathered, or runs: the next one follows it."""
        self._clock: asyncio.TimerHandle | None = None
        """Of the batch that runs. One for each request would cost more than its score."""
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
        if not self._is_busy:
            self._is_busy = True
            self._begin(loop)
        return await future

    def close(self) -> None:
        """Take nothing more, wait for the batch that is running; what waits behind it is `Overloaded`."""
        self._closed = True
        self._thread.shutdown()

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon(self._gather, loop, _Gathering(time.perf_counter() + _GATHERING_S))

    def _gather(self, loop: asyncio.AbstractEventLoop, gathering: "_Gathering") -> None:
        """Hand over what waits, once the loop turns without bringing more.

        In callbacks: each task that another one awaits would cost the loop a turn more.
        """
        if gathering.goes_on(len(self._waiting), min(self._max_batch, self._max_waiting)):
            loop.call_soon(self._gather, loop, gathering)
        elif batch := self._oldest():
            self._clock = loop.call_later(self._patience_s, self._disappoint, loop, batch)
            try:
                self._thread.submit(self._run, loop, batch)
            except RuntimeError:  # closed meanwhile
                self._settle(loop, batch, Overloaded("the service is stopping: try again in a second"))
        else:
            self._is_busy = False

    def _oldest(self) -> list["_Waiting[Item, Answer]"]:
        """The oldest items whose clients still wait."""
        batch: list[_Waiting[Item, Answer]] = []
        while self._waiting and len(batch) < self._max_batch:
            oldest = self._waiting.popleft()
            if not oldest.future.done():
                batch.append(oldest)
        return batch

    def _run(self, loop: asyncio.AbstractEventLoop, batch: list["_Waiting[Item, Answer]"]) -> None:
        """Handle *batch*, in the thread of batches, and have *loop* pass on what came of it."""
        outcome: list[Answer] | Exception
        try:
            self._observe(len(batch), time.perf_counter() - batch[0].since)
            outcome = self._handle([one.item for one in batch])
            if len(outcome) != len(batch):
                outcome = RuntimeError(f"{len(outcome)} answers to {len(batch)} requests")
        except BaseException as error:  # noqa: BLE001  # whatever it is, who waits is told
            outcome = error if _can_be_told(error) else _ended_by(error)
        with suppress(RuntimeError):  # the loop has ended: nobody waits
            loop.call_soon_threadsafe(self._settle, loop, batch, outcome)

    def _settle(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list["_Waiting[Item, Answer]"],
        outcome: list[Answer] | Exception,
    ) -> None:
        """Pass *outcome* on to those of *batch* who still wait: a client may have hung up."""
        assert self._clock is not None
        self._clock.cancel()
        for i, one in enumerate(batch):
            if one.future.done():
                continue
            if isinstance(outcome, Exception):
                one.future.set_exception(outcome)
            else:
                one.future.set_result(outcome[i])
        if self._waiting:
            self._begin(loop)
        else:
            self._is_busy = False

    def _disappoint(self, loop: asyncio.AbstractEventLoop, batch: list["_Waiting[Item, Answer]"]) -> None:
        """While *batch* hangs, answer those who have waited too long, in it or for the next one."""
        self._clock = loop.call_later(self._patience_s, self._disappoint, loop, batch)
        before = time.perf_counter() - self._patience_s
        for one in (*batch, *self._waiting):
            if one.since <= before and not one.future.done():
                one.future.set_exception(
                    Undecided(f"no decision within {self._patience_s:g} s: try again later")
                )


def _can_be_told(error: BaseException) -> TypeGuard[Exception]:
    """Whether a future takes *error*, and whoever awaits it goes on after catching it."""
    return isinstance(error, Exception) and not isinstance(error, StopIteration)


def _ended_by(error: BaseException) -> RuntimeError:
    told = RuntimeError(f"a batch ended by {type(error).__name__}")
    told.__cause__ = error
    return told


@dataclass(slots=True)
class _Gathering:
    """The turns of the loop in which a batch is gathered, and when by `time.perf_counter` they end."""

    until: float
    seen: int = 0
    idle_turns: int = 0

    def goes_on(self, waiting: int, enough: int) -> bool:
        """Whether there is to be one more turn, now that so many are *waiting*."""
        self.idle_turns = self.idle_turns + 1 if waiting == self.seen else 0
        self.seen = waiting
        return self.idle_turns < _IDLE_TURNS and waiting < enough and time.perf_counter() < self.until


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item, Answer]):
    """An item, who waits for its answer, and since when by `time.perf_counter`."""

    item: Item
    future: asyncio.Future[Answer]
    since: float
