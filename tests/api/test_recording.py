"""What was answered is recorded as it was answered, and profiled."""

import json
import time
import uuid

from recorded import in_database, recorded_under
from serving import EXAMPLE

from monitoring.profiles import profile_files

BODY = json.loads(EXAMPLE.read_text())
FOLLOWED = {"x-request-id": "mine-and-yours", "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}


def test_an_answer_is_in_the_database_within_five_seconds_as_it_was_answered(service):
    answer = service.client.post("/predict", json={**BODY, "sk_id_curr": 100_001}, headers=FOLLOWED).json()

    row = in_database(service, answer["decision_id"])

    assert row["probability_default"] == answer["probability_default"]
    assert (row["decision"], row["prediction"]) == (answer["decision"], answer["prediction"])
    assert (row["sk_id_curr"], row["amt_credit"]) == (100_001, float(BODY["AMT_CREDIT"]))
    assert (row["request_id"], row["route"]) == ("mine-and-yours", "/predict")
    assert row["trace_id"] == FOLLOWED["traceparent"].split("-")[1]
    assert json.loads(row["warnings"]) == answer["warnings"]


def test_two_requests_with_one_id_are_two_decisions(service):
    headers = {"x-request-id": f"twice-{uuid.uuid4().hex}"}
    for _ in range(2):
        service.client.post("/predict", json=BODY, headers=headers)

    assert recorded_under(service, headers["x-request-id"]) == 2


def test_an_answer_is_in_a_profile_within_the_minute(service):
    decision = service.client.post("/predict", json=BODY).json()["decision_id"]
    seq = in_database(service, decision)["seq"]
    profiles = service.folder / "var" / "profiles"
    deadline = time.monotonic() + 60

    while not any(file.first <= seq <= file.last for file in profile_files(profiles)):
        assert time.monotonic() < deadline, "in no profile within the minute"
        time.sleep(0.5)
