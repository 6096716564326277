"""Running work in a child process, so that whatever a foreign model file does to it, we live to say so."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar, cast

from credit.errors import OctroiError, UnconvertibleModel

T = TypeVar("T")


def in_child(work: Callable[..., T], *args: object, report: Callable[[float], None]) -> T:
    """`work(*args, report)`, in a fresh process; its `OctroiError` is raised here, its death is one."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(there, work, args), daemon=True)
    child.start()
    there.close()
    try:
        return cast(T, _listen(here, report))
    except EOFError as error:
        child.join()
        raise UnconvertibleModel(
            f"reading the model ended the process that tried (exit code {child.exitcode}): "
            "the file is damaged; save the model again with Booster.save_model"
        ) from error
    finally:
        if child.is_alive():
            child.terminate()
        child.join()


def _listen(here: Connection, report: Callable[[float], None]) -> object:
    while True:
        message = here.recv()
        if isinstance(message, float):
            report(message)
        elif isinstance(message, OctroiError):
            raise message
        else:
            return message[0]


def _run(there: Connection, work: Callable[..., object], args: tuple[object, ...]) -> None:
    try:
        there.send((work(*args, there.send),))
    except OctroiError as error:
        there.send(error)
    except Exception as error:  # noqa: BLE001 - whatever a foreign file provokes, the parent says in a sentence
        there.send(UnconvertibleModel(f"the conversion failed ({type(error).__name__}: {error})"))
