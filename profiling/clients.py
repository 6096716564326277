"""The clients that make load: wrk where it is installed, else our own."""

import os
from collections.abc import Sequence

from profiling.crowd import Plan, load_by_crowd
from profiling.load import Load
from profiling.running import Server
from profiling.wrk import is_installed, load_by_wrk


def load_of(server: Server, bodies: Sequence[bytes], connections: int, seconds: int) -> Load:
    """So many *connections*, each of which asks *server* as soon as it is answered, for so many *seconds*."""
    if is_installed():
        return load_by_wrk(server, bodies, connections, seconds)
    processes = min(connections, os.cpu_count() or 1)
    return load_by_crowd(Plan(server.port, tuple(bodies), connections, seconds, key=server.key), processes)
