"""A request that comes again with its idempotency key gets the decision it got, or would have got."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from api.answer import Answer, BatchAnswer
from api.body import Refused
from api.decided import Request
from api.recollection import Recollection
from api.reservations import Claim, Reservation, Reservations
from api.visit import Visit
from credit.errors import DatabaseUnavailable, InvalidApplication, Overloaded, UnknownClient

_Result = TypeVar("_Result")
_SANE_KEY = re.compile(rb"[\x21-\x7e]{1,255}")
_AGAIN_S = 1.0
Reply = Answer | BatchAnswer
Decide = Callable[[Request], Awaitable[Reply]]


def claim_of(visit: Visit, body: bytes) -> Claim | None:
    """What the client's `Idempotency-Key` claims; `Refused` when it is none that can be kept."""
    key = visit.given.get(b"idempotency-key")
    if key is None:
        return None
    if not _SANE_KEY.fullmatch(key):
        raise Refused(400, "Idempotency-Key takes 1 to 255 visible ASCII characters")
    return Claim.of(key, visit.key, visit.route, body)


class Repetition:
    """Lets each idempotency key be decided once on this host, through crashes and across workers."""

    def __init__(self, folder: Path, recollection: Recollection) -> None:
        self._folder = folder
        self._recollection = recollection
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="idempotency")
        self._tasks: set[asyncio.Future[Any]] = set()

    async def once(self, claim: Claim, request: Request, decide: Decide) -> Reply:
        """The answer to *request*: by *decide* the first time, afterwards the same again."""
        # A client that hangs up, or waits too long, must not stop what is reserved or recorded already.
        return await asyncio.shield(self._keeping(self._answered(claim, request, decide)))

    def close(self) -> None:
        """Leave the keys that still run to who comes later."""
        self._thread.shutdown()
        if "_reservations" in vars(self):
            self._reservations.close()

    async def _answered(self, claim: Claim, request: Request, decide: Decide) -> Reply:
        reservation = await self._run(Reservations.reserve, claim, request.decision_ids)
        if reservation.answer is not None:
            return _again(reservation.answer, request)
        return await self._first(claim, reservation, request, decide)

    async def _first(self, claim: Claim, reservation: Reservation, request: Request, decide: Decide) -> Reply:
        request = replace(request, decision_ids=reservation.decision_ids)
        try:
            found = await self._recorded(request) if reservation.is_inherited else None
            answer = found or await decide(request)
        except (Overloaded, UnknownClient, InvalidApplication):
            await self._write(Reservations.release, claim.key)
            raise
        except BaseException:  # a client that hung up as well: the decision may be recorded
            await self._write(Reservations.abandon, claim.key)
            raise
        await self._write(Reservations.keep, claim.key, msgspec.json.encode(_without_clients(answer)))
        return answer

    async def _recorded(self, request: Request) -> Reply | None:
        answers = await asyncio.to_thread(self._recollection.answers, request.decision_ids)
        if answers is None:
            return None
        return answers[0] if request.is_single else _batch(answers)

    async def _write(self, write: Callable[..., None], *values: object) -> None:
        """Do *write*; while it fails, again and again, without keeping the client."""
        try:
            await self._run(write, *values)
        except DatabaseUnavailable:
            self._keeping(self._write_in_the_end(write, *values))

    async def _write_in_the_end(self, write: Callable[..., None], *values: object) -> None:
        while True:
            await asyncio.sleep(_AGAIN_S)
            try:
                return await self._run(write, *values)
            except DatabaseUnavailable:
                continue

    async def _run(self, work: Callable[..., _Result], *values: object) -> _Result:
        """Do *work*, a method of `Reservations`, in the thread that has them."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(self._reservations, *values))

    @cached_property
    def _reservations(self) -> Reservations:
        # Opened by the first request that needs it: without this file all others are still decided.
        return Reservations(self._folder)

    def _keeping(self, work: Awaitable[_Result]) -> asyncio.Future[_Result]:
        """A task of *work* that lives as long as it runs."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # Whoever waits gets it too; when nobody does any more, it is no news.
            task.exception()


def _without_clients(answer: Reply) -> Reply:
    if isinstance(answer, Answer):
        return msgspec.structs.replace(answer, sk_id_curr=None)
    return msgspec.structs.replace(answer, decisions=tuple(map(_without_clients, answer.decisions)))


def _again(kept: bytes, request: Request) -> Reply:
    """The answer that was kept, with the client numbers of the same request."""
    if request.is_single:
        return _with_client(msgspec.json.decode(kept, type=Answer), request.applications[0].sk_id_curr)
    answer = msgspec.json.decode(kept, type=BatchAnswer)
    pairs = zip(answer.decisions, request.applications, strict=True)
    decisions = tuple(_with_client(one, application.sk_id_curr) for one, application in pairs)
    return msgspec.structs.replace(answer, decisions=decisions)


def _with_client(answer: Answer, sk_id_curr: int | None) -> Answer:
    return msgspec.structs.replace(answer, sk_id_curr=sk_id_curr)


def _batch(answers: list[Answer]) -> BatchAnswer:
    return BatchAnswer(
        decisions=tuple(answers),
        count=len(answers),
        inference_time_ms=max(answer.inference_time_ms for answer in answers),
    )
