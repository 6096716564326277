"""The service without its hot path, without a model, and stopped."""

import json
import shutil
import time

import httpx
import pytest
from serving import EXAMPLE, Service

from api.office import ClosedOffice, open_office
from settings import read_settings

BODY = json.loads(EXAMPLE.read_text())


def test_the_declared_routes_and_the_hot_path_answer_alike(service, made, tmp_path):
    bad = [{}, {**BODY, "AMT_CREDIT": "x"}, {**BODY, "NOPE": 1}]
    with Service({**made.covered, "OCTROI_HOT_PATH": "false"}, tmp_path) as declared:
        declared.wait_until_ready()
        for body in [BODY, {**BODY, "EXT_SOURCE_1": None, "sk_id_curr": 5}, *bad]:
            for path, sent in [("/predict", body), ("/predict_batch", {"clients": [body, BODY]})]:
                one, other = service.client.post(path, json=sent), declared.client.post(path, json=sent)
                assert one.status_code == other.status_code
                assert one.headers["content-type"] == other.headers["content-type"]
                assert told(one.json()) == told(other.json())


def told(answer):
    """What an answer says, without what differs from one request to the next."""
    if isinstance(answer, list):
        return [told(part) for part in answer]
    if not isinstance(answer, dict):
        return answer
    ours = {"decision_id", "inference_time_ms", "request_id"}
    return {key: told(value) for key, value in answer.items() if key not in ours}


@pytest.fixture(scope="module")
def severe(made, tmp_path_factory):
    """A service of this file's own, with a policy that refuses nearly everybody."""
    folder = tmp_path_factory.mktemp("severe")
    (folder / "policy.json").write_text('{"threshold": 1e-6, "name": "severe"}')
    environment = {**made.environment, "OCTROI_POLICY": str(folder / "policy.json")}
    with Service(environment, folder) as running:
        running.wait_until_ready()
        yield running


def test_without_a_certified_model_the_service_is_alive_but_not_ready_and_says_why(made, tmp_path):
    folder = shutil.copytree(made.bundle, tmp_path / "uncertified")
    (folder / "certificate.json").unlink()

    with Service({**made.environment, "OCTROI_MODEL": str(folder)}, tmp_path) as closed:
        closed.wait_for("/livez", 200)
        answers = [
            closed.client.get("/readyz"),
            closed.client.get("/health"),
            closed.client.post("/predict", json=BODY),
        ]
        version = closed.client.get("/").json()["model_version"]

    for answer in answers:
        assert answer.status_code == 503
        assert "no certificate" in answer.json()["detail"]
    assert version is None


def test_a_worker_that_cannot_load_what_decides_says_so_and_nobody_answers_in_its_place(made, tmp_path):
    (tmp_path / "onnxruntime.py").write_text('raise ImportError("libonnx is broken")')
    with Service({**made.environment, "PYTHONPATH": str(tmp_path)}, tmp_path) as broken:
        broken.wait_for_log("Octroi cannot start: ImportError('libonnx is broken')")
        broken.wait_for_log("Application startup failed")
        for path in ("/livez", "/readyz", "/"):
            with pytest.raises(httpx.TransportError):
                broken.client.get(path, timeout=0.5)


@pytest.fixture
def offered(made, tmp_path, monkeypatch):
    """What the office says that is opened on the model of this name."""

    def open_on(model):
        monkeypatch.setenv("OCTROI_MODEL", model)
        monkeypatch.setenv("OCTROI_DATA", str(tmp_path / "var"))
        return open_office(read_settings())

    return open_on


def test_a_model_that_is_nowhere_closes_the_office(offered):
    office = offered("octroi-credit:nowhere")

    assert isinstance(office, ClosedOffice)
    assert "no model octroi-credit:nowhere" in str(office.reason)


def test_a_model_whose_files_changed_closes_the_office(offered, made, tmp_path):
    folder = shutil.copytree(made.bundle, tmp_path / "changed")
    onnx = bytearray((folder / "model.onnx").read_bytes())
    onnx[len(onnx) // 2] ^= 1
    (folder / "model.onnx").write_bytes(onnx)

    office = offered(str(folder))

    assert isinstance(office, ClosedOffice)
    assert "the certificate speaks of other files" in str(office.reason)


def test_another_policy_changes_decisions_but_not_probabilities(service, severe):
    answer = severe.client.post("/predict", json=BODY).json()

    usual = service.client.post("/predict", json=BODY).json()
    assert answer["probability_default"] == usual["probability_default"]
    assert (answer["decision"], usual["decision"]) == ("refuse", "approve")
    assert answer["policy_version"].startswith("severe-")
    assert answer["model_version"] == usual["model_version"]


def test_without_a_journal_nothing_is_answered_and_it_recovers_by_itself(severe):
    journal = severe.folder / "var" / "journal"
    before = severe.client.post("/predict", json=BODY).json()
    journal.rename(severe.folder / "moved-away")
    journal.write_text("in the way")

    refused = [severe.client.post("/predict", json=BODY) for _ in range(3)]
    not_ready = severe.client.get("/readyz")
    journal.unlink()
    severe.wait_for("/readyz", 200)
    after = severe.client.post("/predict", json=BODY).json()

    assert [response.status_code for response in refused] == [503] * 3
    assert refused[0].headers["retry-after"] == "1"
    assert "journal" in not_ready.json()["detail"]
    assert not_ready.status_code == 503
    assert after["probability_default"] == before["probability_default"]


def test_after_sigterm_it_is_not_ready_decides_until_it_leaves_and_leaves_nothing_unwritten(made, tmp_path):
    with Service({**made.covered, "OCTROI_DRAIN_S": "4"}, tmp_path) as service:
        service.wait_until_ready()
        for _ in range(20):
            service.client.post("/predict", json=BODY).raise_for_status()
        service.client.post("/predict", json={})
        started = time.monotonic()
        service.ask_to_stop()
        not_ready = service.wait_for("/readyz", 503)
        health = service.client.get("/health")
        alive = service.client.get("/livez")
        # A new connection, as a balancer that has not looked yet would make it.
        decided = [httpx.post(f"http://127.0.0.1:{service.port}/predict", json=BODY) for _ in range(3)]
        status = service.wait_until_stopped()
        took_s = time.monotonic() - started

        assert "is stopping" in not_ready.json()["detail"]
        # Who keeps its connection must not lose a request on it.
        assert (not_ready.headers["connection"], decided[0].headers["connection"]) == ("close", "close")
        assert (health.status_code, alive.status_code, status) == (503, 200, 0)
        assert [answer.status_code for answer in decided] == [200] * 3
        assert took_s >= 4
        found = json.loads(service.run("records", "stats", "--json"))
        assert (found["decisions"], found["errors_by_status"]) == (23, {"422": 1})
        assert list((tmp_path / "var" / "journal").glob("*.journal")) == []
