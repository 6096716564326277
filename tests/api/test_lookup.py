"""Clients that are known by number are decided on without their features being sent."""

import json
import uuid

import pyarrow.parquet as pq
import pytest
from recorded import in_database, recorded_under
from serving import EXAMPLE

BODY = json.loads(EXAMPLE.read_text())
NOBODY = 999_999_999


@pytest.fixture(scope="module")
def known(service, made):
    """Three of the clients whose features the service has loaded: number, and features by name."""
    service.client.post("/predict", json=BODY).raise_for_status()
    service.run("records", "load-clients", "--features", str(made.features))
    rows = pq.read_table(made.features).slice(0, 3).to_pylist()
    accepted = set(service.client.get("/model-info").json()["accepted_features"])
    return {
        row["SK_ID_CURR"]: {
            name: value
            for name, value in row.items()
            if name in accepted and value is not None and value == value  # noqa: PLR0124  # NaN is missing
        }
        for row in rows
    }


def test_a_number_alone_is_decided_as_the_stored_features_are(service, known):
    for number, features in known.items():
        looked_up = service.client.post("/predict", json={"sk_id_curr": number})
        sent = service.client.post("/predict", json={"sk_id_curr": number, **features})

        assert looked_up.status_code == sent.status_code == 200
        assert looked_up.json()["sk_id_curr"] == number
        assert looked_up.json()["probability_default"] == sent.json()["probability_default"]
        row = in_database(service, looked_up.json()["decision_id"])
        assert (row["sk_id_curr"], row["amt_credit"]) == (number, features["AMT_CREDIT"])


def test_features_that_come_with_a_number_are_scored_as_given(service, known):
    number = next(iter(known))

    given = service.client.post("/predict", json={**BODY, "sk_id_curr": number}).json()

    assert (
        given["probability_default"]
        == service.client.post("/predict", json=BODY).json()["probability_default"]
    )


def test_a_batch_may_mix_numbers_and_features(service, known):
    numbers = list(known)
    clients = [{"sk_id_curr": numbers[0]}, BODY, {"sk_id_curr": numbers[1], **known[numbers[1]]}]

    batch = service.client.post("/predict_batch", json={"clients": clients}).json()["decisions"]

    alone = [service.client.post("/predict", json=client).json() for client in clients]
    assert [one["probability_default"] for one in batch] == [one["probability_default"] for one in alone]
    assert [one["sk_id_curr"] for one in batch] == [numbers[0], None, numbers[1]]


def test_an_unknown_number_is_not_found_and_its_place_in_a_batch_is_said(service, known):
    mine = f"unknown-{uuid.uuid4().hex}"
    clients = [BODY, {"sk_id_curr": NOBODY}, {"sk_id_curr": next(iter(known))}, {"sk_id_curr": NOBODY + 1}]

    single = service.client.post("/predict", json={"sk_id_curr": NOBODY})
    batch = service.client.post("/predict_batch", json={"clients": clients}, headers={"x-request-id": mine})

    assert (single.status_code, batch.status_code) == (404, 404)
    assert [found["field"] for found in single.json()["errors"]] == ["sk_id_curr"]
    assert [found["field"] for found in batch.json()["errors"]] == [
        "clients[1].sk_id_curr",
        "clients[3].sk_id_curr",
    ]
    assert str(NOBODY) not in single.text
    assert recorded_under(service, mine) == 0


def test_a_number_that_was_unknown_leaves_its_idempotency_key_free(service, made, known):
    headers = {"idempotency-key": uuid.uuid4().hex}
    for _ in range(2):
        answer = service.client.post("/predict", json={"sk_id_curr": NOBODY}, headers=headers)
        assert answer.status_code == 404

    number = next(iter(known))
    answers = [
        service.client.post("/predict", json={"sk_id_curr": number}, headers=headers) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
