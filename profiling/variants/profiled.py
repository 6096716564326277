"""The product with a profiler in its worker, and all its work in the one thread that the profiler sees."""

import cProfile
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import api.office
import runners.batcher
from api.answer import Answer, BatchAnswer
from api.decided import Request
from api.desk import Desk
from api.model import ServedModel
from profiling.request.called import PROFILE_FILE
from records.journal import Journal

_Result = TypeVar("_Result")


class Here:
    """An executor that does what it is given at once, in the thread that gives it."""

    def __init__(self, *_: object, **__: object) -> None:
        """How many threads were asked for does not matter."""

    def submit(self, work: Callable[..., _Result], *arguments: Any) -> Future[_Result]:
        """The outcome of *work*."""
        done: Future[_Result] = Future()
        try:
            done.set_result(work(*arguments))
        except Exception as error:  # noqa: BLE001  # an executor keeps whatever its work raised
            done.set_exception(error)
        return done

    def shutdown(self) -> None:
        """Nothing waits."""


profile = cProfile.Profile()


class Profiled(Desk):
    """A desk whose process is profiled from its first decision to its end."""

    def __init__(self, model: ServedModel, journal: Journal, max_batch: int, max_waiting: int) -> None:
        super().__init__(model, journal, max_batch, max_waiting)
        self._file = journal.folder.parent / PROFILE_FILE
        self._is_profiled = False

    async def decide(self, request: Request) -> Answer | BatchAnswer:
        if not self._is_profiled:
            self._is_profiled = True
            profile.enable()
        return await super().decide(request)

    def close(self) -> None:
        """Write what was counted. Not at exit: uvicorn ends by the signal it was sent."""
        profile.disable()
        profile.dump_stats(self._file)
        super().close()


runners.batcher.ThreadPoolExecutor = Here  # type: ignore[assignment,attr-defined]  # what this variant is
api.office.Desk = Profiled  # type: ignore[attr-defined]  # the same

from service import CreditScoring  # noqa: E402  # opened with these

__all__ = ["CreditScoring"]
