"""Many clients at once, each waiting for its answer before it asks again."""

import asyncio
from collections.abc import Callable, Iterable, Iterator

from load_tests.remote import RemoteService, Reply

Request = tuple[str, bytes]
"""Path and body."""


async def send(
    service: RemoteService,
    requests: Iterable[Request],
    concurrency: int,
    delay_s: float,
    answered: Callable[[int, Reply], None],
) -> None:
    """Send every request, *concurrency* at a time; each client pauses *delay_s* after an answer.

    *answered* gets the position of the request and its reply, as replies come.
    """
    waiting = iter(enumerate(requests))

    async def client(mine: Iterator[tuple[int, Request]]) -> None:
        for position, (path, body) in mine:
            answered(position, await service.post(path, body))
            if delay_s:
                await asyncio.sleep(delay_s)

    clients = [asyncio.ensure_future(client(waiting)) for _ in range(concurrency)]
    try:
        await asyncio.gather(*clients)
    finally:
        # When one fails, the others must not go on asking.
        for one in clients:
            one.cancel()
