"""How fast decisions reach a database, and how fast questions over millions of them are answered."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import msgspec
import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from credit.finding import Finding
from records.archivist import Archivist
from records.clients import Clients
from records.database import Database
from records.heads import KeptHead
from records.histogram import LATENCY_BUCKETS, PD_BUCKETS, Counts, to_bytes
from records.hours import DAY, HOUR_US, Hours
from records.identifier import random_name, uuid7
from records.journal import JOURNAL_FORMAT, Journal
from records.record import DecisionRecord, SegmentHeader
from records.rollups import ANSWERED
from records.stats import read_histograms, read_stats
from records.tables import client_names, clients, hourly_counts, hourly_histograms
from records.verify import verify
from records.writer import write

FIRST_DAY = 20_000
"""Since the epoch, of what is filled in."""
_FEATURES = 645
_USED = 125
_PER_REQUEST = 32
_MODEL = "octroi-credit:" + "0" * 12
_ROUTES = {"/predict": 0.9, "/predict_batch": 0.1}
_REPEATS = 5
_CLIENTS = 5_000
_READS = 2_000
_THRESHOLD_BUCKET = 9
_BANDS = (
    ("approve", "LOW", 0, 4),
    ("approve", "MEDIUM", 4, _THRESHOLD_BUCKET),
    ("refuse", "MEDIUM", _THRESHOLD_BUCKET, 13),
    ("refuse", "HIGH", 13, PD_BUCKETS),
)

Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What an archivist did with a full journal."""

    records: int
    bytes_each: float
    seconds: float

    @property
    def per_second(self) -> float:
        return self.records / self.seconds


def catch_up(database: Database, folder: Path, records: int, report: Report) -> CatchUp:
    """Fill a journal in *folder* with decisions as wide as real ones, and time moving them."""
    journal = Journal(folder, _header())
    for start in range(0, records, _PER_REQUEST):
        journal.append([[one] for one in _records(min(_PER_REQUEST, records - start), start)])
        report(0.5 * start / records)
    journal.close()
    size = sum(path.stat().st_size for path in folder.iterdir())
    archivist = Archivist(folder, database)
    started = time.perf_counter()
    moved = archivist.move()
    seconds = time.perf_counter() - started
    assert moved.records == records
    report(1.0)
    return CatchUp(records, size / records, seconds)


def walk(database: Database, report: Report) -> float:
    """Decisions that a verification of the whole chain takes in a second."""
    head = database.head()
    kept = KeptHead(**msgspec.structs.asdict(head), kept_at_us=0)
    started = time.perf_counter()
    found = verify(database, [kept], None, report)
    seconds = time.perf_counter() - started
    assert found.holds, found.problems
    return found.decisions / seconds


def find(database: Database, report: Report) -> float:
    """Microseconds that finding a client by number takes, the median of many, among some thousands."""
    draw = np.random.default_rng(1)
    names = msgspec.json.encode([f"A_FEATURE_NUMBER_{i:03d}" for i in range(_FEATURES)]).decode()
    rows = [
        (number, "names", msgspec.json.encode(draw.random(_FEATURES).tolist()), 0)
        for number in range(1, _CLIENTS + 1)
    ]
    with database.writing() as connection:
        write(connection, client_names, [("names", names)])
        write(connection, clients, rows)
    report(0.5)
    known, took = Clients(database), []
    for number in draw.integers(1, _CLIENTS + 1, _READS).tolist():
        started = time.perf_counter_ns()
        known.find(number)
        took.append((time.perf_counter_ns() - started) / 1000)
    return median(took)


def fill(database: Database, decisions: int, hours: int, report: Report, first_day: int = FIRST_DAY) -> None:
    """Write the rollups of *decisions*, spread over *hours*, as the archivist would have left them."""
    draw = np.random.default_rng(1)
    days = -(-hours // DAY)
    per_day = draw.multinomial(decisions, np.full(days, 1 / days))
    for day, answers in enumerate(per_day.tolist()):
        with database.writing() as connection:
            _fill_day(connection, draw, first_day + day, answers)
        report((day + 1) / days)


def _fill_day(connection: sa.Connection, draw: np.random.Generator, day: int, answers: int) -> None:
    """Write the rows of 24 hours, and those of their day."""
    counts: list[tuple[object, ...]] = []
    histograms: list[tuple[object, ...]] = []
    shares = np.outer(np.full(DAY, 1 / DAY), list(_ROUTES.values()))
    per_hour = draw.multinomial(answers, shares.ravel()).reshape(shares.shape)
    for column, route in enumerate(_ROUTES):
        pd = draw.multinomial(per_hour[:, column], _shape(PD_BUCKETS, 6.0, 5.0))
        latency = draw.multinomial(per_hour[:, column], _shape(LATENCY_BUCKETS, 90.0, 8.0))
        spans = [(DAY, day * DAY, pd.sum(axis=0), latency.sum(axis=0))]
        spans += [(1, day * DAY + hour, pd[hour], latency[hour]) for hour in range(DAY)]
        for span, hour, pds, latencies in spans:
            counts += _counts(span, hour, route, pds)
            histograms.append((span, hour, "", route, _MODEL, to_bytes(pds), to_bytes(latencies)))
    write(connection, hourly_counts, counts)
    write(connection, hourly_histograms, histograms)


def ask(database: Database, hours: int) -> dict[str, float]:
    """Milliseconds of each question, the median of several, over all *hours* and over parts of them."""
    first, end = FIRST_DAY * DAY, FIRST_DAY * DAY + hours
    spans = {
        "all": Hours(),
        "all but an hour at both ends": Hours(first + 1, end - 1),
        "30 days": Hours(end - 750, end - 30),
        "36 hours": Hours(end - 40, end - 4),
    }
    took: dict[str, float] = {}
    for name, span in spans.items():
        took[f"totals, volume per hour, quantiles of {name}"] = _timed(partial(read_stats, database, span))
        took[f"histograms of {name}"] = _timed(partial(read_histograms, database, span))
    return took


def _timed(question: Callable[[], object]) -> float:
    times = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        question()
        times.append((time.perf_counter() - started) * 1000)
    return median(times)


def _header() -> SegmentHeader:
    names = tuple(f"A_FEATURE_NUMBER_{i:03d}" for i in range(_FEATURES))
    return SegmentHeader(
        format=JOURNAL_FORMAT,
        model_version=_MODEL,
        model_sha256="0" * 64,
        features=names,
        width=_USED,
        words=names[:16],
    )


def _records(count: int, start: int) -> Iterator[DecisionRecord]:
    draw = np.random.default_rng(start)
    values = [*["a category's name"] * 16, *(draw.random(_USED - 16) * 1000).tolist()]
    inputs = msgspec.Raw(msgspec.json.encode(values))
    for i, probability in enumerate(draw.random(count).tolist()):
        refused = probability >= _THRESHOLD_BUCKET / 100
        yield DecisionRecord(
            decision_id=uuid7(),
            request_id=random_name(),
            decided_at_us=(FIRST_DAY - 1) * DAY * HOUR_US + (start + i) * 100,
            route="/predict",
            sk_id_curr=int(draw.integers(100_000, 500_000)),
            amt_credit=values[16],
            probability_default=probability,
            prediction=int(refused),
            decision="refuse" if refused else "approve",
            confidence=0.5,
            risk_level="HIGH" if refused else "LOW",
            threshold=_THRESHOLD_BUCKET / 100,
            model_version=_MODEL,
            model_sha256="0" * 64,
            policy_version="default-01234567",
            latency_us=int(draw.integers(500, 20_000)),
            scoring_us=400,
            warnings=(Finding("A_FEATURE_NUMBER_020", "outside-training-range", "outside"),) * (i % 5 == 0),
            inputs=inputs,
        )


def _shape(buckets: int, centre: float, width: float) -> npt.NDArray[np.float64]:
    """A share for each bucket, most of them around *centre*."""
    weights = np.exp(-(((np.arange(buckets) - centre) / width) ** 2)) + 1e-6
    return np.asarray(weights / weights.sum())


def _counts(span: int, hour: int, route: str, pd: Counts) -> Iterator[tuple[object, ...]]:
    """The rows of `hourly_counts` that agree with a histogram of probabilities, and one error."""
    middles = (np.arange(PD_BUCKETS) + 0.5) / PD_BUCKETS
    ends = (hour * HOUR_US, (hour + span) * HOUR_US - 1)
    for decision, level, low, high in _BANDS:
        answers = int(pd[low:high].sum())
        if answers:
            key = (span, hour, "", route, ANSWERED, _MODEL, decision, level)
            yield (*key, answers, float(pd[low:high] @ middles[low:high]), answers * 5_000, *ends)
    yield (span, hour, "", route, 422, "", "", "", span, 0.0, 0, *ends)
