"""How fast a model answers: LightGBM, alone and behind scikit-learn; the v5 ensemble that is served; v3."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd

from conversion.capture import capture
from conversion.convert import onnx_model
from conversion.engines import Engine, native_engine, onnx_engine
from conversion.forest import corrected
from conversion.objective import Link, Objective
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
LIGHTGBM, V5, V3 = "LightGBM", "ONNX v5 double", "ONNX v3 double"
SCIKIT_LEARN = "LightGBM, scikit-learn"
"""`predict_proba` of a DataFrame, which most services of this field call for each request."""


@dataclass(frozen=True, slots=True)
class Speed:
    """CPU time per row of one engine at one batch size, on one thread."""

    engine: str
    batch: int
    microseconds_a_row: float
    times_native: float
    """How many times faster than `Booster.predict` on numpy rows."""
    max_difference: float
    """From LightGBM's answer, over 1,000 of the rows."""


def measure(path: Path, report: Callable[[float], None], rounds: int = ROUNDS) -> Iterator[Speed]:
    """Every engine at every batch size (scikit-learn: one row); the best of interleaved rounds."""
    source = SourceBundle.open(path)
    rows = _rows(source)
    engines = _engines(source.model)
    native = engines[LIGHTGBM](rows[:1_000])
    differences = {name: np.abs(engine(rows[:1_000]) - native).max() for name, engine in engines.items()}
    for step, batch in enumerate(BATCHES):
        timed = {name: engine for name, engine in engines.items() if batch == 1 or name != SCIKIT_LEARN}
        times = dict.fromkeys(timed, np.inf)
        for turn in range(rounds):
            for name, engine in timed.items():
                times[name] = min(times[name], _seconds_a_row(engine, rows, batch))
            report((step + (turn + 1) / rounds) / len(BATCHES))
        for name, seconds in times.items():
            yield Speed(name, batch, seconds * 1e6, times[LIGHTGBM] / seconds, float(differences[name]))


def _rows(source: SourceBundle) -> Rows:
    rng = np.random.default_rng(0)
    values = all_values(TextModel.read(source.model), source.schema)
    return np.stack([feature.plausible(rng, ROWS) for feature in values], axis=1)


def _engines(path: Path) -> dict[str, Engine]:
    model = TextModel.read(path)
    objective = Objective.of(model)
    engines = {LIGHTGBM: native_engine(path), V5: onnx_engine(onnx_model(path).SerializeToString())}
    forest = corrected(capture(plain_text(model)), model)
    if objective.link is Link.SIGMOID:
        engines[SCIKIT_LEARN] = _scikit_learn(path, model.width, objective.slope)
        if not forest.is_category.any():
            engines[V3] = _v3(build_v3(forest, model.width).SerializeToString(), objective.slope)
    return engines


def _v3(model: bytes, slope: float) -> Engine:
    """v3 answers a raw score only."""
    raw = onnx_engine(model)
    return lambda rows: 1 / (1 + np.exp(-slope * raw(rows)))


def _scikit_learn(path: Path, width: int, slope: float) -> Engine:
    """The model as a fitted classifier: its trees, and one more with a single leaf of zero."""
    names = [f"f{feature}" for feature in range(width)]
    rows = pd.DataFrame(np.zeros((20, width)), columns=names)
    classifier = lightgbm.LGBMClassifier(n_estimators=1, sigmoid=slope, n_jobs=1, verbosity=-1)
    classifier.fit(rows, np.arange(20) % 2, init_model=str(path))
    return lambda rows: np.asarray(classifier.predict_proba(pd.DataFrame(rows, columns=names)))[:, 1:]


def _seconds_a_row(engine: Callable[[Rows], Rows], rows: Rows, batch: int) -> float:
    starts = range(0, len(rows) - batch + 1, batch)
    done, begun = 0, time.process_time()
    while time.process_time() - begun < SECONDS_A_ROUND:
        start = starts[done % len(starts)]
        engine(rows[start : start + batch])
        done += 1
    return (time.process_time() - begun) / (done * batch)
