"""What every room's command line shares: a progress bar, and one sentence for a mistake."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from credit.errors import OctroiError

Report = Callable[[float], None]
"""What long work calls with the fraction done, 0 to 1."""

console = Console(stderr=True)


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        click.echo("Aborted!", err=True)
    else:
        sys.__excepthook__(kind, error, trace)


# Libraries take seconds to load, and nobody catches a Ctrl+C in them.
sys.excepthook = _end


class Door(click.Group):
    """A command group whose subcommands end in one sentence, not a traceback, when the user can mend it."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except OctroiError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            # The reader (`| head`) left; Python would complain again when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except OSError as error:
            # Disk full, no right, a folder that is none: all of them the user's to mend.
            raise click.ClickException(_told(error)) from error
        except MemoryError as error:
            raise click.ClickException("there is not enough memory for this: ask for less at once") from error


def _told(error: OSError) -> str:
    if isinstance(error, shutil.Error) and isinstance(error.args[0], list):
        # One for each file of a folder that was copied; the first says enough.
        return str(error.args[0][0][-1])
    # Of a renaming, the name that the user gave is the second.
    name = error.filename2 or error.filename
    return f"{name}: {error.strerror}" if name else str(error.strerror or error)


class Output(click.Path):
    """A path to write, looked at before the work: what is no plain file (or folder) is never replaced."""

    def __init__(self, *, folder: bool = False) -> None:
        super().__init__(path_type=Path, file_okay=not folder, dir_okay=folder, writable=True)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path: Path = super().convert(value, param, ctx)  # type: ignore[arg-type,assignment]  # a str or Path
        if path.exists() and not (path.is_file() or path.is_dir()):
            self.fail(f"{path} is a device, not a file: name another one", param, ctx)
        existing = next(parent for parent in (path, *path.absolute().parents) if parent.exists())
        if existing != path and not (existing.is_dir() and os.access(existing, os.W_OK)):
            self.fail(f"{path} cannot be written: {existing} is no folder that you may write to", param, ctx)
        return path


@contextmanager
def progress(what: str) -> Iterator[Report]:
    """A progress bar on standard error, named *what*; gives the function to call with the fraction done.

    Where standard error is no terminal, one line at the end says how long it took.
    """
    columns = (TextColumn("{task.description:<34}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda fraction: bar.update(task, completed=fraction)
        bar.update(task, completed=1.0)
