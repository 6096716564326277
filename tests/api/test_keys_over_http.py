"""A service with API keys, and a service that would be open: as clients and operators meet them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from serving import EXAMPLE, ROOT, Service

BODY = json.loads(EXAMPLE.read_text())


@pytest.fixture(scope="module")
def guarded(made, tmp_path_factory):
    """The service with one named key in a file, which may score, and one plain key."""
    folder = tmp_path_factory.mktemp("guarded")
    made_key = subprocess.run(
        [sys.executable, "-m", "settings", "new-key", "till"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    secret, line = made_key.stdout.splitlines()
    (folder / "keys").write_text(line)
    environment = {
        **made.covered,
        "OCTROI_API_KEYS_FILE": str(folder / "keys"),
        "API_KEY": "plain",
        "OCTROI_RATE_LIMIT": "5/hour",
    }
    with Service(environment, folder) as service:
        service.wait_until_ready()
        yield service, secret


def test_a_key_is_needed_and_enough(guarded):
    service, secret = guarded

    answered = service.client.post("/predict", json=BODY, headers={"x-api-key": secret})
    refused = service.client.post("/predict", json=BODY)
    forbidden = service.client.get("/metrics", headers={"x-api-key": secret})

    assert answered.status_code == 200
    assert answered.headers["ratelimit"].startswith('"key";r=')
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == 'ApiKey realm="octroi"'
    assert refused.json()["detail"] == "send your API key in the header x-api-key"
    assert forbidden.status_code == 403
    assert service.client.get("/metrics", headers={"x-api-key": "plain"}).status_code == 200
    assert service.client.get("/readyz").status_code == 200


def test_no_secret_is_in_the_log_and_each_request_is_one_line(guarded):
    service, secret = guarded
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {
        "x-api-key": "plain",
        "x-request-id": "one-line",
        "traceparent": f"00-{trace}-b7ad6b7169203331-01",
    }

    answer = service.client.post("/predict", json=BODY, headers=headers)

    assert answer.headers["traceparent"] == headers["traceparent"]
    assert answer.headers["x-request-id"] == "one-line"
    service.client.get("/livez")
    (line,) = lines(service, "one-line")
    assert line["status"] == 200
    assert line["route"] == "/predict"
    assert line["key"] == "API_KEY"
    assert line["trace_id"] == trace
    assert line["decision_id"] == answer.json()["decision_id"]
    assert line["probability_default"] == answer.json()["probability_default"]
    assert line["latency_ms"] > 0
    assert secret not in service.log.read_text()


def lines(service, request_id):
    service.wait_for_log(request_id)
    events = [line for line in service.log.read_text().splitlines() if line.startswith("{")]
    return [event for event in map(json.loads, events) if event.get("request_id") == request_id]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_an_open_address_without_a_key_is_not_served(made, host):
    done = subprocess.run(
        [str(Path(sys.executable).with_name("bentoml")), "serve", "service:CreditScoring", "--host", host],
        cwd=ROOT,
        env={**made.environment, "PORT": "1"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "set API_KEY or OCTROI_API_KEYS, or serve on 127.0.0.1" in done.stderr


def test_a_worker_that_finds_itself_open_decides_nothing(made, tmp_path):
    worker = (
        "import socket; open_one = socket.socket(); open_one.bind(('0.0.0.0', 0)); open_one.listen();"
        "from api.office import open_office; from settings import read_settings;"
        "print(open_office(read_settings()).reason)"
    )
    environment = {**made.environment, "OCTROI_DATA": str(tmp_path), "PATH": os.environ["PATH"]}

    done = subprocess.run(
        [sys.executable, "-c", worker], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert "0.0.0.0 is not: set API_KEY" in done.stdout
