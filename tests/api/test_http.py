"""The service over HTTP: right answers, and errors that say what to do."""

import json
import re
import sqlite3
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import lightgbm
import numpy as np
import pytest
from serving import EXAMPLE

from features.encoder import Encoder
from monitoring.profiles import profile_files
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


def test_an_answer_is_in_a_profile_within_the_minute(service):
    decision = service.client.post("/predict", json=BODY).json()["decision_id"]
    seq = in_database(service, decision)["seq"]
    profiles = service.folder / "var" / "profiles"
    deadline = time.monotonic() + 60

    while not any(file.first <= seq <= file.last for file in profile_files(profiles)):
        assert time.monotonic() < deadline, "in no profile within the minute"
        time.sleep(0.5)


def test_sex_changes_nothing(service):
    answers = [
        service.client.post("/predict", json={**BODY, "CODE_GENDER": sex}).json() for sex in (1, 0, "F", "M")
    ]

    assert len({answer["probability_default"] for answer in answers}) == 1


JSON = {"content-type": "application/json"}


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


def recorded_under(service, request_id):
    """How many decisions a request left, once everything before a later decision is in the database."""
    after = service.client.post("/predict", json=BODY).json()["decision_id"]
    in_database(service, after)
    with reading(service) as connection:
        ((count,),) = connection.execute(
            "select count(*) from predictions where request_id = ?", (request_id,)
        )
    return count


def in_database(service, decision_id):
    """The row of a decision, which must be there within five seconds."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        # Until the archivist has made it, there is no database.
        with suppress(sqlite3.OperationalError), reading(service) as connection:
            rows = connection.execute(
                "select * from predictions where decision_id = ?", (decision_id,)
            ).fetchall()
            if rows:
                (row,) = rows
                return row
        time.sleep(0.05)
    raise AssertionError("the decision was not in the database within 5 seconds")


def reading(service):
    """The service's database, read only."""
    path = service.folder / "var" / "octroi.db"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return closing(connection)


def test_an_answer_is_in_the_database_within_five_seconds_as_it_was_answered(service):
    answer = service.client.post(
        "/predict", json={**BODY, "sk_id_curr": 100_001}, headers={"x-request-id": "mine-and-yours"}
    ).json()

    row = in_database(service, answer["decision_id"])

    assert row["probability_default"] == answer["probability_default"]
    assert (row["decision"], row["prediction"]) == (answer["decision"], answer["prediction"])
    assert (row["sk_id_curr"], row["amt_credit"]) == (100_001, float(BODY["AMT_CREDIT"]))
    assert (row["request_id"], row["route"]) == ("mine-and-yours", "/predict")
    assert json.loads(row["warnings"]) == answer["warnings"]


def test_two_requests_with_one_id_are_two_decisions(service):
    headers = {"x-request-id": f"twice-{uuid.uuid4().hex}"}
    for _ in range(2):
        service.client.post("/predict", json=BODY, headers=headers)

    assert recorded_under(service, headers["x-request-id"]) == 2


def test_a_request_id_is_echoed_if_sane_and_made_otherwise(service):
    echoed = service.client.get("/health", headers={"x-request-id": "abc-1"}).headers["x-request-id"]
    made_up = service.client.get("/health", headers={"x-request-id": "x" * 129}).headers["x-request-id"]

    assert echoed == "abc-1"
    assert re.fullmatch(r"[0-9a-f]{32}", made_up)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/predict", 405),
        ("DELETE", "/health", 405),
        ("GET", "/nowhere", 404),
        ("POST", "/nowhere", 404),
    ],
)
def test_a_wrong_path_or_method_is_a_problem_document_too(service, method, path, status):
    response = service.client.request(method, path)

    assert response.status_code == response.json()["status"] == status
    assert response.headers["content-type"] == "application/problem+json"


def test_the_pages_say_what_is_served(service, made):
    bundle = Bundle.open(made.bundle)
    root, health = service.client.get("/").json(), service.client.get("/health").json()
    info = service.client.get("/model-info").json()

    assert root["model_version"] == health["model_version"] == info["model_version"] == bundle.version
    assert health["status"] == "ready"
    assert info["certificate"]["holds"] is True
    assert info["certificate"]["max_difference"] <= 1e-12
    assert info["model_features"] == list(bundle.schema.names[: bundle.schema.width])
    for path in [path for path in root["links"].values() if not path.startswith("/predict")]:
        assert service.client.get(path).status_code == 200


def test_the_openapi_document_knows_every_feature_and_its_limits(service, made):
    document = service.client.get("/openapi.json").json()

    applicant = document["components"]["schemas"]["Applicant"]
    assert set(Bundle.open(made.bundle).schema.names) | {"sk_id_curr"} == set(applicant["properties"])
    assert set(applicant["required"]) == {"AMT_CREDIT", "AMT_ANNUITY", "DAYS_BIRTH"}
    assert applicant["properties"]["EXT_SOURCE_1"]["maximum"] == 1.0
    assert applicant["example"] == BODY
    assert set(document["paths"]["/predict"]["post"]["responses"]) >= {
        "200",
        "400",
        "413",
        "415",
        "422",
        "503",
    }


@pytest.mark.parametrize(
    ("page", "script"), [("/docs", "swagger-ui-bundle.js"), ("/redoc", "redoc.standalone.js")]
)
def test_the_document_pages_need_no_internet(service, page, script):
    html = service.client.get(page).text

    assert "//" not in re.sub(r"<!doctype html>", "", html)
    assert len(service.client.get(f"/static/{script}").content) > 500_000


def test_bentomls_own_client_is_answered(service):
    import bentoml

    with bentoml.SyncHTTPClient(f"http://127.0.0.1:{service.port}") as client:
        assert client.is_ready()
        answer = client.predict(BODY)
        batch = client.predict_batch(clients=[BODY, BODY])

    assert answer["decision"] in {"approve", "refuse"}
    assert [one["probability_default"] for one in batch["decisions"]] == [answer["probability_default"]] * 2
