"""The clients that make load: wrk where it is installed, else our own."""

import os
from collections.abc import Mapping, Sequence

from profiling.crowd import Plan, load_by_crowd
from profiling.load import Load
from profiling.running import Server
from profiling.wrk import is_installed, load_by_wrk


def makers() -> str:
    """What makes the load here, in words."""
    return "wrk" if is_installed() else "clients of our own"


def load_of(
    server: Server,
    bodies: Sequence[bytes],
    connections: int,
    seconds: int,
    expected: Mapping[int, float] | None = None,
) -> Load:
    """So many *connections*, each of which asks *server* as soon as it is answered, for so many *seconds*.

    *expected*: the probability that each client must be answered, by number; without it no answer is read.
    """
    if is_installed():
        return load_by_wrk(server, bodies, connections, seconds, expected)
    processes = min(connections, os.cpu_count() or 1)
    plan = Plan(server.port, tuple(bodies), connections, seconds, key=server.key, expected=expected)
    return load_by_crowd(plan, processes)
