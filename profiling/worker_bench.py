"""What a second worker costs, beside what the machine takes from any two processes that work at once."""

from collections.abc import Callable, Sequence

from profiling.cost import loaded
from profiling.measured import Measured, Round
from profiling.site import Site

ONE, TWO = "one worker", "two workers"
APART = "two services of one worker, each with half of the clients"
"""They share nothing but the machine: what they spend more than one worker, no service could save."""
ROUNDS = 5


def measure_workers(
    site: Site,
    bodies: Sequence[bytes],
    seconds: int,
    report: Callable[[float], None],
    rounds: int = ROUNDS,
) -> list[Measured]:
    """The product with `ONE`, with `TWO` and `APART`, all there at once, loaded in turn round by round."""
    with site.octroi(1) as one, site.octroi(2) as two, site.octroi(1) as another:
        running = {ONE: (one,), TWO: (two,), APART: (one, another)}
        found: dict[str, list[Round]] = {name: [] for name in running}
        for servers in running.values():
            loaded(servers, bodies, 2)  # warm first: buffers grow, lazy parts load
        for done in range(rounds):
            for name, servers in running.items():
                load, cpu_us = loaded(servers, bodies, seconds)
                found[name].append(Round((load,), cpu_us))
            report((done + 1) / rounds)
    return [Measured.of(name, its) for name, its in found.items()]
