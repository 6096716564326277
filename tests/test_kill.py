"""kill -9 of every process loses no answered decision, and counts none twice."""

import json
import sqlite3
import time

import pytest
from serving import EXAMPLE, Service

from monitoring.profiles import profile_files
from monitoring.sketch import counts

BODY = json.loads(EXAMPLE.read_text())


@pytest.mark.parametrize("wait_s", [0.0, 0.7])
def test_what_was_answered_before_a_kill_is_in_the_database_exactly_once_after_it(made, tmp_path, wait_s):
    with Service({**made.environment, "OCTROI_WORKERS": "2"}, tmp_path) as service:
        service.wait_until_ready()
        answers = [
            service.client.post("/predict", json={**BODY, "sk_id_curr": i}).json() for i in range(1, 30)
        ]
        batch = service.client.post("/predict_batch", json={"clients": [BODY] * 5}).json()
        time.sleep(wait_s)

        service.kill()
        service.restart()
        answers += [service.client.post("/predict", json=BODY).json(), *batch["decisions"]]
        service.stop()

        expected = {answer["decision_id"]: answer["probability_default"] for answer in answers}
        with sqlite3.connect(tmp_path / "var" / "octroi.db") as connection:
            rows = connection.execute("select decision_id, probability_default from predictions").fetchall()
        assert len(rows) == len(expected) == 35
        assert dict(rows) == expected
        profiled = [counts(file.path)["decision"] for file in profile_files(tmp_path / "var" / "profiles")]
        assert sum(profiled) == 35
