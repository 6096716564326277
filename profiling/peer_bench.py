"""Services side by side: the same model, the same bodies, loaded in turn, round by round."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import httpx

from credit.errors import OctroiError
from profiling.bodies import Bodies
from profiling.clients import load_of
from profiling.cost import loaded
from profiling.load import Load
from profiling.measured import ALONE, BUSY, Measured, Round
from profiling.running import Server
from profiling.site import CONSTANT, PEERS, PRODUCT, Site

_MOST_APART = 1e-12
CONNECTIONS = (ALONE, 8, BUSY, 64)
ROUNDS = 3


class PeersDisagree(OctroiError):
    """Two services that answered the same body with other probabilities: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: each service under load for so many seconds, with other clients half as long.

    One second is no measurement: services are not even warm then.
    """

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
            for name in (PRODUCT, *PEERS)
        }
        _require_agreement(running, bodies.texts)
        return measure_running(running, bodies.texts, effort, report)


def measure_running(
    running: Mapping[str, Server], bodies: Sequence[bytes], effort: Effort, report: Callable[[float], None]
) -> list[Measured]:
    """Servers that run at once, loaded in turn, round by round.

    Each turn begins when the one before it is over for the server too: what it still writes down of that
    turn would be taken from whoever comes next.
    """
    found: dict[str, list[Round]] = {name: [] for name in running}
    if effort.seconds > 1:
        for server in running.values():
            # Warm first: buffers grow, lazy parts load.
            _loaded(server, bodies, BUSY, 2)
    for done in range(effort.rounds):
        for name, server in running.items():
            found[name].append(_round(server, bodies, effort))
        report((done + 1) / effort.rounds)
    return [Measured.of(name, rounds) for name, rounds in found.items()]


def _require_agreement(running: Mapping[str, Server], bodies: Sequence[bytes]) -> None:
    expected = list(_probabilities(running[PRODUCT], bodies))
    for name, server in running.items():
        if name == CONSTANT:
            continue
        pairs = zip(_probabilities(server, bodies), expected, strict=True)
        # What is no number is near to none.
        if not all(abs(a - b) <= _MOST_APART for a, b in pairs):
            raise PeersDisagree(f"{name} differs from {PRODUCT} by more than {_MOST_APART:g}")


def _round(server: Server, bodies: Sequence[bytes], effort: Effort) -> Round:
    busy, cpu_us = loaded((server,), bodies, effort.seconds)
    others = max(1, effort.seconds // 2)
    loads = (
        busy if connections == BUSY else _loaded(server, bodies, connections, others)
        for connections in effort.connections
    )
    return Round(tuple(loads), cpu_us)


def _loaded(server: Server, bodies: Sequence[bytes], connections: int, seconds: int) -> Load:
    load = load_of(server, bodies, connections, seconds)
    server.wait_until_idle()
    return load


def _probabilities(server: Server, bodies: Sequence[bytes]) -> Iterator[float]:
    with httpx.Client(base_url=server.url, headers={"content-type": "application/json"}) as client:
        for body in bodies:
            answer = client.post("/predict", content=body)
            if answer.status_code != 200:
                raise PeersDisagree(f"{server.url} answers {answer.status_code}: {answer.text[:300]}")
            yield float(answer.json()["probability_default"])
