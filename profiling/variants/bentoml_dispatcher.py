"""The product with BentoML's adaptive batching, behind `@bentoml.api(batchable=True)`, for its own."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, NoReturn

from bentoml._internal.marshal.dispatcher import CorkDispatcher

import api.desk
from credit.errors import Overloaded
from runners.batcher import PATIENCE_S, Answer, Item


class Dispatched(Generic[Item, Answer]):
    """What `MicroBatcher` is, by BentoML's dispatcher."""

    def __init__(
        self,
        handle: Callable[[list[Item]], list[Answer]],
        max_batch: int,
        max_waiting: int,
        observe: Callable[[int, float], None] = lambda *_: None,
    ) -> None:
        self._handle = handle
        self._observe = observe
        self._max_waiting = max_waiting
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="batch")
        # Each item alone in a list: what BentoML counts and merges are lists.
        self._dispatcher: CorkDispatcher[list[Item], list[Answer]] = CorkDispatcher(
            int(1000 * PATIENCE_S), max_batch, fallback=_too_late, get_batch_size=len, batch_dim=(0, 0)
        )
        self._dispatch = self._dispatcher(self._together)

    def require_room(self) -> None:
        """Raise `Overloaded` when too many wait already."""
        if self._waiting >= self._max_waiting:
            raise Overloaded(f"{self._waiting} requests are waiting already: try again in a second")

    async def submit(self, item: Item) -> Answer:
        """The answer to *item*."""
        self.require_room()
        self._waiting += 1
        try:
            answers = await self._dispatch([item])
        finally:
            self._waiting -= 1
        assert answers is not None, "the fallback raises"
        return answers[0]

    def close(self) -> None:
        """Wait for the batch that is running."""
        self._dispatcher.shutdown()
        self._thread.shutdown()

    async def _together(self, items: Sequence[list[Item]]) -> list[list[Answer]]:
        self._observe(len(items), 0.0)
        loop = asyncio.get_running_loop()
        answers = await loop.run_in_executor(self._thread, self._handle, [one for (one,) in items])
        return [[answer] for answer in answers]


def _too_late() -> NoReturn:
    raise Overloaded("the request waited too long: try again in a second")


api.desk.MicroBatcher = Dispatched  # type: ignore[assignment, attr-defined]  # what this variant is

from service import CreditScoring  # noqa: E402  # opened with the batcher above

__all__ = ["CreditScoring"]
