"""Every engine on one model: how fast, how equal, how large."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conversion.engines import Engine
from conversion.text_model import TextModel
from conversion.trial_rows import Sizes, TrialRows
from conversion.values import all_values
from features.schema import FeatureSchema
from profiling.latency.engines import NATIVE, kinds, prepare
from profiling.latency.opening import Opening, openings_of
from profiling.latency.rounds import Effort, Timed, time_engines
from profiling.machine import Machine
from profiling.origin import Origin
from runners.scorer import Rows

SEED = 0
BATCHES = (1, 32, 256, 10_000)
ROWS = 20_000
"""Rows to rotate through: one row repeated stays in the branch predictor and flatters every engine."""
_COMPARED = 2_000
_EDGES = Sizes(least=2_000, plausible=0, sprinkled=500, all_edges=500)


@dataclass(frozen=True, slots=True)
class Parity:
    """How far an engine's answers are from LightGBM's own."""

    engine: str
    plausible: float
    """Largest |Δp| on rows as they come."""
    on_thresholds: float
    """Largest |Δp| on rows that sit on a threshold of the model or beside it, where rounding shows."""
    flips: int
    """Of all those rows, so many change sides at the threshold of decisions."""

    @property
    def largest(self) -> float:
        """Largest |Δp| on any of those rows."""
        return max(self.plausible, self.on_thresholds)


@dataclass(frozen=True)
class ModelLatency:
    """All that was measured on one model."""

    name: str
    trees: int
    features: int
    rows_on_thresholds: int
    timed: Sequence[Timed]
    parity: Sequence[Parity]
    openings: Sequence[Opening]
    missing: Mapping[str, str]
    """Why an engine was not measured, by its name."""

    def of(self, engine: str, batch: int, threads: int = 1) -> Timed:
        (found,) = [
            one for one in self.timed if (one.engine, one.batch, one.threads) == (engine, batch, threads)
        ]
        return found


@dataclass(frozen=True)
class LatencyBench:
    """One run of the suite."""

    machine: Machine
    origin: Origin
    seed: int
    effort: Effort
    models: Sequence[ModelLatency]
    """The served one first."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model to measure."""

    name: str
    text: Path
    schema: FeatureSchema | None
    threshold: float


def measure_model(
    subject: Subject,
    batches: Sequence[int],
    threads: Sequence[int],
    effort: Effort,
    report: Callable[[float], None],
) -> ModelLatency:
    """Every engine on *subject*, at each batch size and number of threads."""
    model = TextModel.read(subject.text)
    values = all_values(model, subject.schema)
    rng = np.random.default_rng(SEED)
    rows = np.stack([feature.plausible(rng, max(ROWS, 2 * max(batches))) for feature in values], axis=1)
    edges = np.concatenate(list(TrialRows.of(model, values, SEED, _EDGES).blocks()))
    with tempfile.TemporaryDirectory(prefix="octroi-engines-") as scratch:
        folder = Path(scratch)
        missing = prepare(subject.text, folder)
        there = kinds(missing)
        openings = openings_of([kind.name for kind in there], folder)
        timed: list[Timed] = []
        for some in threads:
            engines = {kind.name: kind.open(folder / kind.file, some) for kind in there}
            for batch in batches:
                taking = {kind.name: engines[kind.name] for kind in there if kind.takes(batch)}
                timed += time_engines(taking, rows, batch, some, effort)
                report(len(timed) / (len(threads) * sum(k.takes(b) for k in there for b in batches)))
        alone = {kind.name: kind.open(folder / kind.file, 1) for kind in there}
        parity = _parity(alone, rows[:_COMPARED], edges, subject.threshold)
    trees = subject.text.read_text(encoding="utf-8").count("\nTree=")
    return ModelLatency(subject.name, trees, model.width, len(edges), timed, parity, openings, missing)


def _parity(engines: Mapping[str, Engine], rows: Rows, edges: Rows, threshold: float) -> list[Parity]:
    native = engines[NATIVE](rows), engines[NATIVE](edges)
    found = []
    for name, engine in engines.items():
        answers = engine(rows), engine(edges)
        apart = [np.abs(one - other).max() for one, other in zip(answers, native, strict=True)]
        sides = [
            (one >= threshold) != (other >= threshold) for one, other in zip(answers, native, strict=True)
        ]
        found.append(Parity(name, float(apart[0]), float(apart[1]), int(sum(map(np.sum, sides)))))
    return found
