"""What the service answers, refuses and cannot record is in the records as it was."""

import json
from contextlib import contextmanager

import psutil
import pytest
from recorded import in_database, reading
from serving import EXAMPLE, Service

from records.segment import segments

BODY = json.loads(EXAMPLE.read_text())


@pytest.fixture(scope="module")
def recorder(made, tmp_path_factory):
    """A service of this file's own, whose records are counted."""
    environment = {**made.environment, "OCTROI_API_KEYS": "", "API_KEY": "sesame"}
    with Service(environment, tmp_path_factory.mktemp("recorder")) as running:
        running.client.headers["x-api-key"] = "sesame"
        running.wait_until_ready()
        in_database(running, running.client.post("/predict", json=BODY).json()["decision_id"])
        yield running


def stats(service, *arguments):
    return json.loads(service.run("records", "stats", "--json", *arguments))


def test_traffic_key_and_times_are_recorded_and_simulations_left_out(recorder):
    before = stats(recorder)["decisions"]
    real = recorder.client.post("/predict", json=BODY).json()
    simulated = recorder.client.post(
        "/predict_batch", json={"clients": [BODY] * 3}, headers={"x-octroi-scenario": "black-friday.2"}
    ).json()

    row = in_database(recorder, real["decision_id"])
    last = in_database(recorder, simulated["decisions"][2]["decision_id"])
    assert (row["key_name"], row["scenario"], row["status"]) == ("API_KEY", None, 200)
    assert 0 < row["scoring_us"] <= row["latency_us"]
    assert (last["scenario"], last["route"]) == ("black-friday.2", "/predict_batch")
    assert 0 < last["scoring_us"] <= last["latency_us"]
    assert stats(recorder)["decisions"] == before + 1
    assert set(stats(recorder)["by_route"]) == {"/predict"}
    assert stats(recorder, "--scenario", "black-friday.2")["decisions"] == 3


@pytest.mark.parametrize("scenario", ["", "two words", "x" * 65, "é"])
def test_a_scenario_that_is_no_name_is_refused_lest_it_pass_as_real(recorder, scenario):
    headers = {"x-octroi-scenario": scenario.encode()}

    refused = recorder.client.post("/predict", json=BODY, headers=headers)
    page = recorder.client.get("/health", headers=headers)

    assert (refused.status_code, page.status_code) == (400, 200)
    assert refused.headers["content-type"] == "application/problem+json"
    assert "X-Octroi-Scenario takes 1 to 64 letters" in refused.json()["detail"]


def test_what_was_refused_is_counted_without_a_word_of_the_clients(recorder):
    before = stats(recorder)
    for body in ({**BODY, "AMT_CREDIT": -5.5}, {**BODY, "AMT_CREDIT": -5.5, "SECRET_CANARY": 1}):
        assert recorder.client.post("/predict", json=body).status_code == 422
    batch = {"clients": [{**BODY, "DAYS_BIRTH": 77.25}] * 4}
    assert recorder.client.post("/predict_batch", json=batch).status_code == 422
    recorder.stop()
    recorder.restart()

    after = stats(recorder)
    with reading(recorder) as connection:
        rows = connection.execute("select * from anomalies where status is not null or rule is not null")
        found = [dict(row) for row in rows]
    # Errors of the tests before, none of which is a 422, may have come a moment later than they.
    assert after["errors_by_status"]["422"] - before["errors_by_status"].get("422", 0) == 3
    assert after["errors"] == sum(after["errors_by_status"].values())
    assert after["decisions"] == before["decisions"]
    assert after["error_rate"] == after["errors"] / (after["errors"] + after["decisions"])
    counted: dict[tuple[str, str], int] = {}
    for row in found:
        if row["kind"] == "refused_input":
            key = (row["field"], row["rule"])
            counted[key] = counted.get(key, 0) + row["count"]
    assert counted == {("AMT_CREDIT", "domain"): 2, (None, "unknown-field"): 1, ("DAYS_BIRTH", "domain"): 1}
    assert "CANARY" not in str(found)
    assert "77.25" not in str(found)


@contextmanager
def full_disk(process):
    """No file of *process* may grow any more: its writes fail as on a full disk."""
    before = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        process.rlimit(psutil.RLIMIT_FSIZE, before)


def test_on_a_full_disk_nothing_is_answered_and_it_recovers_by_itself(recorder):
    worker = writer_of(recorder)
    before = recorder.client.post("/predict", json=BODY).json()

    with full_disk(worker):
        refused = [recorder.client.post("/predict", json=BODY) for _ in range(3)]
        not_ready = recorder.client.get("/readyz")
    after = recorder.client.post("/predict", json=BODY)

    assert [answer.status_code for answer in refused] == [503] * 3
    assert "cannot be" in refused[0].json()["detail"]
    assert refused[0].headers["retry-after"] == "1"
    assert not_ready.status_code == 503
    assert after.status_code == 200
    assert recorder.client.get("/readyz").status_code == 200
    assert (
        in_database(recorder, after.json()["decision_id"])["probability_default"]
        == before["probability_default"]
    )


def writer_of(service):
    """The process that holds the live segment open."""
    service.client.post("/predict", json=BODY).raise_for_status()
    held = {str(path) for path in segments(service.folder / "var" / "journal")}
    for process in psutil.process_iter():
        try:
            files = {file.path for file in process.open_files()}
        except psutil.Error:
            continue
        if held & files:
            return process
    raise AssertionError("nobody writes")


def test_what_waits_in_the_journal_is_a_metric(recorder):
    recorder.client.post("/predict", json=BODY).raise_for_status()

    text = recorder.client.get("/metrics").text

    (line,) = [line for line in text.splitlines() if line.startswith("octroi_journal_pending_bytes ")]
    assert float(line.split()[1]) >= 0
