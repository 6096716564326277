"""Load by clients of our own: they come back when they are told to, or come at a rate whatever happens.

Several processes share the connections. Latencies count from when a request was due.
"""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import uvloop

from profiling.connection import Answer, Connection
from profiling.load import Load

_LAST_ANSWERS_S = 10.0
"""So long after the end, what is not answered never will be."""


@dataclass
class _Seen:
    """What one process has seen."""

    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    failed: int = 0
    bodies: list[bytes] = field(default_factory=list)
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
    kept: Path | None = None
    """File to which each body answered with 200 is added, one in a line; without it no answer is read."""


def load_by_crowd(plan: Plan, processes: int = 1) -> Load:
    """What became of the requests of *plan*, shared by so many *processes*."""
    # Processes of their own even for one: the caller may have started threads.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        seen = list(pool.map(_run, _shares(plan, processes)))
    if plan.kept is not None:
        with plan.kept.open("ab") as kept:
            kept.writelines(body + b"\n" for one in seen for body in one.bodies)
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
    return [
        replace(plan, connections=(plan.connections + i) // processes, rate=rate) for i in range(processes)
    ]


def _run(plan: Plan) -> _Seen:
    # What starting the process took is no part of the load.
    before = time.process_time()
    seen = uvloop.run(_load(plan))
    seen.cpu_seconds = time.process_time() - before
    return seen


async def _load(plan: Plan) -> _Seen:
    seen = _Seen()
    requests = [_request(plan, body) for body in plan.bodies]
    until = time.perf_counter() + plan.seconds
    if plan.rate is None:
        # They begin apart: else a short load would send nothing but the first of many bodies.
        starts = [i * len(requests) // plan.connections for i in range(plan.connections)]
        clients = [_patient(plan, requests, start, until, seen) for start in starts]
        await _finished({asyncio.ensure_future(one) for one in clients}, plan.seconds + _LAST_ANSWERS_S, seen)
    else:
        await _arrivals(plan, requests, until, seen)
    return seen


async def _finished(tasks: set[asyncio.Task[None]], patience_s: float, seen: _Seen) -> None:
    """Wait until *tasks* are done; what is still open after *patience_s* has failed."""
    if not tasks:
        return
    done, late = await asyncio.wait(tasks, timeout=patience_s)
    seen.failed += len(late)
    for one in late:
        one.cancel()
    for one in done:
        one.result()


async def _patient(plan: Plan, requests: Sequence[bytes], first: int, until: float, seen: _Seen) -> None:
    """A client that asks when it is answered, and honours Retry-After."""
    connection = Connection(plan.port)
    turn = first
    while (due := time.perf_counter()) < until:
        turn += 1
        answer = await connection.ask(requests[turn % len(requests)])
        _count(plan, answer, (due, until), seen)
        if answer.status != 200:
            if time.perf_counter() + answer.wait_s >= until:
                break
            await asyncio.sleep(answer.wait_s)
    connection.close()


def _count(plan: Plan, answer: Answer, times: tuple[float, float], seen: _Seen) -> None:
    """Count *answer*; *times*: when it was due, and when all is over."""
    due, until = times
    now = time.perf_counter()
    if answer.status == 200:
        # An answer that came too late is no goodput; it was given all the same.
        if now <= until:
            seen.latencies.append(now - due)
        if plan.kept is not None:
            seen.bodies.append(answer.body)
    elif answer.status:
        seen.refused += 1
    else:
        seen.failed += 1


async def _arrivals(plan: Plan, requests: Sequence[bytes], until: float, seen: _Seen) -> None:
    """Requests that come at a rate, whether the service keeps up or not; each takes a free connection."""
    assert plan.rate is not None
    free = [Connection(plan.port) for _ in range(plan.connections)]
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
            task = asyncio.create_task(_once(plan, free, free.pop(), request, times, seen))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        sent = due
        await asyncio.sleep(0.002)
    await _finished(tasks, _LAST_ANSWERS_S, seen)


async def _once(
    plan: Plan,
    free: list[Connection],
    connection: Connection,
    request: bytes,
    times: tuple[float, float],
    seen: _Seen,
) -> None:
    """Send *request* over *connection*, then free it; *times*: when it was due, and when all is over."""
    answer = await connection.ask(request)
    free.append(connection)
    _count(plan, answer, times, seen)


def _request(plan: Plan, body: bytes) -> bytes:
    key = f"x-api-key: {plan.key}\r\n" if plan.key else ""
    head = (
        f"POST /predict HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\nContent-Type: application/json\r\n{key}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
