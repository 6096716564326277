"""The example clients get their answers."""

import json
import subprocess
import sys

import pytest
from serving import ROOT

EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture
def run(service):
    def run_example(name):
        environment = {**service.environment, "OCTROI_URL": f"http://127.0.0.1:{service.port}"}
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / name)], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return [line.split() for line in done.stdout.splitlines()]

    return run_example


@pytest.fixture
def expected(service):
    """Probability of default of a body, as the service says it to everyone."""
    return lambda body: service.client.post("/predict", json=body).json()["probability_default"]


@pytest.mark.parametrize("name", ["client_httpx.py", "client_bentoml.py"])
def test_a_client_of_one_applicant_prints_the_decision(run, expected, name):
    ((decision, probability, decision_id),) = run(name)

    assert decision in {"approve", "refuse"}
    assert float(probability) == expected(json.loads((EXAMPLES / "predict_40.json").read_text()))
    assert len(decision_id) == 36


def test_a_client_of_a_batch_prints_each_decision(run, expected):
    clients = json.loads((EXAMPLES / "predict_batch.json").read_text())["clients"]

    printed = [float(line[1]) for line in run("client_requests.py")]

    assert printed == [expected(client) for client in clients]


def test_an_asynchronous_client_prints_all_nine(run):
    printed = run("client_httpx_async.py")

    assert {line[0] for line in printed} == {f"{credit:,}" for credit in range(100_000, 1_000_000, 100_000)}
