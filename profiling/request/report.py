"""One request taken apart, as a page, as JSON and as a picture."""

import json
from dataclasses import asdict

from matplotlib.figure import Figure

from profiling.figures import Bar, bars
from profiling.measured import BUSY, steadiness
from profiling.request.bench import RequestBench
from profiling.request.sampled import Spent
from profiling.request.stages import DECODE, ENCODE, JOURNAL, SCORE

_PAGE = """\
# Where one request spends its time

Written by `python -m profiling request`; do not edit.

{machine} {origin} Bodies by seed {seed}.
One worker, {clients} clients, {rate:,.0f} requests/s, {cpu:.0f} µs of the worker's processor time for each.
{steadiness}

## From socket to socket

Each part is measured alone, in a process of its own, {batch} requests in a batch; HTTP is what a bare ASGI
server spends that answers a constant; the rest is what the worker spent, less all of these.

| | µs of processor for each request | of all |
|---|---|---|
{stages}

![Processor time of each part of a request](request-parts.png)

## Looked at from outside

py-spy looked into the worker while it was loaded. One thread at a time holds the interpreter, and that
is what limits a worker: {looks:,} looks found one of its threads doing so. ONNX Runtime and
the disk work without it.

| part | of the interpreter's time |
|---|---|
{sampled}

The ten functions that were found at work most often:

| function | of the interpreter's time |
|---|---|
{functions}

## Counted from inside

cProfile in the worker, all work in one thread, {profiled:,.0f} requests/s under it. The ten functions with
the most time of their own; the profiler makes many small calls look dearer than they are.

| function | calls for each request | µs of its own | µs with what it calls |
|---|---|---|---|
{called}
"""


def stages(bench: RequestBench) -> dict[str, float]:
    """Microseconds of processor time for each request, by part."""
    parts = bench.parts
    return {
        DECODE: parts.decode_us,
        ENCODE: parts.encode_us,
        SCORE: parts.score_us,
        JOURNAL: parts.journal_us,
        "answer": parts.answer_us,
        "HTTP, as a bare server": bench.http_us,
        "framework, threads, log, metrics": bench.rest_us,
    }


def as_markdown(bench: RequestBench) -> str:
    """The page for people."""
    found = stages(bench)
    total = sum(found.values())
    return _PAGE.format(
        machine=bench.machine.sentence,
        origin=bench.origin.sentence,
        seed=bench.seed,
        clients=BUSY,
        rate=bench.product.busy.per_second,
        cpu=bench.product.cpu_us,
        steadiness=steadiness([bench.product], "Its"),
        batch=bench.parts.batch,
        stages="\n".join(f"| {name} | {us:.0f} | {us / total:.0%} |" for name, us in found.items()),
        looks=bench.samples.looks,
        sampled="\n".join(map(_spent, bench.samples.stages)),
        functions="\n".join(map(_spent, bench.samples.functions)),
        profiled=bench.profiled.per_second,
        called="\n".join(
            f"| {one.name} | {one.calls:.2f} | {one.own_us:.1f} | {one.total_us:.1f} |"
            for one in bench.called
        ),
    )


def as_json(bench: RequestBench) -> str:
    """The same numbers for programs."""
    return json.dumps({**asdict(bench), "stages_us": stages(bench)}, indent=1) + "\n"


def figures(bench: RequestBench) -> dict[str, Figure]:
    """A bar for each part."""
    found = [Bar(name, us, 0.0) for name, us in stages(bench).items()]
    return {"request-parts": bars({"One request": found}, "µs of processor")}


def _spent(one: Spent) -> str:
    return f"| {one.name} | {one.share:.1%} |"
