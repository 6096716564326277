"""Load by clients of our own: they come back when they are told to, or come at a rate whatever happens.

Several processes share the connections. Latencies count from when a request was due.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from typing import cast

import numpy as np
import uvloop

from profiling.load import Load

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_RETRY = re.compile(rb"retry-after: (\d+)", re.IGNORECASE)


@dataclass
class _Seen:
    """What one process has seen."""

    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    failed: int = 0
    cpu_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a crowd does."""

    port: int
    bodies: tuple[bytes, ...]
    connections: int
    seconds: float
    rate: float | None = None
    """Requests that come in a second, answered or not; without one, each client asks when it is answered."""
    key: str | None = None
    """Sent along with each request."""


def load_by_crowd(plan: Plan, processes: int = 1) -> Load:
    """What became of the requests of *plan*, shared by so many *processes*."""
    # Processes of their own even for one: the caller may have started threads.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        seen = list(pool.map(_run, _shares(plan, processes)))
    latencies = np.array([latency for one in seen for latency in one.latencies] or [np.nan])
    p50, p99 = np.quantile(latencies, [0.5, 0.99]) * 1000
    return Load(
        connections=plan.connections,
        seconds=plan.seconds,
        answered=sum(len(one.latencies) for one in seen),
        refused=sum(one.refused for one in seen),
        failed=sum(one.failed for one in seen),
        p50_ms=float(p50),
        p99_ms=float(p99),
        client_cpu_seconds=sum(one.cpu_seconds for one in seen),
    )


def _shares(plan: Plan, processes: int) -> list[Plan]:
    rate = None if plan.rate is None else plan.rate / processes
    each = max(1, plan.connections // processes)
    return [replace(plan, connections=each, rate=rate)] * processes


def _run(plan: Plan) -> _Seen:
    seen = uvloop.run(_load(plan))
    seen.cpu_seconds = time.process_time()
    return seen


async def _load(plan: Plan) -> _Seen:
    seen = _Seen()
    requests = [_request(plan, body) for body in plan.bodies]
    until = time.perf_counter() + plan.seconds
    if plan.rate is None:
        await asyncio.gather(*(_patient(plan, requests, i, until, seen) for i in range(plan.connections)))
    else:
        await _arrivals(plan, requests, until, seen)
    return seen


async def _patient(plan: Plan, requests: Sequence[bytes], first: int, until: float, seen: _Seen) -> None:
    """A client that asks when it is answered, and honours Retry-After."""
    connection = await _Connection.open(plan.port)
    turn = first
    while (due := time.perf_counter()) < until:
        turn += 1
        status, wait_s = await connection.ask(requests[turn % len(requests)])
        if status == 200:
            # An answer that came too late is no goodput.
            if time.perf_counter() <= until:
                seen.latencies.append(time.perf_counter() - due)
        else:
            seen.refused += 1
            await asyncio.sleep(min(wait_s, max(0.0, until - time.perf_counter())))
    connection.close()


async def _arrivals(plan: Plan, requests: Sequence[bytes], until: float, seen: _Seen) -> None:
    """Requests that come at a rate, whether the service keeps up or not; each takes a free connection."""
    assert plan.rate is not None
    free = [await _Connection.open(plan.port) for _ in range(plan.connections)]
    tasks: set[asyncio.Task[None]] = set()
    start = time.perf_counter()
    sent = 0
    while (now := time.perf_counter()) < until:
        due = int((now - start) * plan.rate)
        for number in range(sent, due):
            if not free:
                seen.failed += 1
                continue
            times = (start + number / plan.rate, until)
            request = requests[number % len(requests)]
            task = asyncio.create_task(_once(free, free.pop(), request, times, seen))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        sent = due
        await asyncio.sleep(0.002)
    if tasks:
        await asyncio.wait(tasks, timeout=10)


async def _once(
    free: "list[_Connection]",
    connection: "_Connection",
    request: bytes,
    times: tuple[float, float],
    seen: _Seen,
) -> None:
    """Send *request* over *connection*, then free it; *times*: when it was due, and when all is over."""
    due, until = times
    status, _ = await connection.ask(request)
    free.append(connection)
    if status != 200:
        seen.refused += 1
    elif time.perf_counter() <= until:
        seen.latencies.append(time.perf_counter() - due)


class _Connection(asyncio.Protocol):
    """One keep-alive connection with one request at a time."""

    def __init__(self) -> None:
        self._data = b""
        self._answer: asyncio.Future[tuple[int, float]] | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, port: int) -> "_Connection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(cls, "127.0.0.1", port)
        return connection

    async def ask(self, request: bytes) -> tuple[int, float]:
        """Status of the answer, and the seconds it asks to wait."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's are of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, rest = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        length = _LENGTH.search(head)
        if length is None or len(rest) < int(length[1]):
            return
        self._data = b""
        status, retry = _STATUS.match(head), _RETRY.search(head)
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((int(status[1]) if status else 0, float(retry[1]) if retry else 0.0))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((0, 0.0))


def _request(plan: Plan, body: bytes) -> bytes:
    key = f"x-api-key: {plan.key}\r\n" if plan.key else ""
    head = (
        f"POST /predict HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\nContent-Type: application/json\r\n{key}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
