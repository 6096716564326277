"""What was slow, what was done about it, what that gave, and what is left: told from the measurements."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from credit.errors import OctroiError
from profiling.latency.bench import LatencyBench
from profiling.latency.engines import FLOAT32, NATIVE, SCIKIT_LEARN, V5
from profiling.latency.report import targets
from profiling.measured import BUSY, Measured, steadiness
from profiling.request.bench import RequestBench
from profiling.request.report import stages
from profiling.serving import ServingBench
from profiling.site import ONNX, PRODUCT, USUAL
from profiling.target import as_rows
from profiling.variant_bench import (
    ALONE_IN_A_BATCH,
    AS_IT_IS,
    COLLECTED,
    DECLARED,
    DISPATCHER,
    TWO_PIECES,
    WITH_KEY,
    WITHOUT_ARCHIVIST,
    WITHOUT_JOURNAL,
    WITHOUT_PROFILES,
)

_PAGE = """\
# How fast Octroi is, and why

Written by `python -m profiling story` from the measurements beside it; do not edit. `make bench` makes all of
them anew. Ratios hold from machine to machine, times do not: these are of {cores} cores of {processor}.

- [serving](performance/serving.md), commit {serving_commit}: the service beside three other designs, part by
  part, past its limit
- [request](performance/request.md), commit {request_commit}: one request taken apart
- [latency](performance/latency.md), commit {latency_commit}: the model by every engine that walks its trees
- [features](performance/features.md): all features at full size, beside pandas; by `make bench-full`

## Where it began

The usual design is FastAPI, a DataFrame for each request, LightGBM. With {clients} clients it answers
{usual_rate:,.0f} requests/s and spends {usual_cpu:,.0f} µs of processor on each. LightGBM needs
{native:.0f} µs of them for one row on numpy; scikit-learn's `predict_proba` of a DataFrame needs
{pandas:,.0f} µs: the first bottleneck is pandas, not the model.

## What was done, and what it gave

The first row is of the model alone; all others are the product itself with one part done as before, loaded in
turn with the product as it is: requests/s of {clients} clients, processor time for each, and latencies, of
one client alone as well. As it is, it answered {after}.

| bottleneck | instead | before | times the rate |
|---|---|---|---|
{steps}

{variants_steadiness}

![Requests a second, by service](performance/serving-rates.png)

## What it reaches

| target | measured | |
|---|---|---|
{targets}

{peers_steadiness}
{services_apart} {workers_steadiness}

![Latency against load](performance/serving-load.png)

{generator}

## What recording costs

Nobody else in this comparison records anything. Of its rate as it is served, Octroi reaches
{without_journal:.0%} without its journal, {without_archivist:.0%} without archivist, database and profiles,
{without_profiles:.0%} without profiles alone, and {with_key:.0%} when it asks for an API key.
One client alone waits for the disk: p50 {alone:.2f} ms, where {onnx} takes {onnx_alone:.2f} ms and keeps
nothing.

## What is left to the limit

A bare server that answers a constant spends {bare:.0f} µs of processor on a request, and ONNX Runtime alone
{score:.0f} µs. While one request was taken apart, in a run of its own, Octroi spent {ours:.0f} µs on it; most
of that, {most:.0f} µs, on {most_name}. {request_steadiness}

| | µs of processor for each request |
|---|---|
{stages}

![Processor time of each part of a request](performance/request-parts.png)

The converted model is {v5:.1f} times as fast as LightGBM on numpy for one row, and its probability is at most
{apart:.1g} from LightGBM's. What onnxmltools emits in float32 is {float32_times:.1f} times as fast, and
{float32:.1g} apart on rows that sit on a threshold.

![Processor time for one row, by engine and batch size](performance/latency-rows.png)
"""
_Bench = TypeVar("_Bench")


class NotMeasured(OctroiError):
    """A story of numbers that nobody took."""


@dataclass(frozen=True)
class Measurements:
    """All three benches, as they were written."""

    serving: ServingBench
    request: RequestBench
    latency: LatencyBench

    @classmethod
    def read(cls, folder: Path) -> "Measurements":
        """The benches in *folder*; `NotMeasured` names the command that is to be run first."""
        return cls(
            _read(folder / "serving.json", "peers", ServingBench),
            _read(folder / "request.json", "request", RequestBench),
            _read(folder / "latency.json", "latency", LatencyBench),
        )


def as_markdown(found: Measurements) -> str:
    """The page for people."""
    serving, served = found.serving, found.latency.models[0]
    usual = serving.of(USUAL)
    parity = {one.engine: one for one in served.parity}
    variants = {one.name: one for one in serving.variants}
    rates = {name: one.busy.per_second for name, one in variants.items()}
    parts = stages(found.request)
    most = max(parts, key=parts.__getitem__)
    return _PAGE.format(
        cores=serving.machine.cores,
        processor=serving.machine.processor,
        serving_commit=serving.origin.commit or "unknown",
        request_commit=found.request.origin.commit or "unknown",
        latency_commit=found.latency.origin.commit or "unknown",
        clients=BUSY,
        usual_rate=usual.busy.per_second,
        usual_cpu=usual.cpu_us,
        native=served.of(NATIVE, 1).cpu_us_a_row,
        pandas=served.of(SCIKIT_LEARN, 1).cpu_us_a_row,
        steps="\n".join(_steps(found)),
        targets=as_rows([*serving.targets(), *targets(found.latency)]),
        after=_told(variants[AS_IT_IS]),
        variants_steadiness=steadiness(serving.variants),
        peers_steadiness=steadiness(serving.peers),
        workers_steadiness=steadiness(serving.workers, "There, a service's"),
        services_apart=serving.apart,
        generator=serving.generator.sentence,
        without_journal=rates[WITHOUT_JOURNAL] / rates[AS_IT_IS],
        without_archivist=rates[WITHOUT_ARCHIVIST] / rates[AS_IT_IS],
        without_profiles=rates[WITHOUT_PROFILES] / rates[AS_IT_IS],
        with_key=rates[WITH_KEY] / rates[AS_IT_IS],
        alone=serving.of(PRODUCT).alone.p50_ms,
        onnx=ONNX,
        onnx_alone=serving.of(ONNX).alone.p50_ms,
        bare=found.request.http_us,
        score=found.request.parts.score_us,
        ours=found.request.product.cpu_us,
        most_name=most,
        most=parts[most],
        request_steadiness=steadiness([found.request.product], "Its"),
        stages="\n".join(f"| {name} | {us:.0f} |" for name, us in parts.items()),
        v5=served.of(V5, 1).times_native,
        apart=parity[V5].largest,
        float32_times=served.of(FLOAT32, 1).times_native,
        float32=parity[FLOAT32].on_thresholds,
    )


def _steps(found: Measurements) -> Iterator[str]:
    alone, pandas = found.serving.parts[0], found.latency.models[0].of(SCIKIT_LEARN, 1).cpu_us_a_row
    ours = alone.encode_us + alone.score_us
    yield (
        "| a DataFrame for each request | values to numpy by one encoder, ONNX Runtime "
        f"| {pandas:,.0f} µs for one row; {ours:.0f} µs now | {pandas / ours:.1f} |"
    )
    variants = {one.name: one for one in found.serving.variants}
    after = variants[AS_IT_IS]
    for bottleneck, instead, name in (
        ("BentoML's parsing, validation and dispatch", "a middleware decides ahead of them", DECLARED),
        (
            "BentoML's dispatcher, which waits and polls",
            "what came while a batch ran is the next",
            DISPATCHER,
        ),
        ("a score and a sync to the disk for each", "one of both for a batch", ALONE_IN_A_BATCH),
        ("a garbage collector that looks through all that was loaded", "it is told not to", COLLECTED),
        ("two calls of the system for each answer, one for its head", "one for both", TWO_PIECES),
    ):
        yield f"| {bottleneck} | {instead} | {_told(variants[name])} | {_gain(variants[name], after)} |"


def _gain(before: Measured, after: Measured) -> str:
    """Times the rate, and whether the rounds of either were further apart than that."""
    times = after.busy.per_second / before.busy.per_second
    is_clear = abs(times - 1) > max(before.spread, after.spread)
    return f"{times:.2f}" + ("" if is_clear else ", within the spread of the rounds")


def _told(one: Measured) -> str:
    busy, alone = one.busy, one.alone
    return (
        f"{busy.per_second:,.0f}/s, p99 {busy.p99_ms:.1f} ms, {one.cpu_us:,.0f} µs; "
        f"alone p50 {alone.p50_ms:.2f} ms, p99 {alone.p99_ms:.1f} ms"
    )


def _read(file: Path, command: str, kind: type[_Bench]) -> _Bench:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.MsgspecError) as error:
        raise NotMeasured(
            f"{file} holds no such measurement: python -m profiling {command} takes it"
        ) from error
