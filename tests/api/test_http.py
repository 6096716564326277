"""The service over HTTP: right answers, and errors that say what to do."""

import json
import re
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor

import lightgbm
import numpy as np
import pytest
from recorded import JSON, recorded_under
from serving import EXAMPLE

from features.encoder import Encoder
from runners.bundle import Bundle

BODY = json.loads(EXAMPLE.read_text())
FIELDS = {
    *("decision_id", "sk_id_curr", "probability_default", "probability_approval", "prediction", "decision"),
    *(
        "confidence",
        "risk_level",
        "threshold",
        "model_version",
        "policy_version",
        "warnings",
        "inference_time_ms",
    ),
}


def native(made, bodies):
    """What LightGBM itself says of *bodies*."""
    bundle = Bundle.open(made.bundle)
    values = [tuple(body.get(name) for name in bundle.schema.names) for body in bodies]
    rows = Encoder(bundle.schema).encode(values).rows
    return lightgbm.Booster(model_file=str(made.bundle / "model.txt")).predict(rows)


def variants(count):
    """The example, each time as another client."""
    rng = np.random.default_rng(5)
    names = [name for name, value in BODY.items() if isinstance(value, float) and 0 < value < 1]
    return [
        {**BODY, "AMT_CREDIT": 1000.0 * i, "PAYMENT_RATE": None, **dict.fromkeys(names[i % 9 :: 9], None)}
        | {"EXT_SOURCE_2": float(rng.uniform()), "NAME_HOUSING_TYPE": "With parents"}
        for i in range(1, count + 1)
    ]


def test_the_example_is_decided_as_lightgbm_scores_it(service, made):
    response = service.client.post(
        "/predict", content=EXAMPLE.read_bytes(), headers={"content-type": "application/json"}
    )

    answer = response.json()
    (expected,) = native(made, [BODY])
    bundle = Bundle.open(made.bundle)
    assert response.status_code == 200
    assert set(answer) == FIELDS
    assert abs(answer["probability_default"] - expected) <= 1e-12
    assert answer["probability_approval"] == 1.0 - answer["probability_default"]
    assert answer["prediction"] == int(expected >= bundle.policy.threshold)
    assert answer["decision"] == ("refuse" if answer["prediction"] else "approve")
    assert answer["threshold"] == bundle.policy.threshold
    assert answer["model_version"] == bundle.version
    assert answer["policy_version"] == bundle.policy.version
    assert answer["sk_id_curr"] is None
    assert uuid.UUID(answer["decision_id"]).version == 7
    assert answer["inference_time_ms"] > 0


def test_concurrent_clients_get_lightgbms_probability_each(service, made):
    bodies = variants(60)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda body: service.client.post("/predict", json=body).json(), bodies))

    found = np.array([answer["probability_default"] for answer in answers])
    assert np.abs(found - native(made, bodies)).max() <= 1e-12
    assert len({answer["decision_id"] for answer in answers}) == 60


@pytest.mark.parametrize("path", ["/predict_batch", "/predict-batch"])
def test_a_batch_answers_each_client_as_it_would_be_alone(service, made, path):
    bodies = [{**body, "sk_id_curr": 100_000 + i} for i, body in enumerate(variants(40))]

    answer = service.client.post(path, json={"clients": bodies}).json()

    assert set(answer) == {"decisions", "count", "inference_time_ms"}
    assert answer["count"] == 40
    assert [decision["sk_id_curr"] for decision in answer["decisions"]] == [
        body["sk_id_curr"] for body in bodies
    ]
    alone = [service.client.post("/predict", json=body).json() for body in bodies]
    assert [decision["probability_default"] for decision in answer["decisions"]] == [
        decision["probability_default"] for decision in alone
    ]
    assert (
        np.abs(np.array([one["probability_default"] for one in alone]) - native(made, bodies)).max() <= 1e-12
    )


def test_an_unknown_category_is_scored_as_missing_and_said(service):
    unknown = service.client.post("/predict", json={**BODY, "NAME_INCOME_TYPE": "Astronaut"}).json()
    missing = service.client.post("/predict", json={**BODY, "NAME_INCOME_TYPE": None}).json()

    assert unknown["probability_default"] == missing["probability_default"]
    rules = {warning["field"]: warning["rule"] for warning in unknown["warnings"]}
    assert rules.get("NAME_INCOME_TYPE") == "unknown-category"


def test_a_sentinel_is_missing_and_its_neighbour_is_refused(service):
    sentinel = service.client.post("/predict", json={**BODY, "DAYS_EMPLOYED": 365243})
    missing = service.client.post("/predict", json={**BODY, "DAYS_EMPLOYED": None})
    beyond = service.client.post("/predict", json={**BODY, "DAYS_EMPLOYED": 365242})
    batch = service.client.post("/predict_batch", json={"clients": [BODY, {**BODY, "DAYS_EMPLOYED": 1}]})

    assert sentinel.json()["probability_default"] == missing.json()["probability_default"]
    assert [found["field"] for found in beyond.json()["errors"]] == ["DAYS_EMPLOYED"]
    assert [found["field"] for found in batch.json()["errors"]] == ["clients[1].DAYS_EMPLOYED"]


def test_metrics_count_decisions_and_show_no_path_a_client_made_up(service):
    def counted() -> float:
        text = service.client.get("/metrics").text
        assert "secret-path" not in text
        found = re.findall(r'^octroi_requests_total{route="/predict",status="200"} (.+)$', text, re.MULTILINE)
        return float(found[0]) if found else 0.0

    before = counted()
    for _ in range(3):
        service.client.post("/predict", json=BODY)
        service.client.get("/secret-path-77")

    assert counted() == before + 3
    text = service.client.get("/metrics").text
    batches = re.findall(r"^octroi_batch_(?:size|wait_seconds)_count (.+)$", text, re.MULTILINE)
    assert len(batches) == 2
    assert batches[0] == batches[1]
    assert float(batches[0]) >= 3


def test_sex_changes_nothing(service):
    answers = [
        service.client.post("/predict", json={**BODY, "CODE_GENDER": sex}).json() for sex in (1, 0, "F", "M")
    ]

    assert len({answer["probability_default"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("content", "headers", "status", "words"),
    [
        (b"", JSON, 400, "empty"),
        (b"not json", JSON, 400, "not JSON"),
        (b'{"AMT_CREDIT": NaN}', JSON, 400, "not JSON"),
        (b'{"AMT_CREDIT": Infinity}', JSON, 400, "not JSON"),
        (b'{"AMT_CREDIT": 1e999}', JSON, 422, "AMT_CREDIT|range"),
        (b"[]", JSON, 422, "object"),
        (b'{"AMT_CREDIT": 1, "NAME_INCOME_TYPE": "\xff"}', JSON, 400, "not JSON"),
        (b'{"\xff": 1}', JSON, 400, "not JSON"),
        (b"{}", JSON, 422, "AMT_CREDIT: is required"),
        (json.dumps({**BODY, "NOPE": 1}).encode(), JSON, 422, "NOPE: not a feature"),
        (json.dumps({**BODY, "AMT_CREDIT": "a lot"}).encode(), JSON, 422, "send a number, not a string"),
        (json.dumps({**BODY, "AMT_CREDIT": True}).encode(), JSON, 422, "send a number, not a boolean"),
        (json.dumps({**BODY, "EXT_SOURCE_1": 1.5}).encode(), JSON, 422, "at most 1"),
        (json.dumps({**BODY, "DAYS_BIRTH": 100}).encode(), JSON, 422, "at most -5000"),
        (json.dumps({**BODY, "AMT_ANNUITY": None}).encode(), JSON, 422, "AMT_ANNUITY: is required"),
        (json.dumps(BODY).encode(), {"content-type": "text/plain"}, 415, "application/json"),
        (json.dumps(BODY).encode(), {}, 415, "application/json"),
        (json.dumps(BODY).encode(), {"content-type": "multipart/form-data"}, 415, "application/json"),
        (json.dumps(BODY).encode(), {"content-type": "application/json; charset=latin-1"}, 400, "in UTF-8"),
        (json.dumps(BODY).encode(), {**JSON, "content-encoding": "gzip"}, 415, "no content-encoding"),
        (json.dumps(BODY).encode("utf-16"), JSON, 400, "not JSON"),
        (b'{"AMT_CREDIT": 1, "AMT_CREDIT": 1}', JSON, 422, "AMT_ANNUITY: is required"),
        (EXAMPLE.read_bytes().replace(b"{", b'{"AMT_CREDIT": 1,', 1), JSON, 400, "names AMT_CREDIT twice"),
        (b" " * (1 << 20) + b"{}", JSON, 413, "at most 1048576 bytes"),
    ],
)
def test_bad_input_is_refused_with_the_remedy_and_not_recorded(service, content, headers, status, words):
    mine = f"refused-{uuid.uuid4().hex}"

    response = service.client.post("/predict", content=content, headers={**headers, "x-request-id": mine})

    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert re.search(words, json.dumps(problem))
    assert problem["instance"] == "/predict"
    assert problem["request_id"] == response.headers["x-request-id"] == mine
    assert recorded_under(service, mine) == 0


@pytest.mark.parametrize(
    ("clients", "fields"),
    [
        ([BODY, {**BODY, "AMT_CREDIT": "x"}, {}], ["clients[1].AMT_CREDIT", "clients[2].AMT_CREDIT"]),
        ([], ["clients"]),
        ([BODY] * 1001, ["clients"]),
    ],
)
def test_one_bad_client_fails_the_whole_batch_and_nobody_is_recorded(service, clients, fields):
    mine = f"refused-{uuid.uuid4().hex}"

    response = service.client.post(
        "/predict_batch", json={"clients": clients}, headers={"x-request-id": mine}
    )

    assert response.status_code == 422
    assert [found["field"] for found in response.json()["errors"]][: len(fields)] == fields
    assert recorded_under(service, mine) == 0


def test_a_request_id_is_echoed_if_sane_and_made_otherwise(service):
    echoed = service.client.get("/health", headers={"x-request-id": "abc-1"}).headers["x-request-id"]
    made_up = service.client.get("/health", headers={"x-request-id": "x" * 129}).headers["x-request-id"]

    assert echoed == "abc-1"
    assert re.fullmatch(r"[0-9a-f]{32}", made_up)


@pytest.mark.parametrize(
    ("path", "head", "sent"),
    [
        ("/predict", b"Content-Length: 100000000", b""),
        ("/predict_batch", b"Content-Length: 100000000", b"{"),
        ("/predict", b"Transfer-Encoding: chunked", 5 * (b"40000\r\n" + b" " * 0x40000 + b"\r\n")),
    ],
)
def test_a_body_that_is_too_large_is_refused_before_it_is_read_whole(service, path, head, sent):
    request = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n".encode()
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
        connection.sendall(request + head + b"\r\n\r\n" + sent)
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"clients": [{"AMT_CREDIT": "' + b"x" * 10_000_000 + b'"}]}', 422),
        (b'{"clients": [{"' + b"x" * 10_000_000 + b'": 1}]}', 422),
        (b'{"clients": ' + b"[" * 1_000_000, 400),
        (b'{"clients": [' + b'{"AMT_CREDIT": {"a": ' * 5_000, 400),
        (b'{"clients": [{"AMT_CREDIT": ' + b"9" * 1_000_000 + b"}]}", 400),
    ],
)
def test_what_is_huge_or_deep_is_refused_and_nobody_waits_for_it(service, content, status):
    with ThreadPoolExecutor(1) as pool:
        huge = pool.submit(service.client.post, "/predict_batch", content=content, headers=JSON)
        beside = service.client.post("/predict", json=BODY)
        response = huge.result(timeout=30)

    assert beside.status_code == 200
    assert response.status_code == status
    assert len(response.content) < 10_000
