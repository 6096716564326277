"""The latency suite as a page, as JSON and as pictures."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from matplotlib.figure import Figure

from profiling.figures import Bar, Box, bars, boxes
from profiling.latency.bench import LatencyBench, ModelLatency
from profiling.latency.engines import NATIVE, SCIKIT_LEARN, V5
from profiling.latency.rounds import Timed
from profiling.steadiness import warned
from profiling.target import Target, as_rows

_BOX = (0.05, 0.25, 0.5, 0.75, 0.99)
_TIMES_NATIVE, _TIMES_PANDAS, _APART = 1.5, 15, 1e-12
_PAGE = """\
# How fast the model answers, by every engine that can walk its trees

Written by `python -m profiling latency`; do not edit.

{machine} {origin} Rows by seed {seed}.
Every engine answers the same rows, which change with every call; engines take turns, {rounds} rounds of
{seconds:g} s each at least, and what stands here are medians of the rounds. "Times LightGBM" is processor
time against `Booster.predict` on numpy in the same round: ratios hold where times do not. {steadiness}

| target | measured | |
|---|---|---|
{targets}

![Processor time for one row, by engine and batch size](latency-rows.png)

![Latency of one row, by engine](latency-one-row.png)

{models}
"""
_MODEL = """\
## {name}: {trees:,} trees, {features} features

| engine | threads | rows a call | mean | p50 | p95 | p99 | rows/s | µs a row | times LightGBM | apart |
|---|---|---|---|---|---|---|---|---|---|---|
{timed}

"µs a row" are of processor time. "Apart" is the largest difference from LightGBM's own probability on any row
of the table below. Quantiles are of the calls in one round, into which few calls of 10,000 rows fit.
LightGBM's call for single rows takes one; scikit-learn is measured up to {most_scikit_learn} rows.

| engine | opens in | memory | file | largest difference | on thresholds | decisions flipped |
|---|---|---|---|---|---|---|
{engines}

The difference is from LightGBM's own probability, on rows as they come. "On thresholds": {edges:,} rows that
sit on a threshold of the model, or one double beside it, where rounding shows. Memory is what the process
grew by. {missing}
"""


def as_markdown(bench: LatencyBench) -> str:
    """The page for people."""
    return _PAGE.format(
        machine=bench.machine.sentence,
        origin=bench.origin.sentence,
        seed=bench.seed,
        rounds=bench.effort.rounds,
        seconds=bench.effort.seconds,
        steadiness=_steadiness(bench),
        targets=as_rows(targets(bench)),
        models="\n".join(map(_model, bench.models)).rstrip(),
    )


def as_json(bench: LatencyBench) -> str:
    """The same numbers for programs."""
    return json.dumps({**asdict(bench), "targets": [*map(asdict, targets(bench))]}, indent=1) + "\n"


def targets(bench: LatencyBench) -> list[Target]:
    """What the converted model must reach against LightGBM on the served model."""
    served = bench.models[0]
    found = [
        Target.at_least(
            f"{V5}, times LightGBM at {_rows(batch)} a call", served.of(V5, batch).times_native, _TIMES_NATIVE
        )
        for batch in sorted({one.batch for one in served.timed if one.batch <= 256})
    ]
    times = served.of(SCIKIT_LEARN, 1).cpu_us_a_row / served.of(V5, 1).cpu_us_a_row
    pandas = f"{V5}, times scikit-learn's predict_proba(DataFrame) for one row"
    (parity,) = [one for one in served.parity if one.engine == V5]
    return [
        *found,
        Target.at_least(pandas, times, _TIMES_PANDAS),
        Target.at_most(f"{V5}, largest difference from LightGBM", parity.largest, _APART),
        Target.at_most(f"{V5}, decisions flipped", parity.flips, 0),
    ]


def figures(bench: LatencyBench) -> dict[str, Figure]:
    """Bars of processor time a row, boxes of the latency of one row; of the served model."""
    served = bench.models[0]
    alone = [one for one in served.timed if one.threads == 1]
    names = list(dict.fromkeys(one.engine for one in alone if one.engine != SCIKIT_LEARN))
    groups = {
        f"{_rows(batch)} a call": [
            Bar(one.engine, one.cpu_us_a_row, one.spread)
            for one in alone
            if one.batch == batch and one.engine in names
        ]
        for batch in dict.fromkeys(one.batch for one in alone)
    }
    one_row = [Box(one.engine, tuple(map(one.quantile_us, _BOX))) for one in alone if one.batch == 1]
    return {
        "latency-rows": bars(_filled(groups, names), "µs of processor a row"),
        "latency-one-row": boxes(one_row, "µs, p5 to p99", "One row in a call"),
    }


def _filled(groups: Mapping[str, list[Bar]], names: list[str]) -> dict[str, list[Bar]]:
    """Every group with a bar for each name, so that the panels can share their labels."""
    return {
        title: [next((bar for bar in group if bar.name == name), Bar(name, 0.0, 0.0)) for name in names]
        for title, group in groups.items()
    }


def _steadiness(bench: LatencyBench) -> str:
    spreads = sorted(one.spread for model in bench.models for one in model.timed)
    middle = spreads[len(spreads) // 2]
    return warned(f"Half of the rates differed by less than {middle:.0%} between their rounds", middle)


def _model(model: ModelLatency) -> str:
    parities = {one.engine: one for one in model.parity}
    missing = [f"{name} was not measured: {why}." for name, why in model.missing.items()]
    return _MODEL.format(
        name=model.name,
        trees=model.trees,
        features=model.features,
        edges=model.rows_on_thresholds,
        timed="\n".join(_timed(one, parities[one.engine].largest) for one in model.timed),
        most_scikit_learn=max(one.batch for one in model.timed if one.engine == SCIKIT_LEARN),
        engines="\n".join(_engines(model)),
        missing=" ".join(missing),
    )


def _timed(one: Timed, apart: float) -> str:
    times = [_us(value) for value in (one.mean_us, *(one.quantile_us(share) for share in (0.5, 0.95, 0.99)))]
    cpu = f"{one.cpu_us_a_row:.3g}" if one.cpu_us_a_row < 1000 else f"{one.cpu_us_a_row:,.0f}"
    native = "1" if one.engine == NATIVE else f"{one.times_native:.2f}"
    return (
        f"| {one.engine} | {one.threads} | {one.batch:,} | {' | '.join(times)} | {one.rows_per_second:,.0f} "
        f"| {cpu} | {native} | {apart:.1g} |"
    )


def _rows(batch: int) -> str:
    return "1 row" if batch == 1 else f"{batch:,} rows"


def _us(value: float) -> str:
    return f"{value:,.0f} µs" if value < 10_000 else f"{value / 1e3:,.0f} ms"


def _engines(model: ModelLatency) -> Iterator[str]:
    parities = {one.engine: one for one in model.parity}
    for one in model.openings:
        parity = parities[one.engine]
        yield (
            f"| {one.engine} | {one.seconds * 1e3:.0f} ms | {one.memory_bytes / 1e6:.1f} MB "
            f"| {one.file_bytes / 1e3:,.0f} kB | {parity.plausible:.1g} | {parity.on_thresholds:.1g} "
            f"| {parity.flips} |"
        )
