"""The clients that make load: wrk where it is installed, else our own."""

import os
from collections.abc import Sequence
from pathlib import Path

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
    kept: Path | None = None,
) -> Load:
    """So many *connections*, each of which asks *server* as soon as it is answered, for so many *seconds*.

    *kept*: file to which each body answered with 200 is added, one in a line; without it no answer is read.
    """
    if is_installed():
        return load_by_wrk(server, bodies, connections, seconds, kept)
    processes = min(connections, os.cpu_count() or 1)
    plan = Plan(server.port, tuple(bodies), connections, seconds, key=server.key, kept=kept)
    return load_by_crowd(plan, processes)
