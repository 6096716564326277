"""Everything that is measured of the service, in one run."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from profiling.bodies import make_bodies
from profiling.machine import this_machine
from profiling.measured import ALONE, BUSY
from profiling.origin import this_origin
from profiling.overload import measure_overload
from profiling.parts import parts_of
from profiling.peer_bench import Effort, compare
from profiling.serving import ServingBench
from profiling.site import Site
from profiling.variant_bench import measure_variants
from profiling.worker_bench import measure_workers
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
    machine, origin = this_machine(), this_origin()
    bundle = open_bundle(names, remotes)
    made = make_bodies(bundle.schema, bodies, _SEED, lambda done: report(0.1 * done))
    few = max(1, seconds // 2)
    with tempfile.TemporaryDirectory(
        prefix="octroi-peers-",
        dir=Path.cwd(),
        ignore_cleanup_errors=True,  # an archivist may still write
    ) as scratch:
        site = Site(bundle.folder, Path(scratch), read_settings().child_environment())
        return ServingBench(
            machine=machine,
            origin=origin,
            seed=_SEED,
            bodies=len(made.texts),
            features=made.features,
            nulls=made.nulls,
            trees=(bundle.folder / MODEL_FILE).read_text(encoding="utf-8").count("\nTree="),
            with_wrk=is_installed(),
            parts=parts_of(bundle.folder, made.texts, _BATCHES, Path(scratch)),
            peers=compare(site, made, Effort(seconds), lambda done: report(0.1 + 0.4 * done)),
            variants=measure_variants(
                site,
                made,
                Effort(few, connections=(ALONE, BUSY)),
                lambda done: report(0.5 + 0.25 * done),
            ),
            workers=measure_workers(site, made.texts, few, lambda done: report(0.75 + 0.1 * done)),
            overload=measure_overload(site, made, seconds, lambda done: report(0.85 + 0.15 * done)),
        )
