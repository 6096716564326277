"""On which addresses this process can be reached. Without an API key only loopback will do."""

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import click

from credit.errors import InvalidSettings
from keys import is_loopback

OPEN = (
    "without an API key the service listens on loopback alone, and {address} is not: "
    "set API_KEY or OCTROI_API_KEYS, or serve on 127.0.0.1"
)


def require_loopback(addresses: Iterable[str]) -> None:
    """Raise `InvalidSettings` if one of *addresses* can be reached from other machines."""
    for address in addresses:
        if not is_loopback(address):
            raise InvalidSettings(OPEN.format(address=address))


def asked_for() -> list[str]:
    """The address that `bentoml serve --host` names, in the process that starts the workers."""
    context = click.get_current_context(silent=True)
    host = context.params.get("host") if context else None
    return [host] if host else []


def listening() -> list[str]:
    """The addresses of this process's listening sockets, as the kernel says."""
    return sorted({address for descriptor in _descriptors() for address in _listens(descriptor)})


def _descriptors() -> list[int]:
    return [int(path.name) for path in Path("/proc/self/fd").iterdir()]


def _listens(descriptor: int) -> Iterator[str]:
    # A descriptor may be closed by now, or no socket.
    with suppress(OSError), _duplicate(descriptor) as copy:
        internet = copy.family in {socket.AF_INET, socket.AF_INET6}
        if internet and copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            yield copy.getsockname()[0]


def _duplicate(descriptor: int) -> socket.socket:
    """A socket that shares *descriptor*; `OSError` when that is none, and then nothing stays open."""
    number = os.dup(descriptor)
    try:
        return socket.socket(fileno=number)
    except OSError:
        os.close(number)
        raise
