"""A real registry on this machine, for the proof."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from deploy.engine import Engine
from deploy.process import CommandFailed

_CONFIG = """version: 0.1
log: {{level: error}}
storage:
  filesystem: {{rootdirectory: {folder}}}
http:
  addr: 127.0.0.1:{port}
"""
_IMAGE = "docker.io/library/registry:2"
_PATIENCE_S = 20


@contextmanager
def loopback_registry(engine: Engine, folder: Path) -> Iterator[str]:
    """The address of an empty registry: Debian's docker-registry, or else its image in *engine*."""
    port = free_port()
    if shutil.which("docker-registry"):
        with _program(folder, port):
            yield f"127.0.0.1:{port}"
        return
    container = engine.run("run", "--detach", "--rm", "--publish", f"127.0.0.1:{port}:5000", _IMAGE)
    try:
        _wait(port)
        yield f"127.0.0.1:{port}"
    finally:
        engine.run("rm", "--force", container)


def listed_tags(registry: str, name: str) -> set[str]:
    """The tags of *name* that the registry's API lists."""
    answer = httpx.get(f"http://{registry}/v2/{name}/tags/list").raise_for_status()
    return set(answer.json()["tags"])


def free_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _program(folder: Path, port: int) -> Iterator[None]:
    folder.mkdir(parents=True)
    config = folder / "config.yml"
    config.write_text(_CONFIG.format(folder=folder, port=port))
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=log, stderr=log)  # noqa: S603, S607
    try:
        _wait(port)
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def _wait(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/v2/").status_code == httpx.codes.OK:
                return
        time.sleep(0.1)
    raise CommandFailed(f"no registry answers on 127.0.0.1:{port}")
