"""Through kill -9, outages and a full disk: every answered decision is recorded once, as it was answered.

`make chaos` runs the same for longer: OCTROI_CHAOS=long.
"""

import os
import random
import time
from contextlib import suppress

import psutil
import sqlalchemy as sa
from crowd_of_clients import BODY, Crowd
from postgres_server import PostgresServer
from proving import LONG, assert_proved, recorded, sqlite_of, tell, wait_for_more, wait_until_archived
from serving import Service

from records.database import Database
from records.tables import anomalies

KILLS = 30 if LONG else 3
OUTAGE_S = 60.0 if LONG else 2.0
CONNECTIONS = 32 if LONG else 8
LEAVER = 10**6
"""A client whose data are erased meanwhile; none of the crowd's numbers."""


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

        expected = {answer["decision_id"]: answer["probability_default"] for answer in answers}
        assert len(expected) == 55
        assert_proved(service, sqlite_of(service), expected)
        assert recorded(sqlite_of(service)) == expected


def test_kills_of_workers_and_archivists_under_load_and_an_erasure_lose_nothing(made, tmp_path):
    draw = random.Random(os.urandom(8))
    killed = {"worker": 0, "archivist": 0}
    with Service({**made.environment, "OCTROI_WORKERS": "2"}, tmp_path) as service:
        service.wait_until_ready()
        leaver = service.client.post("/predict", json={**BODY, "sk_id_curr": LEAVER}).json()
        wait_until_archived(sqlite_of(service), 1)
        with Crowd(service.port, CONNECTIONS) as crowd:
            erasure = service.begin("records", "erase", "--client", str(LEAVER))
            for number in range(KILLS):
                time.sleep(draw.uniform(0.2, 2.0))
                kind = "archivist" if number % 2 else "worker"
                killed[kind] += kill_one(service, kind, draw)
            answered = len(crowd.answers)
            service.wait_until_ready()
            wait_for_more(crowd, answered)
            assert erasure.wait() == 0
        service.stop()

        assert killed["worker"] >= KILLS // 2
        assert killed["archivist"] >= KILLS // 2
        assert set(crowd.statuses) <= {200, 503}
        answers = crowd.answers | {leaver["decision_id"]: leaver["probability_default"]}
        assert_proved(service, sqlite_of(service), answers, erased=1)
        tell("kills", killed, crowd)


def test_decisions_go_on_while_postgresql_is_away_and_nothing_is_lost(made, tmp_path):
    with PostgresServer() as server:
        environment = {**made.environment, "DATABASE_URL": server.url}
        with Service(environment, tmp_path) as service:
            service.wait_until_ready()
            with Crowd(service.port, CONNECTIONS) as crowd:
                wait_for_more(crowd, 20)
                # Whoever is to notice that the database goes away must have reached it.
                wait_until_archived(server.url, 1)
                server.stop()
                time.sleep(OUTAGE_S)
                wait_for_more(crowd, len(crowd.answers))
                server.start()
                wait_until_archived(server.url, len(crowd.answers))
            service.stop()

            assert (set(crowd.statuses), crowd.broken) == ({200}, 0)
            assert_proved(service, server.url, crowd.answers)
        with Database(server.url) as database:
            kinds = {kind for (kind,) in database.rows(sa.select(anomalies.c.kind))}
        assert "database_outage" in kinds
        tell("outage", {"seconds": OUTAGE_S}, crowd)


def kill_one(service: Service, kind: str, draw: random.Random) -> int:
    """kill -9 of a worker, or of the archivist, as soon as there is one."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        there = [process for process in service.processes() if is_a(kind, process)]
        if there:
            with suppress(psutil.NoSuchProcess):
                draw.choice(there).kill()
                return 1
        time.sleep(0.05)
    return 0


def is_a(kind: str, process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        words = process.cmdline()
        return ("--worker-id" in words) if kind == "worker" else ("archive" in words)
    return False
