"""python -m profiling.parts BUNDLE BODIES SECONDS BATCH...: what each part of a decision costs, as JSON."""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from api.application import Application
from api.decided import Decided, Request
from api.model import ServedModel, open_model
from api.office import journal_header
from api.reader import ApplicationReader
from api.visit import SINGLE, Visit
from credit.decision import Assessment
from features.encoder import Encoder
from profiling.parts import Parts
from records.journal import Journal
from runners.remotes import NOWHERE

_Item = TypeVar("_Item")


def measure_parts(model: ServedModel, bodies: Sequence[bytes], batch: int, least_s: float) -> Parts:
    """What each part costs a request among *batch*, over all *bodies* in turn."""
    reader, encoder = ApplicationReader(model.schema, 1), Encoder(model.schema)
    batches = _chunks([reader.read(body) for body in bodies], batch)
    values = [[one.values for one in chunk] for chunk in batches]
    rows = [encoder.encode(chunk).rows for chunk in values]
    decided = [_decided(model, chunk) for chunk in batches]
    cost = partial(_cost, least_s=least_s)
    with tempfile.TemporaryDirectory(prefix="octroi-parts-") as folder:
        journal = Journal(Path(folder), journal_header(model))
        parts = Parts(
            batch=batch,
            decode_us=cost(reader.read, bodies),
            encode_us=cost(encoder.encode, values) / batch,
            score_us=cost(model.scorer.score, rows) / batch,
            journal_us=cost(lambda some: journal.append([[one.record()] for one in some]), decided) / batch,
            answer_us=cost(lambda some: [msgspec.json.encode(one.answer()) for one in some], decided) / batch,
        )
        journal.close()
    return parts


def _decided(model: ServedModel, applications: Sequence[Application]) -> list[Decided]:
    found = []
    for application in applications:
        request = Request.new([application], Visit("a-request", None, SINGLE, SINGLE))
        assessment = Assessment(0.05, model.policy)
        found.append(Decided(model, request, application, assessment, (), request.decision_ids[0], 0))
    return found


def _cost(work: Callable[[_Item], object], items: Sequence[_Item], least_s: float) -> float:
    """Microseconds of processor time of one call, over all *items* in turn for at least *least_s*."""
    work(items[0])
    calls = 0
    until, started = time.perf_counter() + least_s, time.process_time()
    while time.perf_counter() < until:
        for item in items:
            work(item)
        calls += len(items)
    return (time.process_time() - started) / calls * 1e6


def _chunks(items: Sequence[_Item], size: int) -> list[list[_Item]]:
    return [list(items[i : i + size]) for i in range(0, len(items) - size + 1, size)]


if __name__ == "__main__":
    bundle, bodies_file, seconds, *sizes = sys.argv[1:]
    texts = [
        bytes(text) for text in msgspec.json.decode(Path(bodies_file).read_bytes(), type=list[msgspec.Raw])
    ]
    served = open_model(bundle, NOWHERE, None)
    measured = [measure_parts(served, texts, int(size), float(seconds)) for size in sizes]
    print(msgspec.json.encode(measured).decode())
