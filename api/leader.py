"""A worker ends with the process that started it, however that one ends."""

import ctypes
import os
import signal
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_INIT = 1


def follow_leader() -> None:
    """Let the kernel send this process SIGTERM when its parent dies: nobody else would stop it then."""
    leader = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != leader or _is_orphan():
        # It died before the kernel was told.
        os.kill(os.getpid(), signal.SIGTERM)


def _is_orphan() -> bool:
    """Whether init has adopted this process; in a container, BentoML itself may be init."""
    return os.getppid() == _INIT and b"bentoml" not in Path(f"/proc/{_INIT}/cmdline").read_bytes()
