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
_MOST_APART = 1e-12
_CONNECTIONS = 32
ROUNDS = 3


class PeersDisagree(OctroiError):
    """Two services that answered the same body with other probabilities: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One service under load, and with one client alone."""

    name: str
    busy: Load
    alone: Load
    cpu_us: float
    """Processor time of the workers for each request under load."""
    spread: float
    """Of the rates under load: largest less smallest round, as a share of their median."""


@dataclass(frozen=True)
class Site:
    """Where the peers run: the bundle they read, a folder for what the product writes, the environment."""

    bundle: Path
    data: Path
    environment: Mapping[str, str]

    def octroi(self, workers: int = 1, **more: str) -> AbstractContextManager[Server]:
        """The product as it is served, its records in a folder of its own."""
        data = self.data / f"octroi-{workers}-{len(list(self.data.iterdir()))}"
        data.mkdir(parents=True)
        told = {
            "OCTROI_MODEL": str(self.bundle),
            "OCTROI_DATA": str(data),
            "DATABASE_URL": f"sqlite:///{data / 'octroi.db'}",
            "OCTROI_WORKERS": str(workers),
        }
        # The shell's folder: relative paths of settings are of it.
        environment = {**self.environment, **told, "PWD": str(ROOT), "OCTROI_DRAIN_S": "0", **more}
        command = [*_bentoml("service:CreditScoring"), "--working-dir", str(ROOT)]
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
}


def compare(
    site: Site, bodies: Bodies, seconds: int, report: Callable[[float], None], rounds: int = ROUNDS
) -> list[Measured]:
    """Every service under load and alone, in each of *rounds*; `PeersDisagree` unless they answer alike.

    All of them are there all the time, so that what else the machine does meets each alike.
    """
    found: dict[str, list[_Round]] = {PRODUCT: [], **{name: [] for name in _PEERS}}
    with ExitStack() as servers:
        running = {
            name: servers.enter_context(site.octroi() if name == PRODUCT else site.peer(name))
            for name in found
        }
        _require_agreement(running, bodies.texts)
        for server in running.values():
            # Warm first: buffers grow, lazy parts load.
            load_of(server, bodies.texts, _CONNECTIONS, min(2, seconds))
        for done in range(rounds):
            for name, server in running.items():
                found[name].append(_round(server, bodies.texts, seconds))
            report((done + 1) / rounds)
    return [_measured(name, measured) for name, measured in found.items()]


def _require_agreement(running: Mapping[str, Server], bodies: Sequence[bytes]) -> None:
    expected = list(_probabilities(running[PRODUCT], bodies))
    for name, server in running.items():
        pairs = zip(_probabilities(server, bodies), expected, strict=True)
        if (apart := max(abs(a - b) for a, b in pairs)) > _MOST_APART:
            raise PeersDisagree(f"{name} differs from {PRODUCT} by {apart:g}")


def cpu_of_workers(site: Site, bodies: Bodies, workers: int, seconds: int) -> tuple[Load, float]:
    """The product with so many *workers* under load, and microseconds of their time for each request."""
    with site.octroi(workers) as server:
        load_of(server, bodies.texts, _CONNECTIONS, min(2, seconds))
        return _busy(server, bodies.texts, seconds)


def load_of(server: Server, bodies: Sequence[bytes], connections: int, seconds: int) -> Load:
    """Load by wrk, or where there is none by two processes of our own clients."""
    if is_installed():
        return load_by_wrk(server, bodies, connections, seconds)
    processes = min(connections, os.cpu_count() or 1)
    return load_by_crowd(Plan(server.port, tuple(bodies), connections, seconds), processes)


_Round = tuple[Load, Load, float]
"""Under load, alone, and the microseconds of processor time of a request under load."""


def _round(server: Server, bodies: Sequence[bytes], seconds: int) -> _Round:
    busy, cpu_us = _busy(server, bodies, seconds)
    return busy, load_of(server, bodies, 1, max(1, seconds // 2)), cpu_us


def _measured(name: str, rounds: Sequence[_Round]) -> Measured:
    busy, alone, cpu_us = zip(*rounds, strict=True)
    rates = [load.per_second for load in busy]
    spread = (max(rates) - min(rates)) / median(rates)
    return Measured(name, typical(busy), typical(alone), median(cpu_us), spread)


def _busy(server: Server, bodies: Sequence[bytes], seconds: int) -> tuple[Load, float]:
    before = server.cpu_seconds()
    load = load_of(server, bodies, _CONNECTIONS, seconds)
    spent = server.cpu_seconds() - before
    return load, spent / max(1, load.answered + load.refused) * 1e6


def _probabilities(server: Server, bodies: Sequence[bytes]) -> Iterator[float]:
    with httpx.Client(base_url=server.url, headers={"content-type": "application/json"}) as client:
        for body in bodies:
            answer = client.post("/predict", content=body)
            if answer.status_code != 200:
                raise PeersDisagree(f"{server.url} answers {answer.status_code}: {answer.text[:300]}")
            yield float(answer.json()["probability_default"])
