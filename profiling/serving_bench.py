"""Everything that is measured of the service, in one run."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from profiling.bodies import make_bodies
from profiling.machine import this_machine
from profiling.origin import this_origin
from profiling.overload import measure_overload
from profiling.parts import parts_of
from profiling.peer_bench import ALONE, BUSY, Effort, Site, compare, cpu_of_workers
from profiling.serving import ServingBench
from profiling.variant_bench import measure_variants
from profiling.wrk import is_installed
from runners.bundle import MODEL_FILE
from runners.remotes import Remotes
from runners.source import open_bundle
from settings import read_settings

_BATCHES = (1, 16)
_SEED = 11


def measure_serving(
    names: str, remotes: Remotes, seconds: int, bodies: int, report: Callable[[float], None]
) -> ServingBench:
    """The bench of the model that *names* mean, each run so many *seconds* long."""
    machine = this_machine()
    bundle = open_bundle(names, remotes)
    made = make_bodies(bundle.schema, bodies, _SEED, lambda done: report(0.1 * done))
    with tempfile.TemporaryDirectory(
        prefix="octroi-peers-",
        dir=Path.cwd(),
        ignore_cleanup_errors=True,  # an archivist may still write
    ) as scratch:
        origin = this_origin()
        parts = [parts_of(bundle.folder, made.texts, batch, Path(scratch)) for batch in _BATCHES]
        site = Site(bundle.folder, Path(scratch), read_settings().child_environment())
        peers = compare(site, made, Effort(seconds), lambda done: report(0.15 + 0.45 * done))
        variants = measure_variants(
            site,
            made,
            Effort(max(1, seconds // 2), connections=(ALONE, BUSY)),
            lambda done: report(0.6 + 0.15 * done),
        )
        two, two_cpu_us = cpu_of_workers(site, made, 2, seconds)
        overload = measure_overload(site, made, seconds, lambda done: report(0.75 + 0.25 * done))
    return ServingBench(
        machine=machine,
        origin=origin,
        seed=_SEED,
        bodies=len(made.texts),
        features=made.features,
        nulls=made.nulls,
        trees=(bundle.folder / MODEL_FILE).read_text(encoding="utf-8").count("\nTree="),
        with_wrk=is_installed(),
        peers=peers,
        variants=variants,
        parts=parts,
        two_workers=two,
        two_workers_cpu_us=two_cpu_us,
        overload=overload,
    )
