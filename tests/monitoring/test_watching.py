"""Who watches is told of drift and of outcomes that differ, and of nothing else."""

import json
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from lender import clients
from watched import Watched, changed, rows_of, run

from monitoring.trial.induced import Scale

WORSE = Scale(("AMT_CREDIT",), 1.4)


class Hook(BaseHTTPRequestHandler):
    """Somebody who is told of alerts."""

    heard: list[dict]

    def do_POST(self) -> None:
        self.heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not on the terminal."""


@pytest.fixture
def hook():
    Hook.heard = []
    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()
    thread.join()


def test_watching_alerts_in_the_database_and_at_the_webhook_once_a_day(watched, hook, monkeypatch):
    watched.decide(changed(clients(800, 28), WORSE))

    monkeypatch.setenv("OCTROI_WEBHOOK", hook)
    for _ in range(2):
        run("watch", "--once")

    message = "AMT_CREDIT, an important feature, drifted: values"
    assert rows_of(watched, "select kind, detail from anomalies where kind = 'drift'") == [("drift", message)]
    assert [heard["drifted"] for heard in Hook.heard] == [["AMT_CREDIT", "PAYMENT_RATE"]]
    assert Hook.heard[0]["text"].endswith(message)
    assert rows_of(watched, "select count(*) from drift_reports") == [(2,)]


def test_watching_without_drift_alerts_nobody(watched, hook):
    watched.decide(clients(800, 29))

    run("watch", "--once", "--webhook", hook)

    assert Hook.heard == []
    assert rows_of(watched, "select count(*) from anomalies where kind = 'drift'") == [(0,)]
    assert rows_of(watched, "select count(*) from drift_reports") == [(1,)]


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "no address"])
def test_a_webhook_that_does_not_answer_costs_no_report(watched, address):
    watched.decide(changed(clients(300, 30), WORSE))

    run("watch", "--once", "--webhook", address)

    assert rows_of(watched, "select alert from drift_reports") == [(1,)]
    assert rows_of(watched, "select count(*) from anomalies where kind = 'drift'") == [(1,)]


def test_watching_once_without_a_database_fails_and_says_why(watched):
    assert "there is no database" in run("watch", "--once", status=1)
    assert "'often' is no duration" in run("watch", "--every", "often", status=1)


def became(watched: Watched, odds: float) -> None:
    """Let it be known what became of every approved loan: *odds* times the defaults that were expected."""
    rng = np.random.default_rng(5)
    with sqlite3.connect(watched.folder / "var" / "octroi.db") as connection:
        approved = connection.execute(
            "select decision_id, probability_default from predictions where decision = 'approve'"
        ).fetchall()
        connection.executemany(
            "insert into outcomes (decision_id, defaulted, observed_on, recorded_at_us) values (?, ?, ?, 0)",
            [(key, bool(rng.random() < odds * p), "2026-11-01") for key, p in approved],
        )


@pytest.mark.parametrize(("odds", "status"), [(1.0, 0), (1.8, 3)])
def test_outcomes_far_from_what_was_expected_are_concept_drift(watched, odds, status):
    watched.decide(clients(3000, 40), days_ago=200)
    became(watched, odds)

    output = run("outcomes", status=status)

    (path,) = watched.reports.glob("outcomes_*.json")
    report = json.loads(path.read_bytes())
    assert report["concept_drift"] == (status == 3)
    (cohort,) = report["cohorts"]
    assert cohort["loans"] == 3000
    assert str(path.name)[:9] in output.replace("\n", "")
    assert cohort["default_rate"]["value"] == pytest.approx(
        odds * cohort["default_rate"]["expected"], rel=0.2
    )


def test_outcomes_nobody_knows_yet_are_not_enough(watched):
    watched.decide(clients(300, 41))

    run("outcomes", status=4)
    became(watched, 1.0)
    with sqlite3.connect(watched.folder / "var" / "octroi.db") as connection:
        connection.execute("delete from outcomes where rowid > 20")
    assert "too few loans" in run("outcomes", status=4)
