"""What Prometheus can ask of the service. Labels take few values, none of them a client's."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.responses import Response

from monitoring.reporting.gauges import DriftGauges

REQUESTS = Counter("octroi_requests", "Requests answered.", ["route", "status"])
SECONDS = Histogram(
    "octroi_request_seconds",
    "Time from the head of a request to the end of its answer.",
    ["route"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
)
BATCH = Histogram(
    "octroi_batch_size",
    "Applications that /predict scored together.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000),
)
WAITED = Histogram(
    "octroi_batch_wait_seconds",
    "How long the first application of a batch had waited for it.",
    buckets=(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0),
)
DECISIONS = Counter("octroi_decisions", "Decisions recorded and answered.", ["decision"])
PROBABILITIES = Histogram(
    "octroi_probability_default",
    "Probability of default of each decision recorded and answered.",
    buckets=(0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0),
)


def observe_request(route: str, seconds: float) -> None:
    """Take one request into the histogram of its route."""
    _seconds(route).observe(seconds)


def observe_probability(probability_default: float) -> None:
    """Take the probability of one decision that was answered into the histogram."""
    PROBABILITIES.observe(probability_default)


def count(answers: Mapping[tuple[str, int], int], decisions: Mapping[str, int]) -> None:
    """Count answers by route and status, and decisions by what was decided."""
    for (route, status), many in answers.items():
        REQUESTS.labels(route, str(status)).inc(many)
    for decision, many in decisions.items():
        DECISIONS.labels(decision).inc(many)


def observe_batch(size: int, waited_s: float) -> None:
    """Take one batch of `/predict` into the histograms."""
    BATCH.observe(size)
    WAITED.observe(waited_s)


def metrics(pending_bytes: int, reports: Path) -> Response:
    """The counts of all workers together, what waits in the journals, the last drift in *reports*."""
    host = CollectorRegistry()
    host.register(_Backlog(pending_bytes))
    host.register(DriftGauges(reports))
    return Response(generate_latest(_registry()) + generate_latest(host), media_type=CONTENT_TYPE_LATEST)


@cache  # finding a metric by its labels takes longer than counting
def _seconds(route: str) -> Histogram:
    return SECONDS.labels(route)


class _Backlog(Collector):
    """One number of the host, which no worker counts."""

    def __init__(self, pending_bytes: int) -> None:
        self._pending_bytes = pending_bytes

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily(
            "octroi_journal_pending_bytes",
            "Journal of this host that is not in the database yet; it grows while the database is away.",
            self._pending_bytes,
        )


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:
        # One process alone, without the folder that BentoML's workers share.
        return REGISTRY
    return registry
