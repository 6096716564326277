"""What the service answers, refuses and cannot record is in the records as it was."""

import json
import os
import time
from contextlib import contextmanager

import psutil
import pytest
from recorded import JSON, in_database, reading
from serving import EXAMPLE, Service

from keys import ApiKey, Scope
from records.segment import segments

BODY = json.loads(EXAMPLE.read_text())


@pytest.fixture(scope="module")
def recorder(made, tmp_path_factory):
    """A service of this file's own, whose records are counted."""
    admin = ApiKey.of("officer", (Scope.ADMIN,), "open")
    environment = {**made.covered, "OCTROI_API_KEYS": str(admin), "API_KEY": "sesame"}
    with Service(environment, tmp_path_factory.mktemp("recorder")) as running:
        running.client.headers["x-api-key"] = "sesame"
        running.wait_until_ready()
        in_database(running, running.client.post("/predict", json=BODY).json()["decision_id"])
        yield running


@pytest.fixture
def stats(run, recorder):
    """What `python -m records stats` with more arguments says of the recorder."""

    def read(*arguments):
        done = run(recorder.folder / "var", "stats", "--json", *arguments)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return read


def test_traffic_key_and_times_are_recorded_and_simulations_left_out(recorder, stats):
    before = stats()["decisions"]
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
    assert stats()["decisions"] == before + 1
    assert set(stats()["by_route"]) == {"/predict"}
    assert stats("--scenario", "black-friday.2")["decisions"] == 3


def test_decisions_go_before_the_archivist_where_processors_are_scarce(recorder):
    (archivist,) = {one for one in recorder.processes() if "archive" in one.cmdline()}
    polite = {
        thread.id
        for thread in archivist.threads()
        if os.getpriority(os.PRIO_PROCESS, thread.id) == min(19, os.nice(0) + 5)
    }

    # What libraries start while they are loaded has no part in its work.
    assert archivist.pid in polite
    assert len(polite) >= 3, "the log and the profiles have threads of their own"


@pytest.mark.parametrize("scenario", ["", "two words", "x" * 65, "é"])
def test_a_scenario_that_is_no_name_is_refused_lest_it_pass_as_real(recorder, scenario):
    headers = {"x-octroi-scenario": scenario.encode()}

    refused = recorder.client.post("/predict", json=BODY, headers=headers)
    page = recorder.client.get("/health", headers=headers)

    assert (refused.status_code, page.status_code) == (400, 200)
    assert refused.headers["content-type"] == "application/problem+json"
    assert "X-Octroi-Scenario takes 1 to 64 letters" in refused.json()["detail"]


def test_what_was_refused_is_counted_without_a_word_of_the_clients(recorder, stats):
    before = stats()
    for body in ({**BODY, "AMT_CREDIT": -5.5}, {**BODY, "AMT_CREDIT": -5.5, "SECRET_CANARY": 1}):
        assert recorder.client.post("/predict", json=body).status_code == 422
    batch = {"clients": [{**BODY, "DAYS_BIRTH": 77.25}] * 4}
    assert recorder.client.post("/predict_batch", json=batch).status_code == 422

    def refused(found):
        return found["errors_by_status"].get("422", 0) - before["errors_by_status"].get("422", 0)

    # Errors of the tests before, none of which is a 422, may come a moment later than they.
    after = eventually(stats, lambda found: refused(found) >= 3)
    with reading(recorder) as connection:
        rows = connection.execute("select * from anomalies where status is not null or rule is not null")
        found = [dict(row) for row in rows]
    assert refused(after) == 3
    assert after["errors"] == sum(after["errors_by_status"].values())
    assert after["decisions"] == before["decisions"]
    assert after["error_rate"] == after["errors"] / (after["errors"] + after["decisions"])
    counted: dict[tuple[str, str], int] = {}
    for row in found:
        if row["kind"] == "refused_input":
            key = (row["field"], row["rule"])
            counted[key] = counted.get(key, 0) + row["count"]
    assert counted == {("AMT_CREDIT", "domain"): 2, (None, "unknown-field"): 1, ("DAYS_BIRTH", "domain"): 1}
    problems = {row["rule"] for row in found if row["kind"] == "error" and row["status"] == 422}
    assert problems == {"invalid-application"}
    assert "CANARY" not in str(found)
    assert "77.25" not in str(found)


def eventually(stats, true_of):
    """The first stats that *true_of* holds for: errors are written a moment after their answer."""
    deadline = time.monotonic() + 30
    while not true_of(found := stats()):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


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


def test_a_decision_can_be_read_in_full(recorder):
    answer = recorder.client.post("/predict", json={**BODY, "sk_id_curr": 4711}).json()
    in_database(recorder, answer["decision_id"])

    found = recorder.client.get(f"/decisions/{answer['decision_id']}").json()
    unknown = recorder.client.get("/decisions/nobody")

    same = set(answer) - {"inference_time_ms"}
    assert {name: found[name] for name in same} == {name: answer[name] for name in same}
    given = {name: value for name, value in found["inputs"].items() if value is not None}
    assert given == {
        name: value for name, value in BODY.items() if value is not None and name != "sk_id_curr"
    }
    assert (found["route"], found["status"], found["outcome"]) == ("/predict", 200, None)
    assert unknown.status_code == 404
    assert unknown.json()["type"] == "/problems/unknown-decision"
    for strange in ("%00", "%ff", "x" * 3000, "x/y", ""):
        assert recorder.client.get(f"/decisions/{strange}").status_code == 404
    assert recorder.client.post("/decisions/x").status_code == 405
    assert recorder.client.get("/decisions/x", headers={"x-api-key": "wrong"}).status_code == 401


def test_an_outcome_is_told_over_http(recorder, stats):
    decision_id = recorder.client.post("/predict", json=BODY).json()["decision_id"]
    in_database(recorder, decision_id)
    body = {"decision_id": decision_id, "outcome": "repaid", "date": "2026-03-01"}

    states = [recorder.client.post("/outcomes", json=body).json()["state"] for _ in range(2)]
    unknown = recorder.client.post("/outcomes", json={**body, "decision_id": "nobody"})

    assert states == ["recorded", "unchanged"]
    assert recorder.client.get(f"/decisions/{decision_id}").json()["outcome"] == {
        "outcome": "repaid",
        "date": "2026-03-01",
    }
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/unknown-decision")
    assert stats()["approved_and_matured"]["loans"] <= 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"outcome": "CANARY"}, "outcome"),
        ({"date": "1.3.2026"}, "date"),
        ({"date": "2999-01-01"}, "date"),
        ({"CANARY": 1}, ""),
        ({"decision_id": 7}, "decision_id"),
    ],
)
def test_an_outcome_that_cannot_be_meant_is_refused_without_repeating_it(recorder, change, field):
    body = {"decision_id": "x", "outcome": "repaid", "date": "2026-03-01", **change}

    refused = recorder.client.post("/outcomes", json=body)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert "CANARY" not in refused.text
    assert recorder.client.post("/outcomes", content=b"{", headers=JSON).status_code == 400
    assert recorder.client.post("/outcomes", content=b"{}").status_code == 415
    assert recorder.client.post("/outcomes", content=b" " * 5000, headers=JSON).status_code == 413


def test_a_client_is_erased_over_http_by_who_may(recorder, run):
    answer = recorder.client.post("/predict", json={**BODY, "sk_id_curr": 918_273}).json()

    path = "/clients/918273/data"
    assert recorder.client.delete(path).status_code == 403
    erased = recorder.client.delete(path, headers={"x-api-key": "open"})
    again = recorder.client.delete(path, headers={"x-api-key": "open"})
    strange = ("x", "0", "-1", "1.5", "%00", "%D9%A1", str(2**53 + 1), "0" * 16 + "1" * 30)
    nobody = [
        recorder.client.delete(f"/clients/{one}/data", headers={"x-api-key": "open"}) for one in strange
    ]

    assert (erased.status_code, erased.json()["decisions"], again.json()["decisions"]) == (200, 1, 0)
    assert {answer.status_code for answer in nobody} == {404}
    found = recorder.client.get(f"/decisions/{answer['decision_id']}").json()
    assert (found["sk_id_curr"], found["inputs"]) == (None, None)
    assert found["probability_default"] == answer["probability_default"]
    data = [path for path in (recorder.folder / "var").rglob("*") if path.is_file()]
    assert [path.name for path in data if b"918273" in path.read_bytes()] == []
    assert "the chain holds" in run(recorder.folder / "var", "verify").output
    assert "every decision came out as recorded" in recorder.run("records", "replay", "--all")
