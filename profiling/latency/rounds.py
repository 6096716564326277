"""Engines timed side by side: in turn, round by round, on rows that change."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from conversion.engines import Engine
from profiling.latency.engines import NATIVE
from runners.scorer import Rows

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Round:
    """What one engine took in one round."""

    mean_us: float
    quantiles_us: tuple[float, ...]
    """Of the calls, at `QUANTILES`."""
    rows_per_second: float
    cpu_us_a_row: float


@dataclass(frozen=True, slots=True)
class Timed:
    """One engine at one batch size: medians of its rounds."""

    engine: str
    batch: int
    threads: int
    mean_us: float
    """Of one call, and so are the quantiles, at `QUANTILES`."""
    quantiles_us: tuple[float, ...]
    rows_per_second: float
    cpu_us_a_row: float
    times_native: float
    """Processor time of LightGBM on numpy, divided by its own, in the same round."""
    spread: float
    """Of its rates: largest less smallest round, as a share of their median."""

    def quantile_us(self, share: float) -> float:
        return self.quantiles_us[QUANTILES.index(share)]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is measured."""

    rounds: int
    seconds: float
    """Of each engine at each batch size in each round, at least."""


def time_engines(
    engines: Mapping[str, Engine], rows: Rows, batch: int, threads: int, effort: Effort
) -> list[Timed]:
    """All of *engines* at one batch size, interleaved. LightGBM on numpy must be one of them."""
    found: dict[str, list[Round]] = {name: [] for name in engines}
    for engine in engines.values():
        _round(engine, rows, batch, 0.0)
    for _ in range(effort.rounds):
        for name, engine in engines.items():
            found[name].append(_round(engine, rows, batch, effort.seconds))
    return [_timed(name, batch, threads, some, found[NATIVE]) for name, some in found.items()]


def _round(engine: Engine, rows: Rows, batch: int, seconds: float) -> Round:
    starts = range(0, len(rows) - batch + 1, batch)
    taken: list[int] = []
    cpu, begun = time.process_time(), time.perf_counter()
    while not taken or time.perf_counter() - begun < seconds:
        start = starts[len(taken) % len(starts)]
        some = rows[start : start + batch]
        called = time.perf_counter_ns()
        engine(some)
        taken.append(time.perf_counter_ns() - called)
    cpu_us = (time.process_time() - cpu) * 1e6
    microseconds = np.array(taken) / 1e3
    return Round(
        mean_us=float(microseconds.mean()),
        quantiles_us=tuple(np.quantile(microseconds, QUANTILES).tolist()),
        rows_per_second=len(taken) * batch / float(microseconds.sum() / 1e6),
        cpu_us_a_row=cpu_us / (len(taken) * batch),
    )


def _timed(name: str, batch: int, threads: int, rounds: Sequence[Round], native: Sequence[Round]) -> Timed:
    rates = [one.rows_per_second for one in rounds]
    ratios = [other.cpu_us_a_row / one.cpu_us_a_row for one, other in zip(rounds, native, strict=True)]
    return Timed(
        engine=name,
        batch=batch,
        threads=threads,
        mean_us=_median(rounds, lambda one: one.mean_us),
        quantiles_us=tuple(
            median(column) for column in zip(*(one.quantiles_us for one in rounds), strict=True)
        ),
        rows_per_second=median(rates),
        cpu_us_a_row=_median(rounds, lambda one: one.cpu_us_a_row),
        times_native=median(ratios),
        spread=(max(rates) - min(rates)) / median(rates),
    )


def _median(rounds: Sequence[Round], of: Callable[[Round], float]) -> float:
    return median(map(of, rounds))
