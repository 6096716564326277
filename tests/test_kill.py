"""kill -9 of every process loses no answered decision, and counts none twice."""

import json
import sqlite3
import time

from serving import EXAMPLE, Service

from monitoring.profiles import profile_files
from monitoring.sketch import counts

BODY = json.loads(EXAMPLE.read_text())


def test_what_was_answered_before_a_kill_is_in_the_database_exactly_once_after_it(made, tmp_path):
    with Service({**made.environment, "OCTROI_WORKERS": "2"}, tmp_path) as service:
        service.wait_until_ready()
        answers = [
            service.client.post("/predict", json={**BODY, "sk_id_curr": i}).json() for i in range(1, 30)
        ]
        answers += service.client.post("/predict_batch", json={"clients": [BODY] * 5}).json()["decisions"]
        service.kill()
        service.restart()

        # The archivist is about half way when the service is killed again.
        answers += [service.client.post("/predict", json=BODY).json() for _ in range(20)]
        time.sleep(0.7)
        service.kill()
        service.restart()

        answers.append(service.client.post("/predict", json=BODY).json())
        # The other worker may be starting still.
        service.kill_starter()
        service.run("records", "archive", "--once")

        expected = {answer["decision_id"]: answer["probability_default"] for answer in answers}
        with sqlite3.connect(tmp_path / "var" / "octroi.db") as connection:
            rows = connection.execute("select decision_id, probability_default from predictions").fetchall()
        assert len(rows) == len(expected) == 55
        assert dict(rows) == expected
        profiled = [counts(file.path)["decision"] for file in profile_files(tmp_path / "var" / "profiles")]
        assert sum(profiled) == 55
