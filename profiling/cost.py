"""What a request costs the workers that answer it, under load."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from profiling.clients import load_of
from profiling.load import Load, together
from profiling.measured import BUSY
from profiling.running import NotServed, Server


def loaded(servers: Sequence[Server], bodies: Sequence[bytes], seconds: int) -> tuple[Load, float]:
    """What `BUSY` clients, the same share of them at each of *servers*, met; processor µs of each request.

    Over when all that the servers write down of it is written; `NotServed` when nothing was answered.
    """
    share = BUSY // len(servers)
    before = _cpu_seconds(servers)
    with ThreadPoolExecutor(len(servers)) as clients:
        load = together(list(clients.map(lambda one: load_of(one, bodies, share, seconds), servers)))
    spent = _cpu_seconds(servers) - before
    if not load.answered:
        urls = " and ".join(server.url for server in servers)
        raise NotServed(f"{urls} answered none of {load.refused + load.failed:,} requests with 200")
    for server in servers:
        server.wait_until_idle()
    return load, spent / (load.answered + load.refused) * 1e6


def _cpu_seconds(servers: Sequence[Server]) -> float:
    return sum(server.cpu_seconds() for server in servers)
