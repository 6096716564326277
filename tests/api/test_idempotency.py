"""A request that is sent again with its key is decided once."""

import contextlib
import json
import sqlite3
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from recorded import in_database
from serving import EXAMPLE, ROOT, Service

from api.body import Refused
from api.reservations import Claim, Reservations
from api.visit import SINGLE

BODY = json.loads(EXAMPLE.read_text())


def keyed(key=None):
    return {"idempotency-key": key or uuid.uuid4().hex}


def times_recorded(folder, decision_id):
    with contextlib.closing(sqlite3.connect(folder / "var" / "octroi.db")) as connection:
        query = "select count(*) from predictions where decision_id = ?"
        return connection.execute(query, (decision_id,)).fetchone()[0]


@pytest.mark.parametrize("path", ["/predict", "/predict_batch"])
def test_the_same_request_again_gets_the_same_answer_and_one_record(service, path):
    one = {**BODY, "sk_id_curr": 77}
    body = one if path == "/predict" else {"clients": [one, BODY]}
    headers = keyed()
    before = decisions_counted(service)

    first = service.client.post(path, json=body, headers=headers)
    again = service.client.post(path, json=body, headers=headers)
    other = service.client.post(path, json=body, headers=keyed())

    assert first.status_code == 200
    assert again.content == first.content
    assert other.content != first.content
    decisions = first.json().get("decisions", [first.json()])
    for decision in decisions:
        in_database(service, decision["decision_id"])
        assert times_recorded(service.folder, decision["decision_id"]) == 1
    assert decisions_counted(service) == before + 2 * len(decisions)


def decisions_counted(service):
    lines = service.client.get("/metrics").text.splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith("octroi_decisions_total"))


def test_no_client_number_is_kept_with_an_answer(service):
    service.client.post("/predict", json={**BODY, "sk_id_curr": 123454321}, headers=keyed())

    kept = b"".join(path.read_bytes() for path in (service.folder / "var" / "idempotency").glob("keys.db*"))

    assert b"probability_default" in kept
    assert b"123454321" not in kept


def test_a_key_that_came_with_another_request_is_refused(service):
    headers = keyed()
    service.client.post("/predict", json=BODY, headers=headers).raise_for_status()

    other_body = service.client.post("/predict", json={**BODY, "CNT_CHILDREN": 1}, headers=headers)
    other_route = service.client.post("/predict_batch", json={"clients": [BODY]}, headers=headers)

    assert (other_body.status_code, other_route.status_code) == (422, 422)
    assert "take a new one" in other_body.json()["detail"]
    assert other_body.headers["content-type"] == "application/problem+json"


def test_a_request_that_was_refused_leaves_its_key_free(service):
    headers = keyed()
    refused = service.client.post("/predict", json={**BODY, "AMT_CREDIT": -1}, headers=headers)

    assert refused.status_code == 422
    assert service.client.post("/predict", json=BODY, headers=headers).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "é"])
def test_a_key_that_cannot_be_kept_is_refused(service, key):
    refused = service.client.post("/predict", json=BODY, headers={"idempotency-key": key.encode()})

    assert refused.status_code == 400
    assert "Idempotency-Key takes 1 to 255" in refused.json()["detail"]


def test_across_workers_and_kills_a_key_is_decided_once(made, tmp_path):
    with Service({**made.environment, "OCTROI_WORKERS": "2"}, tmp_path) as service:
        service.wait_until_ready()
        keys = [keyed() for _ in range(6)]

        def ask(headers):
            return patient(service, {**BODY, "sk_id_curr": 9}, headers)

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(ask, keys * 4))
        service.kill()
        forget_answers(tmp_path)
        service.restart()
        after = [ask(headers) for headers in keys]
        service.stop()

    for i, answer in enumerate(after):
        assert {one["decision_id"] for one in answers[i::6]} == {answer["decision_id"]}
        assert {one["probability_default"] for one in answers[i::6]} == {answer["probability_default"]}
        assert answer["sk_id_curr"] == 9
        assert times_recorded(tmp_path, answer["decision_id"]) == 1
    with contextlib.closing(sqlite3.connect(tmp_path / "var" / "octroi.db")) as connection:
        assert connection.execute("select count(*) from predictions").fetchone()[0] == len(keys)


def patient(service, body, headers):
    """The answer, asked for again while the first request runs or nothing can be said."""
    while True:
        response = service.client.post("/predict", json=body, headers=headers)
        if response.status_code == 200:
            return response.json()
        assert response.status_code in {409, 503}, response.text


def forget_answers(folder):
    """As if the kill had come between the record and the keeping of its answer."""
    with contextlib.closing(sqlite3.connect(folder / "var" / "idempotency" / "keys.db")) as connection:
        assert connection.execute("update reservations set answer = null").rowcount == 6
        connection.commit()


CLAIM = Claim.of(b"k", None, SINGLE, b"{}")


def test_a_key_whose_process_lives_still_runs_and_is_inherited_when_it_died(tmp_path):
    script = (
        "import sys; from pathlib import Path; from api.reservations import Claim, Reservations;"
        "Reservations(Path(sys.argv[1])).reserve(Claim.of(b'k', None, '/predict', b'{}'), ('the-id',));"
        "print('taken', flush=True); sys.stdin.read()"
    )
    ours = Reservations(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdin=-1, stdout=-1
    ) as other:
        assert other.stdout.readline() == b"taken\n"
        with pytest.raises(Refused) as caught:
            ours.reserve(CLAIM, ("mine",))
        other.kill()
        other.wait()

        inherited = ours.reserve(CLAIM, ("mine",))

    assert caught.value.status == 409
    assert dict(caught.value.headers) == {b"retry-after": b"1"}
    assert (inherited.decision_ids, inherited.is_inherited) == (("the-id",), True)
    with pytest.raises(Refused):
        ours.reserve(CLAIM, ("mine",))
    ours.close()


def test_a_key_is_free_again_after_a_day(tmp_path):
    ours = Reservations(tmp_path)
    ours.reserve(CLAIM, ("first",))
    with contextlib.closing(sqlite3.connect(tmp_path / "keys.db")) as connection:
        connection.execute("update reservations set reserved_at_s = reserved_at_s - 86402")
        connection.commit()

    assert ours.reserve(CLAIM, ("second",)).decision_ids == ("second",)
    ours.close()


def test_keys_of_two_clients_never_meet():
    assert Claim.of(b"k", "till", SINGLE, b"").key != Claim.of(b"k", "audit", SINGLE, b"").key
    assert Claim.of(b"lk", "til", SINGLE, b"").key != Claim.of(b"k", "till", SINGLE, b"").key
    assert (
        Claim.of(b"k", "till", SINGLE, b"a").fingerprint != Claim.of(b"k", "till", SINGLE, b"b").fingerprint
    )
