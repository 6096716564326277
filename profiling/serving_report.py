"""The bench of the service as a page and as JSON."""

import json
from dataclasses import asdict

from matplotlib.figure import Figure

from profiling.figures import Bar, Curve, bars, curves
from profiling.measured import BUSY, Measured, steadiness
from profiling.overload import Overload
from profiling.peer_bench import ROUNDS
from profiling.serving import ServingBench
from profiling.site import PRODUCT
from profiling.target import as_rows
from profiling.worker_bench import ROUNDS as WORKER_ROUNDS

_PAGE = """\
# How fast the service is, beside others

Written by `python -m profiling peers`; do not edit.

{machine} Server, {client} and archivist share them. {origin} Bodies by seed {seed}.
{bodies} bodies with {features} features each, {nulls:.0%} of them null, sent in turn; {trees} trees;
one worker each. All services run at once and are loaded in turn, in {rounds} rounds, each when the one before
has written down what it answered; rates and latencies are medians of the rounds. {steadiness}
{unanswered}
Octroi does everything it does in service: strict reading, a record synced to the disk before each answer,
the archivist and its profiles beside it. The others (`profiling/peers/`) read, score and answer, and record
nothing. All of them gave every body the same probability, to 1e-12.

## Side by side

| | requests/s, {busy} clients | p50 | p99 | one client alone, p50 | processor time for each |
|---|---|---|---|---|---|
{peers}

| target | measured | |
|---|---|---|
{targets}

![Requests a second, by service](serving-rates.png)

## Few clients and many

Requests/s, and p99:

| | {clients} |
|---|{client_rules}|
{connections}

![Latency against load](serving-load.png)

{generator}

## The product, part by part

The same service with one part switched off, or done another way; {variant_seconds} s a round, all at once,
loaded in turn by {busy} clients, and by one alone. What a part costs is the difference from the first line.

| | requests/s | of the first line | p99 | processor time for each | one client alone, p50 |
|---|---|---|---|---|---|
{variants}

{variants_steadiness}

## Where the time of a request goes

Processor time in the worker, µs for each request, each part measured alone:

| | {columns} |
|---|{rules}|
{parts}

"HTTP and the rest" is what the worker spent for each request under load, less the parts above: the event
loop, the HTTP parser, BentoML's stack, the log line, the metrics, the archivist's supervisor.

## Two workers

All of them run at once and are loaded in turn, in {worker_rounds} rounds; clients and archivists share the
cores with them.

| | requests/s | p99 | processor time for each |
|---|---|---|---|
{workers}

{apart}
{workers_steadiness}

## Past the limit

Clients of our own, in one process, on the same two cores; a queue of 128 places.

| | answered/s | share of the peak | refused/s | not sent/s | p99 |
|---|---|---|---|---|---|
{overload}

A refusal is a 503 with `Retry-After`, sent before the body is read. What comes at a rate is not sent when all
{most} connections still wait for an answer.
"""


def as_markdown(bench: ServingBench) -> str:
    """The page for people."""
    return _PAGE.format(
        machine=bench.machine.sentence,
        client="wrk" if bench.with_wrk else "clients of our own",
        bodies=bench.bodies,
        features=bench.features,
        rounds=ROUNDS,
        origin=bench.origin.sentence,
        seed=bench.seed,
        clients=" | ".join(f"{load.connections}" for load in bench.of(PRODUCT).loads),
        client_rules="|".join("---" for _ in bench.of(PRODUCT).loads),
        connections="\n".join(map(_by_connections, bench.peers)),
        generator=bench.generator.sentence,
        variants="\n".join(_variant(one, bench.variants[0]) for one in bench.variants),
        variants_steadiness=steadiness(bench.variants),
        variant_seconds=f"{bench.variants[0].busy.seconds:.0f}",
        busy=BUSY,
        steadiness=steadiness(bench.peers),
        unanswered=_unanswered(bench),
        nulls=bench.nulls,
        trees=bench.trees,
        peers="\n".join(map(_peer, bench.peers)),
        targets=as_rows(bench.targets()),
        columns=" | ".join(f"{one.batch} in a batch" for one in bench.parts),
        rules="|".join("---" for _ in bench.parts),
        parts=_parts(bench),
        worker_rounds=WORKER_ROUNDS,
        apart=bench.apart,
        workers="\n".join(map(_worker, bench.workers)),
        workers_steadiness=steadiness(bench.workers),
        overload=_overload(bench.overload),
        most=bench.overload.flooded.connections,
    )


def as_json(bench: ServingBench) -> str:
    """The same numbers for programs."""
    return json.dumps({**asdict(bench), "targets": [*map(asdict, bench.targets())]}, indent=1) + "\n"


def figures(bench: ServingBench) -> dict[str, Figure]:
    """Rates under load with their spread, and latency as clients are added."""
    rates = {
        "32 clients": [Bar(one.name, one.busy.per_second, one.spread) for one in bench.peers],
    }
    lines = [
        Curve(
            one.name,
            [load.per_second for load in one.loads],
            [load.p50_ms for load in one.loads],
            [load.p99_ms for load in one.loads],
            [f"{load.connections}" for load in one.loads],
        )
        for one in bench.peers
    ]
    return {
        "serving-rates": bars(rates, "requests/s"),
        "serving-load": curves(lines, "Latency against load; beside each point, how many clients"),
    }


def _unanswered(bench: ServingBench) -> str:
    """Whether any load but that past the limit met anything but a decision."""
    every = (*bench.peers, *bench.variants, *bench.workers)
    some = [one.name for one in every if any(load.refused or load.failed for load in one.loads)]
    return (
        f"**Not every request was answered with 200 by {', '.join(some)}.**"
        if some
        else ("Every request was answered with 200.")
    )


def _peer(one: Measured) -> str:
    return (
        f"| {one.name} | {one.busy.per_second:,.0f} | {one.busy.p50_ms:.1f} ms | {one.busy.p99_ms:.1f} ms "
        f"| {one.alone.p50_ms:.2f} ms | {one.cpu_us:,.0f} µs |"
    )


def _by_connections(one: Measured) -> str:
    cells = [f"{load.per_second:,.0f}, {load.p99_ms:.1f} ms" for load in one.loads]
    return f"| {one.name} | {' | '.join(cells)} |"


def _variant(one: Measured, first: Measured) -> str:
    share = one.busy.per_second / first.busy.per_second
    return (
        f"| {one.name} | {one.busy.per_second:,.0f} | {share:.0%} | {one.busy.p99_ms:.1f} ms "
        f"| {one.cpu_us:,.0f} µs | {one.alone.p50_ms:.2f} ms |"
    )


def _worker(one: Measured) -> str:
    return f"| {one.name} | {one.busy.per_second:,.0f} | {one.busy.p99_ms:.1f} ms | {one.cpu_us:,.0f} µs |"


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
    rest = ["" for _ in bench.parts[:-1]] + [f"{busy - last.total_us:.0f}"]
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
