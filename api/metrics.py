"""What Prometheus can ask of the service. Labels take few values, none of them a client's."""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

REQUESTS = Counter("octroi_requests", "Requests answered.", ["route", "status"])
SECONDS = Histogram(
    "octroi_request_seconds",
    "Time from the head of a request to the end of its answer.",
    ["route"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
)
DECISIONS = Counter("octroi_decisions", "Decisions recorded and answered.", ["decision"])


async def metrics(_: Request) -> Response:
    """The counts of all workers together, in Prometheus' text format."""
    return Response(generate_latest(_registry()), media_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:
        # One process alone, without the folder that BentoML's workers share.
        return REGISTRY
    return registry
