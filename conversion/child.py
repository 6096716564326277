"""Running work in a child process, so that whatever a foreign model file does to it, we live to say so."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import TypeVar, cast

from credit.errors import OctroiError, UnconvertibleModel

T = TypeVar("T")
KILLS = (-signal.SIGKILL, -signal.SIGTERM)


def in_child(work: Callable[..., T], *args: object, report: Callable[[float], None]) -> T:
    """`work(*args, report)`, in a fresh process; its `OctroiError` is raised here, its death is one."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(there, work, args), daemon=True)
    _start(child)
    there.close()
    try:
        return cast(T, _listen(here, report))
    except EOFError as error:
        child.join()
        raise UnconvertibleModel(_death(child.exitcode or 0)) from error
    finally:
        if child.is_alive():
            child.terminate()
        child.join()


def _start(child: multiprocessing.process.BaseProcess) -> None:
    """Start *child* deaf to Ctrl+C, which this process answers for both."""
    # Left to the start, it would let Ctrl+C in again before there is a child.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        child.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _death(exit_code: int) -> str:
    if exit_code in KILLS:
        return "the process that converts was killed: memory ran out, or somebody ended it; try again"
    return (
        f"reading the model ended the process that tried (exit code {exit_code}): "
        "the file is damaged; save the model again with Booster.save_model"
    )


def _listen(here: Connection, report: Callable[[float], None]) -> object:
    while True:
        message = here.recv()
        if isinstance(message, float):
            report(message)
        elif isinstance(message, OctroiError | OSError):
            raise message
        else:
            return message[0]


def _run(there: Connection, work: Callable[..., object], args: tuple[object, ...]) -> None:
    _hush()
    try:
        there.send((work(*args, there.send),))
    except (OctroiError, OSError) as error:
        there.send(error)
    except Exception as error:  # noqa: BLE001 - whatever a foreign file provokes, the parent says in a sentence
        there.send(UnconvertibleModel(f"the conversion failed ({type(error).__name__}: {error})"))


def _hush() -> None:
    """LightGBM and the C library write to the terminal as they fail: what they mean, the parent says."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
