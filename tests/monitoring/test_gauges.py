"""Prometheus is told what was measured last, and the alert rules ask for nothing that nobody tells."""

import re
from pathlib import Path

import pytest
import yaml
from lender import POLICY, SCHEMA, clients, reference, window
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from monitoring.drift.report import compare
from monitoring.drift.window import Window
from monitoring.reporting.document import About, Document
from monitoring.reporting.gauges import DriftGauges
from monitoring.reporting.latest import read_latest, write_latest
from monitoring.trial.induced import Scale

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "octroi.rules.yml"
TRAINED = reference(5000)
ABOUT = About(
    made_at_us=1_790_000_000_500_000,
    since_us=1,
    until_us=2,
    model_version="octroi-credit:0123456789ab",
    model_sha256="0123456789ab" + 52 * "0",
    policy_version="default-01234567",
    against="training",
    source="database",
)


def told(folder: Path) -> dict[tuple[str, str], float]:
    """Every number of a scrape, by name and label."""
    registry = CollectorRegistry()
    registry.register(DriftGauges(folder))
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in families
        for sample in family.samples
    }


def measured(folder: Path, rows: int) -> Document:
    columns = Scale(("AMT_CREDIT",), 1.5).of(clients(rows, 3), None)
    comparison = compare(TRAINED, Window.of_training(TRAINED), window(TRAINED, columns), POLICY)
    document = Document(ABOUT, comparison)
    write_latest(folder, document.latest)
    return document


def test_before_anything_was_measured_nothing_is_told(tmp_path):
    assert told(tmp_path) == {}
    (tmp_path / "latest.json").write_text("{")
    assert told(tmp_path) == {}


def test_the_last_measurement_is_told(tmp_path):
    document = measured(tmp_path, 1000)

    found = told(tmp_path)

    by_name = {feature.name: feature.psi for feature in document.comparison.features}
    assert found["octroi_drift_psi", "AMT_CREDIT"] == by_name["AMT_CREDIT"]
    assert found["octroi_drift_psi", "probability_default"] == document.comparison.probability.psi
    assert found["octroi_drift_share", ""] == pytest.approx(1 / len(SCHEMA.used))
    assert found["octroi_drift_alerts", "feature"] == 1
    assert found["octroi_drift_alerts", "probability"] == 0
    assert found["octroi_drift_decisions", ""] == 1000
    assert found["octroi_drift_measured_timestamp_seconds", ""] == 1_790_000_000.5


def test_too_few_decisions_are_told_without_a_share(tmp_path):
    measured(tmp_path, 20)

    assert {name for name, _ in told(tmp_path)} == {
        "octroi_drift_decisions",
        "octroi_drift_measured_timestamp_seconds",
    }
    assert read_latest(tmp_path).verdict == "not enough data"


def test_the_rules_ask_for_what_is_told(tmp_path):
    from api import metrics

    measured(tmp_path, 1000)
    drift = {name for name, _ in told(tmp_path)}
    rules = yaml.safe_load(RULES.read_text())
    asked = {
        name
        for group in rules["groups"]
        for rule in group["rules"]
        for name in re.findall(r"octroi_\w+", rule["expr"])
    }

    written = Path(metrics.__file__).read_text()
    unknown = {name for name in asked - drift if re.sub("_(total|bucket)$", "", name) not in written}
    assert unknown == set()
    assert len(asked & drift) == 3
