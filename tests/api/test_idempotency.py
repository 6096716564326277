"""A request that is sent again with its key is decided once."""

import asyncio
import contextlib
import json
import sqlite3
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from decisions import HEADER, record
from recorded import in_database
from serving import EXAMPLE, ROOT, Service

from api.answer import Answer
from api.archive import Archive
from api.body import Refused
from api.decided import Request
from api.recollection import Recollection
from api.repetition import Repetition
from api.reservations import Claim, Reservations
from api.visit import SINGLE, Visit
from credit.errors import DatabaseUnavailable, JournalUnavailable, Overloaded
from records.database import Database
from records.erasure import Places
from records.journal import Journal

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


class Desk:
    """Fails with each of *errors*, then answers; records first if *journal* is given."""

    def __init__(self, *errors, journal=None):
        self.errors = list(errors)
        self.journal = journal
        self.asked = []

    async def decide(self, request):
        self.asked.append(request.decision_ids)
        if self.journal:
            self.journal.append([[record(decision_id=request.decision_ids[0], sk_id_curr=None)]])
        if self.errors:
            raise self.errors.pop(0)
        return answer(request.decision_ids[0])


def answer(decision_id):
    return Answer(
        decision_id=decision_id,
        sk_id_curr=None,
        probability_default=0.5,
        probability_approval=0.5,
        prediction=1,
        decision="refuse",
        confidence=0.5,
        risk_level="HIGH",
        threshold=0.1,
        model_version="m",
        policy_version="p",
        warnings=(),
        inference_time_ms=1.0,
    )


def request():
    from api.application import Application

    visit = Visit("r", None, SINGLE, SINGLE)
    return Request.new([Application(None, (1.0,))], visit, CLAIM)


@pytest.fixture
def repetition(tmp_path):
    url = f"sqlite:///{tmp_path / 'octroi.db'}"
    Database(url, create=True).close()
    archive = Archive(url, Places(tmp_path / "journal", tmp_path / "profiles"))
    ours = Repetition(tmp_path / "idempotency", Recollection(tmp_path / "journal", archive))
    yield ours
    ours.close()
    archive.close()


def tried(repetition, desk, times):
    async def scenario():
        replies = []
        for _ in range(times):
            try:
                replies.append(await repetition.once(CLAIM, request(), desk.decide))
            except (JournalUnavailable, Overloaded, DatabaseUnavailable) as error:
                replies.append(type(error))
        return replies

    return asyncio.run(scenario())


def test_what_was_not_recorded_for_want_of_time_is_decided_anew(repetition):
    desk = Desk(Overloaded("too many"))

    refused, first, again = tried(repetition, desk, 3)

    assert refused is Overloaded
    assert first == again
    assert len(desk.asked) == 2


def test_what_failed_after_it_was_recorded_is_answered_from_the_record(repetition, tmp_path):
    desk = Desk(JournalUnavailable("sync failed"), journal=Journal(tmp_path / "journal", HEADER))

    failed, found, again = tried(repetition, desk, 3)

    assert failed is JournalUnavailable
    assert found == again
    assert (found.decision_id, found.probability_default) == (desk.asked[0][0], 0.03)
    assert [warning.rule for warning in found.warnings] == ["outside-training-range"]
    assert len(desk.asked) == 1


def test_what_failed_before_it_was_recorded_is_decided_under_the_same_id(repetition):
    desk = Desk(JournalUnavailable("no disk"))

    failed, first = tried(repetition, desk, 2)

    assert failed is JournalUnavailable
    assert desk.asked[0] == desk.asked[1] == (first.decision_id,)


def test_while_nobody_can_say_whether_it_was_recorded_nothing_is_decided(repetition, tmp_path):
    desk = Desk(JournalUnavailable("no disk"))
    tried(repetition, desk, 1)
    (tmp_path / "octroi.db").rename(tmp_path / "away.db")

    assert tried(repetition, desk, 1) == [DatabaseUnavailable]
    (tmp_path / "away.db").rename(tmp_path / "octroi.db")
    (found,) = tried(repetition, desk, 1)

    assert found.decision_id == desk.asked[0][0]


def test_a_client_that_leaves_does_not_stop_what_is_being_recorded(repetition):
    started, gate = asyncio.Event(), asyncio.Event()
    desk = Desk()

    async def slow(request):
        started.set()
        await gate.wait()
        return await desk.decide(request)

    async def scenario():
        leaving = asyncio.create_task(repetition.once(CLAIM, request(), slow))
        await started.wait()
        leaving.cancel()
        with pytest.raises(Refused) as caught:
            await repetition.once(CLAIM, request(), slow)
        gate.set()
        while True:
            with contextlib.suppress(Refused):
                return caught.value.status, await repetition.once(CLAIM, request(), slow)
            await asyncio.sleep(0.02)

    status, kept = asyncio.run(scenario())
    assert status == 409
    assert desk.asked == [(kept.decision_id,)]


def test_a_client_that_leaves_before_its_key_is_reserved_leaves_no_key_behind(repetition):
    desk = Desk()

    async def scenario():
        leaving = asyncio.create_task(repetition.once(CLAIM, request(), desk.decide))
        await asyncio.sleep(0)
        leaving.cancel()
        while True:
            with contextlib.suppress(Refused):
                return await repetition.once(CLAIM, request(), desk.decide)
            await asyncio.sleep(0.02)

    kept = asyncio.run(scenario())
    assert desk.asked == [(kept.decision_id,)]
