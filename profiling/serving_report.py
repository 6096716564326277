"""The bench of the service as a page and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version

from profiling.load import Load
from profiling.machine import Machine
from profiling.overload import Overload
from profiling.parts import Parts
from profiling.peer_bench import ONNX, PLAIN, PRODUCT, ROUNDS, USUAL, Measured

_BUSY = 0.25
"""A spread between rounds that a quiet machine does not show."""
_PAGE = """\
# How fast the service is

Written by `python -m profiling peers`; do not edit.

{cores} cores of {processor}, shared by server, {client} and archivist;
load before the measurement {load:.1f}.
{bodies} bodies with {features} features each, {nulls:.0%} of them null, sent in turn; {trees} trees;
one worker each. All services run at once and are loaded in turn, in {rounds} rounds: rates are of all rounds
together, latencies the medians of the rounds. {steadiness}
Octroi does everything it does in service: strict reading, a record synced to the disk before each answer,
the archivist and its profiles beside it. The others (`profiling/peers/`) read, score and answer, and record
nothing. All of them gave every body the same probability, to 1e-12.

## Side by side

| | requests/s, {connections} clients | p50 | p99 | one client alone, p50 | processor time for each |
|---|---|---|---|---|---|
{peers}

| target | measured | |
|---|---|---|
{targets}

## Where the time of a request goes

Processor time in the worker, µs for each request, each part measured alone:

| | {columns} |
|---|{rules}|
{parts}

"HTTP and the rest" is what the worker spent for each request under load, less the parts above: the event
loop, the HTTP parser, BentoML's stack, the log line, the metrics, the archivist's supervisor.

## Two workers

{workers}

## Past the limit

Clients of our own, in one process, on the same two cores; a queue of 128 places.

| | answered/s | share of the peak | refused/s | not sent/s | p99 |
|---|---|---|---|---|---|
{overload}

A refusal is a 503 with `Retry-After`, sent before the body is read. What comes at a rate is not sent when all
{most} connections still wait for an answer.
"""


@dataclass(frozen=True)
class ServingBench:
    """All that was measured of the service, in one run."""

    machine: Machine
    bodies: int
    features: int
    nulls: float
    trees: int
    with_wrk: bool
    peers: Sequence[Measured]
    parts: Sequence[Parts]
    two_workers: Load
    two_workers_cpu_us: float
    overload: Overload

    def of(self, name: str) -> Measured:
        return next(one for one in self.peers if one.name == name)

    def targets(self) -> list[tuple[str, float, bool]]:
        """Each target, what was measured of it, and whether it holds."""
        ours, usual = self.of(PRODUCT), self.of(USUAL)
        rate = ours.busy.per_second
        return [
            _at_least(f"requests/s, times those of {USUAL}", rate / usual.busy.per_second, 12),
            _at_least(f"requests/s, times those of {PLAIN}", rate / self.of(PLAIN).busy.per_second, 5),
            _at_least(f"requests/s, times those of {ONNX}", rate / self.of(ONNX).busy.per_second, 1.3),
            _at_most(f"p99, share of that of {USUAL}", ours.busy.p99_ms / usual.busy.p99_ms, 1 / 8),
            _at_most(f"p50 alone, share of that of {USUAL}", ours.alone.p50_ms / usual.alone.p50_ms, 1 / 3),
            _at_most("processor time for each request, µs", ours.cpu_us, 200),
            _at_most(
                "the same with two workers, times that of one", self.two_workers_cpu_us / ours.cpu_us, 1.15
            ),
            _at_least("3 times the clients: share of the peak", self.overload.crowded_share, 0.8),
            _at_least("1.5 times the peak rate: share of the peak", self.overload.flooded_share, 0.7),
            _at_least("in the 2 s after it: share of the peak", self.overload.recovered_share, 0.9),
        ]


def _at_least(what: str, measured: float, limit: float) -> tuple[str, float, bool]:
    return f"{what}: at least {limit:.3g}", measured, measured >= limit


def _at_most(what: str, measured: float, limit: float) -> tuple[str, float, bool]:
    return f"{what}: at most {limit:.3g}", measured, measured <= limit


def as_markdown(bench: ServingBench) -> str:
    """The page for people."""
    return _PAGE.format(
        cores=bench.machine.cores,
        processor=bench.machine.processor,
        load=bench.machine.load,
        client="wrk" if bench.with_wrk else "clients of our own",
        bodies=bench.bodies,
        features=bench.features,
        rounds=ROUNDS,
        steadiness=_steadiness(max(one.spread for one in bench.peers)),
        nulls=bench.nulls,
        trees=bench.trees,
        connections=bench.of(PRODUCT).busy.connections,
        peers="\n".join(map(_peer, bench.peers)),
        targets="\n".join(
            f"| {what} | {measured:.3g} | {'holds' if holds else '**missed**'} |"
            for what, measured, holds in bench.targets()
        ),
        columns=" | ".join(f"{one.batch} in a batch" for one in bench.parts),
        rules="|".join("---" for _ in bench.parts),
        parts=_parts(bench),
        workers=(
            f"{bench.two_workers.per_second:,.0f} requests/s, {bench.two_workers_cpu_us:.0f} µs of processor "
            "time for each. The clients and the archivist share the cores with them."
        ),
        overload=_overload(bench.overload),
        most=bench.overload.flooded.connections,
    )


def as_json(bench: ServingBench) -> str:
    """The same numbers for programs."""
    targets = [
        {"target": what, "measured": measured, "holds": holds} for what, measured, holds in bench.targets()
    ]
    return json.dumps({**asdict(bench), "targets": targets, "versions": _versions()}, indent=1) + "\n"


def _steadiness(spread: float) -> str:
    found = f"A service's rate differed by at most {spread:.0%} between its rounds"
    if spread > _BUSY:
        return f"{found}: **the machine was busy with something else; measure again.**"
    return f"{found}."


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("bentoml", "onnxruntime", "lightgbm", "fastapi", "pandas")}


def _peer(one: Measured) -> str:
    return (
        f"| {one.name} | {one.busy.per_second:,.0f} | {one.busy.p50_ms:.1f} ms | {one.busy.p99_ms:.1f} ms "
        f"| {one.alone.p50_ms:.2f} ms | {one.cpu_us:,.0f} µs |"
    )


def _parts(bench: ServingBench) -> str:
    names = {
        "read and check (decode)": "decode_us",
        "encode": "encode_us",
        "score": "score_us",
        "record and sync (journal)": "journal_us",
        "answer": "answer_us",
    }
    rows = {name: [getattr(one, field) for one in bench.parts] for name, field in names.items()}
    busy, (last, *_) = bench.of(PRODUCT).cpu_us, bench.parts[::-1]
    lines = [
        f"| {name} | {' | '.join(f'{value:.0f}' for value in values)} |" for name, values in rows.items()
    ]
    rest = ["" for _ in bench.parts[:-1]] + [f"{max(0.0, busy - last.total_us):.0f}"]
    return "\n".join([*lines, f"| HTTP and the rest | {' | '.join(rest)} |"])


def _overload(overload: Overload) -> str:
    rows = [
        (f"{overload.peak.connections} clients: the peak", overload.peak, 1.0),
        (
            f"{overload.crowded.connections} clients, who honour Retry-After",
            overload.crowded,
            overload.crowded_share,
        ),
        ("requests at 1.5 times the peak rate", overload.flooded, overload.flooded_share),
        ("the peak's clients again, the 2 s after that", overload.recovered, overload.recovered_share),
    ]
    return "\n".join(
        f"| {what} | {load.per_second:,.0f} | {share:.0%} | {load.refused / load.seconds:,.0f} "
        f"| {load.failed / load.seconds:,.0f} | {load.p99_ms:.0f} ms |"
        for what, load, share in rows
    )
