"""One request taken apart: by its parts, by a profiler inside the worker, by looks from outside."""

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from profiling.bodies import Bodies, make_bodies
from profiling.clients import load_of
from profiling.load import Load
from profiling.machine import Machine, this_machine
from profiling.measured import BUSY, Measured
from profiling.origin import Origin, this_origin
from profiling.parts import Parts, parts_of
from profiling.peer_bench import Effort, measure_running
from profiling.request.called import PROFILE_FILE, Called, called_in
from profiling.request.sampled import Samples, sample
from profiling.site import CONSTANT, PRODUCT, Site
from runners.bundle import Bundle

SEED = 12
_PROFILED = "profiling.variants.profiled:CreditScoring"


@dataclass(frozen=True)
class RequestBench:
    """Where the time of one request goes."""

    machine: Machine
    origin: Origin
    seed: int
    parts: Parts
    """Each alone, as many requests in a batch as there were under load."""
    product: Measured
    constant: Measured
    profiled: Load
    """Under the profiler, which slows it down."""
    called: Sequence[Called]
    samples: Samples

    @property
    def http_us(self) -> float:
        """What a server that does nothing spends on a request."""
        return self.constant.cpu_us

    @property
    def rest_us(self) -> float:
        """What is spent beside the parts and HTTP: framework, threads, log, metrics, supervisor.

        Less than none, where the parts cost more alone than they do together.
        """
        return self.product.cpu_us - self.parts.total_us - self.http_us


def measure_request(
    bundle: Bundle,
    environment: dict[str, str],
    seconds: int,
    count: int,
    report: Callable[[float], None],
) -> RequestBench:
    """Take requests of *bundle* apart, each measurement so many *seconds* long."""
    machine, origin = this_machine(), this_origin()
    bodies = make_bodies(bundle.schema, count, SEED, lambda done: report(0.3 * done))
    with tempfile.TemporaryDirectory(
        prefix="octroi-request-",
        dir=Path.cwd(),
        ignore_cleanup_errors=True,  # the archivist may still write
    ) as scratch:
        site = Site(bundle.folder, Path(scratch), environment)
        with site.octroi() as product, site.peer(CONSTANT) as constant:
            running = {PRODUCT: product, CONSTANT: constant}
            effort = Effort(seconds, connections=(BUSY,))
            ours, bare = measure_running(running, bodies.texts, effort, lambda done: report(0.3 + 0.4 * done))
            with ThreadPoolExecutor(1) as beside:
                # It begins and ends later than the load does, by what starting a process takes.
                loading = beside.submit(load_of, product, bodies.texts, BUSY, seconds + 2)
                samples = sample(product.workers[0], seconds)
                loading.result()
        report(0.8)
        profiled, called = _profiled(site, bodies, seconds)
        report(0.9)
        (parts,) = parts_of(bundle.folder, bodies.texts, [_BATCH], Path(scratch))
    return RequestBench(machine, origin, SEED, parts, ours, bare, profiled, called, samples)


_BATCH = 16
"""About as many requests of 32 clients share a batch."""


def _profiled(site: Site, bodies: Bodies, seconds: int) -> tuple[Load, list[Called]]:
    data = site.data / "profiled"
    data.mkdir()
    with site.octroi(service=_PROFILED, more={"OCTROI_DATA": str(data)}) as server:
        load = load_of(server, bodies.texts, BUSY, seconds)
    return load, called_in(data / PROFILE_FILE, load.answered + load.refused)
