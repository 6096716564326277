"""How fast a model answers: LightGBM, the v5 ensemble that is served, and the v3 one that is not."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conversion.capture import capture
from conversion.convert import onnx_model
from conversion.engines import Engine, native_engine, onnx_engine
from conversion.forest import corrected
from conversion.older import build_v3
from conversion.plain_text import plain_text
from conversion.source import SourceBundle
from conversion.text_model import TextModel
from conversion.values import all_values
from runners.scorer import Rows

BATCHES = (1, 32, 256)
ROWS = 8_192
"""Rows to rotate through: one row repeated stays in the branch predictor and flatters every engine."""
ROUNDS = 7
SECONDS_A_ROUND = 0.15


@dataclass(frozen=True, slots=True)
class Speed:
    """CPU time per row of one engine at one batch size, on one thread."""

    engine: str
    batch: int
    microseconds_a_row: float
    times_native: float
    """How many times faster than `Booster.predict` on numpy rows."""
    max_difference: float
    """From LightGBM's raw score or answer, over the rows timed."""


def measure(path: Path, report: Callable[[float], None]) -> Iterator[Speed]:
    """Every engine at every batch size; the best of several interleaved rounds."""
    source = SourceBundle.open(path)
    rows = _rows(source)
    engines = _engines(source.model)
    differences = {name: _difference(engines, name, rows[:1_000]) for name in engines}
    for step, batch in enumerate(BATCHES):
        times = dict.fromkeys(engines, np.inf)
        for turn in range(ROUNDS):
            for name, engine in engines.items():
                times[name] = min(times[name], _seconds_a_row(engine, rows, batch))
            report((step + (turn + 1) / ROUNDS) / len(BATCHES))
        for name, seconds in times.items():
            yield Speed(name, batch, seconds * 1e6, times["LightGBM"] / seconds, differences[name])


def _rows(source: SourceBundle) -> Rows:
    rng = np.random.default_rng(0)
    values = all_values(TextModel.read(source.model), source.schema)
    return np.stack([feature.plausible(rng, ROWS) for feature in values], axis=1)


def _engines(path: Path) -> dict[str, Engine]:
    model = TextModel.read(path)
    engines = {
        "LightGBM": native_engine(path),
        "ONNX v5 double": onnx_engine(onnx_model(path).SerializeToString()),
    }
    forest = corrected(capture(plain_text(model)), model)
    if not forest.is_category.any() and model.outputs == 1:
        engines["ONNX v3 double"] = onnx_engine(build_v3(forest, model.width).SerializeToString())
    return engines


def _difference(engines: dict[str, Engine], name: str, rows: Rows) -> float:
    """v3 answers a raw score only; its difference is taken through the logistic function."""
    answers = engines[name](rows)
    if name == "ONNX v3 double":
        answers = 1 / (1 + np.exp(-answers))
    return float(np.abs(answers - engines["LightGBM"](rows)).max())


def _seconds_a_row(engine: Callable[[Rows], Rows], rows: Rows, batch: int) -> float:
    starts = range(0, len(rows) - batch + 1, batch)
    done, begun = 0, time.process_time()
    while time.process_time() - begun < SECONDS_A_ROUND:
        start = starts[done % len(starts)]
        engine(rows[start : start + batch])
        done += 1
    return (time.process_time() - begun) / (done * batch)
