"""The whole latency suite: the served model, and with the grid made ones of every size."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from conversion.source import SourceBundle
from profiling.latency.bench import BATCHES, SEED, LatencyBench, Subject, measure_model
from profiling.latency.made_models import TREES, WIDTHS, made_models
from profiling.latency.rounds import Effort
from profiling.machine import this_machine
from profiling.origin import this_origin


def measure_latency(
    source: Path, effort: Effort, *, with_grid: bool, report: Callable[[float], None]
) -> LatencyBench:
    """Measure the model in *source*, a bundle or a LightGBM text model."""
    machine, bundle = this_machine(), SourceBundle.open(source)
    subject = Subject("The served model", bundle.model, bundle.schema, bundle.threshold)
    threads = (1, 2) if with_grid else (1,)
    share = 1 / (1 + with_grid * len(TREES) * len(WIDTHS))
    models = [measure_model(subject, BATCHES, threads, effort, lambda done: report(share * done))]
    if with_grid:
        with tempfile.TemporaryDirectory(prefix="octroi-models-") as folder:
            for made in made_models(Path(folder)):
                models.append(measure_model(made, BATCHES, threads, effort, lambda _: None))
                report(share * len(models))
    return LatencyBench(machine, this_origin(), SEED, effort, models)
