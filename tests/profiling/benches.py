"""Measurements that nobody took, for pages that tell them."""

from dataclasses import replace

import numpy as np

from profiling.latency.bench import LatencyBench, ModelLatency, Parity
from profiling.latency.engines import FLOAT32, NATIVE, SCIKIT_LEARN, V3, V5
from profiling.latency.opening import Opening
from profiling.latency.rounds import QUANTILES, Effort, Timed
from profiling.load import Load
from profiling.machine import this_machine
from profiling.measured import Measured
from profiling.origin import this_origin
from profiling.overload import Overload
from profiling.parts import Parts
from profiling.request.bench import RequestBench
from profiling.request.called import Called
from profiling.request.sampled import Samples, Spent
from profiling.request.stages import DECODE
from profiling.serving import ServingBench
from profiling.site import CONSTANT, ONNX, PLAIN, PRODUCT, USUAL
from profiling.variant_bench import AS_IT_IS, WITHOUT_JOURNAL
from profiling.worker_bench import APART, ONE, TWO

LOAD = Load(connections=32, seconds=5.0, answered=50_000, refused=0, failed=0, p50_ms=3.0, p99_ms=5.0)
SLOW = replace(LOAD, answered=1_000, p50_ms=30.0, p99_ms=90.0)
FASTER = replace(LOAD, answered=60_000, p99_ms=4.0)


def measured(name: str, load: Load, cpu_us: float, spread: float) -> Measured:
    return Measured(name, (replace(load, connections=1), load), cpu_us, spread)


def serving_bench(spread=0.05, **changes):
    peers = [measured(PRODUCT, LOAD, 120.0, 0.04)]
    peers += [measured(name, SLOW, 900.0, spread) for name in (USUAL, ONNX, PLAIN)]
    peers.append(measured(CONSTANT, replace(LOAD, answered=200_000), 30.0, 0.04))
    values = {
        "machine": this_machine(),
        "origin": this_origin(),
        "seed": 11,
        "variants": [measured(AS_IT_IS, LOAD, 120.0, 0.04), measured(WITHOUT_JOURNAL, FASTER, 90.0, 0.04)],
        "bodies": 16,
        "features": 125,
        "nulls": 0.12,
        "trees": 300,
        "with_wrk": True,
        "peers": peers,
        "parts": [Parts(1, 30.0, 20.0, 20.0, 40.0, 5.0), Parts(16, 30.0, 10.0, 10.0, 20.0, 5.0)],
        "workers": [
            measured(ONE, LOAD, 120.0, 0.04),
            measured(TWO, LOAD, 130.0, 0.04),
            measured(APART, LOAD, 126.0, 0.04),
        ],
        "overload": Overload(LOAD, LOAD, LOAD, LOAD),
    }
    return ServingBench(**{**values, **changes})


def timed(engine: str, batch: int, times: float, spread: float = 0.05) -> Timed:
    quantiles = tuple(np.linspace(10, 30, len(QUANTILES)).tolist())
    return Timed(engine, batch, 1, 20.0, quantiles, 50_000.0, 20.0 / times, times, spread)


def latency_bench(
    v5: float = 1.8, pandas: float = 0.05, flips: int = 0, spread: float = 0.05
) -> LatencyBench:
    some = [timed(name, batch, 1.0, spread) for name in (NATIVE, FLOAT32) for batch in (1, 32, 256)]
    some += [timed(V5, batch, v5, spread) for batch in (1, 32, 256)] + [timed(SCIKIT_LEARN, 1, pandas)]
    names = (NATIVE, FLOAT32, V5, SCIKIT_LEARN)
    parity = [replace(Parity(NATIVE, 0.0, 0.0, flips), engine=name) for name in names]
    openings = [Opening(name, 0.01, 5_000_000, 200_000) for name in names]
    model = ModelLatency(
        "The served model", 153, 125, 2_000, some, parity, openings, {V3: "it has categories"}
    )
    return LatencyBench(this_machine(), this_origin(), 0, Effort(7, 0.1), [model])


SOME = replace(LOAD, answered=20_000)
REQUEST = RequestBench(
    machine=this_machine(),
    origin=this_origin(),
    seed=12,
    parts=Parts(16, 25.0, 10.0, 5.0, 30.0, 5.0),
    product=Measured(PRODUCT, (SOME,), 150.0, 0.05),
    constant=Measured(CONSTANT, (SOME,), 25.0, 0.05),
    profiled=replace(SOME, answered=5_000),
    called=[Called("decode (api/reader.py:9)", 1.0, 30.0, 40.0)],
    samples=Samples(400, (Spent(DECODE, 0.25),), (Spent("decode (api/reader.py)", 0.2),)),
)
