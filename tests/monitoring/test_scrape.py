"""What Prometheus reads of a running service: decisions, probabilities, drift; kill -9 forgets none of it."""

import json

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families
from proving import sqlite_of, wait_until_archived
from serving import EXAMPLE, Service

BODY = json.loads(EXAMPLE.read_text())


@pytest.fixture(scope="module")
def counting(made, tmp_path_factory):
    with Service({**made.environment, "OCTROI_WORKERS": "1"}, tmp_path_factory.mktemp("counting")) as running:
        running.wait_until_ready()
        yield running


def scraped(service: Service) -> dict[tuple[str, str], float]:
    """Every number, by name and by the label that tells most."""
    families = text_string_to_metric_families(service.wait_for("/metrics", 200).text)
    return {
        (sample.name, sample.labels.get("decision") or sample.labels.get("feature") or ""): sample.value
        for family in families
        for sample in family.samples
        if "le" not in sample.labels
    }


def decide(service: Service, count: int) -> list[dict]:
    answers = [
        service.client.post("/predict", json={**BODY, "EXT_SOURCE_2": 0.9 * i / count}).json()
        for i in range(count)
    ]
    assert all("decision" in answer for answer in answers)
    return answers


def worker(service: Service) -> psutil.Process:
    """The process that listens and decides."""
    (found,) = [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if "_bentoml_impl.worker.service" in (process.info["cmdline"] or [])
        and (process.info["environ"] or {}).get("OCTROI_DATA") == service.environment["OCTROI_DATA"]
    ]
    return found


def test_decisions_and_their_probabilities_are_counted_through_the_death_of_a_worker(counting):
    answers = decide(counting, 8)
    before = scraped(counting)
    dead = worker(counting)

    dead.kill()
    psutil.wait_procs([dead])
    counting.wait_until_ready()

    assert worker(counting).pid != dead.pid
    kept = scraped(counting)
    answers += decide(counting, 8)
    after = scraped(counting)
    for name in ("approve", "refuse"):
        counted = sum(answer["decision"] == name for answer in answers)
        assert after.get(("octroi_decisions_total", name), 0) == counted
    assert kept["octroi_probability_default_count", ""] == before["octroi_probability_default_count", ""] == 8
    assert after["octroi_probability_default_count", ""] == 16
    assert after["octroi_probability_default_sum", ""] == pytest.approx(
        sum(answer["probability_default"] for answer in answers)
    )


def test_drift_is_told_once_it_was_measured(counting):
    assert ("octroi_drift_share", "") not in scraped(counting)
    decide(counting, 60)
    wait_until_archived(sqlite_of(counting), 60)

    # Sixty times nearly the same client: that is drift.
    assert counting.begin("monitoring", "drift", "--days", "1").wait() == 3

    found = scraped(counting)
    (report,) = (counting.folder / "var" / "reports").glob("drift_*.json")
    said = json.loads(report.read_text())
    assert found["octroi_drift_share", ""] == said["share"] > 0.3
    assert {name for metric, name in found if metric == "octroi_drift_psi"} == {
        "probability_default",
        *(feature["name"] for feature in said["features"]),
    }
