"""The product and its peers side by side: the same model, the same bodies, in turn, round by round."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from credit.errors import OctroiError
from profiling.bodies import Bodies
from profiling.crowd import Plan, load_by_crowd
from profiling.load import Load, typical
from profiling.running import Server, serving
from profiling.wrk import is_installed, load_by_wrk

ROOT = Path(__file__).parent.parent
PRODUCT, USUAL, ONNX, PLAIN = "Octroi", "FastAPI, pandas, LightGBM", "FastAPI, ONNX Runtime", "BentoML, plain"
CONSTANT = "a constant, by a bare ASGI server"
"""No peer, but the limit: it reads a body and answers the same to all."""
_MOST_APART = 1e-12
BUSY, ALONE = 32, 1
"""Connections under load, and of one client alone."""
CONNECTIONS = (ALONE, 8, BUSY, 64)
ROUNDS = 3


class PeersDisagree(OctroiError):
    """Two services that answered the same body with other probabilities: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One service with few clients and many."""

    name: str
    loads: tuple[Load, ...]
    """At each number of connections."""
    cpu_us: float
    """Processor time of the workers for each request under load."""
    spread: float
    """Of the rates under load: largest less smallest round, as a share of their median."""

    @property
    def busy(self) -> Load:
        """Under load."""
        return self.at(BUSY)

    @property
    def alone(self) -> Load:
        """One client alone."""
        return self.at(ALONE)

    def at(self, connections: int) -> Load:
        return next(load for load in self.loads if load.connections == connections)


@dataclass(frozen=True)
class Site:
    """Where the peers run: the bundle they read, a folder for what the product writes, the environment."""

    bundle: Path
    data: Path
    environment: Mapping[str, str]

    def octroi(
        self, workers: int = 1, service: str = "service:CreditScoring", more: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Server]:
        """The product as it is served, or as a *service* like it; its records in a folder of its own.

        *more*: what its environment says beside what it says here.
        """
        data = self.data / f"octroi-{workers}-{len(list(self.data.iterdir()))}"
        data.mkdir(parents=True)
        told = {
            "OCTROI_MODEL": str(self.bundle),
            "OCTROI_DATA": str(data),
            "DATABASE_URL": f"sqlite:///{data / 'octroi.db'}",
            "OCTROI_WORKERS": str(workers),
        }
        # The shell's folder: relative paths of settings are of it.
        environment = {**self.environment, **told, "PWD": str(ROOT), "OCTROI_DRAIN_S": "0", **(more or {})}
        command = [*_bentoml(service), "--working-dir", str(ROOT)]
        return serving(command, ROOT, environment, "/readyz", workers)

    def peer(self, name: str) -> AbstractContextManager[Server]:
        """One of the peers, in the folder of the bundle."""
        environment = {**self.environment, "PYTHONPATH": str(ROOT)}
        command, ready = _PEERS[name]
        return serving(command, self.bundle, environment, ready)


def _bentoml(service: str) -> list[str]:
    return [str(Path(sys.executable).with_name("bentoml")), "serve", service, "--port", "PORT"]


def _uvicorn(application: str) -> list[str]:
    return [sys.executable, "-m", "uvicorn", application, "--port", "PORT", "--no-access-log"]


_PEERS = {
    USUAL: (_uvicorn("profiling.peers.usual:app"), "/openapi.json"),
    ONNX: (_uvicorn("profiling.peers.onnx_fastapi:app"), "/openapi.json"),
    PLAIN: (_bentoml("profiling.peers.plain_bentoml:Plain"), "/readyz"),
    CONSTANT: (_uvicorn("profiling.peers.constant:app"), "/"),
}


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: each service under load for so many seconds, with fewer clients half as long."""

    seconds: int
    rounds: int = ROUNDS
    connections: tuple[int, ...] = CONNECTIONS


def compare(site: Site, bodies: Bodies, effort: Effort, report: Callable[[float], None]) -> list[Measured]:
    """Every service with few clients and many, in each round; `PeersDisagree` unless they answer alike.

    All of them are there all the time, so that what else the machine does meets each alike.
    """
    with ExitStack() as servers:
        running = {
            name: servers.enter_context(site.octroi() if name == PRODUCT else site.peer(name))
            for name in (PRODUCT, *_PEERS)
        }
        _require_agreement(running, bodies.texts)
        return measure_running(running, bodies.texts, effort, report)


def measure_running(
    running: Mapping[str, Server], bodies: Sequence[bytes], effort: Effort, report: Callable[[float], None]
) -> list[Measured]:
    """Servers that run at once, loaded in turn, round by round."""
    found: dict[str, list[_Round]] = {name: [] for name in running}
    for server in running.values():
        # Warm first: buffers grow, lazy parts load.
        load_of(server, bodies, BUSY, min(2, effort.seconds))
    for done in range(effort.rounds):
        for name, server in running.items():
            found[name].append(_round(server, bodies, effort))
        report((done + 1) / effort.rounds)
    return [_measured(name, measured) for name, measured in found.items()]


def _require_agreement(running: Mapping[str, Server], bodies: Sequence[bytes]) -> None:
    expected = list(_probabilities(running[PRODUCT], bodies))
    for name, server in running.items():
        if name == CONSTANT:
            continue
        pairs = zip(_probabilities(server, bodies), expected, strict=True)
        if (apart := max(abs(a - b) for a, b in pairs)) > _MOST_APART:
            raise PeersDisagree(f"{name} differs from {PRODUCT} by {apart:g}")


def cpu_of_workers(site: Site, bodies: Bodies, workers: int, seconds: int) -> tuple[Load, float]:
    """The product with so many *workers* under load, and microseconds of their time for each request."""
    with site.octroi(workers) as server:
        load_of(server, bodies.texts, BUSY, min(2, seconds))
        return _busy(server, bodies.texts, seconds)


def load_of(server: Server, bodies: Sequence[bytes], connections: int, seconds: int) -> Load:
    """Load by wrk, or where there is none by two processes of our own clients."""
    if is_installed():
        return load_by_wrk(server, bodies, connections, seconds)
    processes = min(connections, os.cpu_count() or 1)
    return load_by_crowd(Plan(server.port, tuple(bodies), connections, seconds, key=server.key), processes)


_Round = tuple[tuple[Load, ...], float]
"""Each number of connections, and the microseconds of processor time of a request under load."""


def _round(server: Server, bodies: Sequence[bytes], effort: Effort) -> _Round:
    busy, cpu_us = _busy(server, bodies, effort.seconds)
    others = max(1, effort.seconds // 2)
    loads = [
        busy if connections == BUSY else load_of(server, bodies, connections, others)
        for connections in effort.connections
    ]
    return tuple(loads), cpu_us


def _measured(name: str, rounds: Sequence[_Round]) -> Measured:
    loads = tuple(typical(same) for same in zip(*(loads for loads, _ in rounds), strict=True))
    rates = [load.per_second for loads, _ in rounds for load in loads if load.connections == BUSY]
    spread = (max(rates) - min(rates)) / median(rates)
    return Measured(name, loads, median(cpu_us for _, cpu_us in rounds), spread)


def _busy(server: Server, bodies: Sequence[bytes], seconds: int) -> tuple[Load, float]:
    before = server.cpu_seconds()
    load = load_of(server, bodies, BUSY, seconds)
    spent = server.cpu_seconds() - before
    return load, spent / max(1, load.answered + load.refused) * 1e6


def _probabilities(server: Server, bodies: Sequence[bytes]) -> Iterator[float]:
    with httpx.Client(base_url=server.url, headers={"content-type": "application/json"}) as client:
        for body in bodies:
            answer = client.post("/predict", content=body)
            if answer.status_code != 200:
                raise PeersDisagree(f"{server.url} answers {answer.status_code}: {answer.text[:300]}")
            yield float(answer.json()["probability_default"])
