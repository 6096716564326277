"""Comparing a converted model with LightGBM, row by row, and stating the result."""

import importlib.metadata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conversion.engines import Engine, in_batches, native_engine, onnx_engine
from conversion.objective import Objective
from conversion.source import SourceBundle
from conversion.text_model import TextModel
from conversion.trial_rows import TrialRows
from conversion.values import all_values
from runners.certificate import Certificate, sha256
from runners.scorer import Rows

SEED = 20_261_101
BATCH = 1_000
SMALL_BATCHES = (1, 7, 64)
LEAST = 1e-300
"""Below this a value's difference counts as if the value were this: subnormals may round to 0."""
PACKAGES = ("lightgbm", "onnx", "onnxmltools", "onnxruntime", "numpy")


@dataclass
class Comparison:
    """What two engines' answers differ by, over all blocks of rows seen so far."""

    threshold: float
    relative: bool
    """Whether a difference counts relative to the native answer (values) or as it is (probabilities)."""
    rows: int = 0
    max_difference: float = -1.0
    flips: int = 0
    unsteady: int = 0
    """Rows whose answer has other bits in a small batch than in a large one."""
    worst_row: tuple[float, ...] = ()

    def add(self, rows: Rows, native: Rows, onnx: Rows) -> None:
        """Compare the answers of one block. A NaN or an infinity equals only itself."""
        differences = self._differences(native, onnx).max(axis=1)
        worst = int(np.argmax(differences))
        if differences[worst] > self.max_difference:
            self.max_difference = float(differences[worst])
            self.worst_row = tuple(rows[worst].tolist())
        self.flips += int(((native >= self.threshold) != (onnx >= self.threshold)).any(axis=1).sum())

    def _differences(self, native: Rows, onnx: Rows) -> Rows:
        with np.errstate(invalid="ignore", over="ignore"):
            gap = np.abs(onnx - native)
            gap = gap / np.maximum(np.abs(native), LEAST) if self.relative else gap
        same = (onnx == native) | (np.isnan(onnx) & np.isnan(native))
        return np.where(same, 0.0, np.where(np.isnan(gap), np.inf, gap))


def compare(
    trials: TrialRows, native: Engine, onnx: Engine, into: Comparison, report: Callable[[float], None]
) -> None:
    """Score all *trials* with both engines, some of them also in small batches."""
    rng = np.random.default_rng([trials.seed, 2])
    with ThreadPoolExecutor(max_workers=1) as beside:
        for rows in trials.blocks():
            waiting = beside.submit(native, rows)
            share = -(-trials.sizes.in_small_batches * len(rows) // trials.count)
            some = rng.permutation(len(rows))[:share]
            served = in_batches(onnx, rows, BATCH)
            small = [in_batches(onnx, rows[some], size) for size in SMALL_BATCHES]
            answers = waiting.result()
            into.rows += len(rows)
            into.add(rows, answers, served)
            for again in small:
                into.add(rows[some], answers[some], again)
                into.unsteady += int((again != served[some]).any(axis=1).sum())
            report(into.rows / trials.count)


def certify(source: SourceBundle, onnx: Path, seed: int, report: Callable[[float], None]) -> Certificate:
    """What is proved of *onnx*, the conversion of *source*; the caller asks whether it holds."""
    model = TextModel.read(source.model)
    objective = Objective.of(model)
    trials = TrialRows.of(model, all_values(model, source.schema), seed)
    comparison = Comparison(source.threshold, relative=not objective.gives_probability)
    native = native_engine(source.model, len(model.trees))
    compare(trials, native, onnx_engine(onnx.read_bytes()), comparison, report)
    return Certificate(
        rows=comparison.rows,
        max_difference=comparison.max_difference,
        flips=comparison.flips if objective.gives_probability else 0,
        threshold=source.threshold,
        batch_sizes=(BATCH, *SMALL_BATCHES),
        seed=seed,
        model_sha256=sha256(source.model),
        onnx_sha256=sha256(onnx),
        schema_sha256=source.schema_sha256,
        worst_row=tuple(_json_number(value) for value in comparison.worst_row),
        versions={name: importlib.metadata.version(name) for name in PACKAGES},
        output=objective.output,
        unsteady=comparison.unsteady,
    )


def _json_number(value: float) -> float | str:
    """JSON has no NaN and no infinity."""
    return value if np.isfinite(value) else str(value)
