"""Commands of other programs, run for what they answer."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from credit.errors import OctroiError

ROOT = Path(__file__).parent.parent
_SHOWN_LINES = 15


class CommandFailed(OctroiError):
    """Another program failed; its last words are in the message."""


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path = ROOT) -> str:
    """What *command* writes to standard output; `CommandFailed` when its exit status is not 0.

    *environment* is added to that of this process.
    """
    done = attempt(command, environment, cwd)
    if done.returncode:
        said = "\n".join(f"{done.stdout}\n{done.stderr}".strip().splitlines()[-_SHOWN_LINES:])
        raise CommandFailed(f"{' '.join(command[:4])} … ended with {done.returncode}:\n{said}")
    return done.stdout.strip()


def with_environment(command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """*command* as it is written for a process that has *environment* beside ours.

    >>> with_environment(["make"], {"PORT": "3100"})
    ['env', 'PORT=3100', 'make']
    """
    return ["env", *(f"{name}={value}" for name, value in environment.items()), *command]


def attempt(
    command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """How *command* ended, whatever its exit status."""
    return subprocess.run(  # noqa: S603  # the commands are ours; none passes through a shell
        with_environment(command, environment or {}),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
