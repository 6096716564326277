"""What Prometheus can ask about drift: the last that was measured."""

from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from monitoring.reporting.latest import read_latest


class DriftGauges(Collector):
    """Reads the folder of reports anew at each scrape; before anything was measured it says nothing."""

    def __init__(self, reports: Path) -> None:
        self._reports = reports

    def collect(self) -> Iterator[GaugeMetricFamily]:
        latest = read_latest(self._reports)
        if latest is None:
            return
        yield _gauge("measured_timestamp_seconds", "When drift was last measured.", latest.made_at_us / 1e6)
        yield _gauge("decisions", "Decisions that drift was last measured on.", latest.decisions)
        if latest.share is None:
            return
        yield _gauge("share", "Share of the model's features that drifted.", latest.share)
        psi = GaugeMetricFamily("octroi_drift_psi", "Population stability index.", labels=["feature"])
        for feature, value in latest.psi.items():
            psi.add_metric([feature], value)
        yield psi
        alerts = GaugeMetricFamily("octroi_drift_alerts", "Alerts of the last report.", labels=["kind"])
        for kind, count in latest.alerts.items():
            alerts.add_metric([kind], count)
        yield alerts


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"octroi_drift_{name}", meaning, value)
