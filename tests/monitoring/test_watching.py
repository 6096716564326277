"""Who watches is told of drift and of outcomes that differ, and of nothing else."""

import dataclasses
import json
import socket
import sqlite3
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from lender import POLICY, clients, reference, window
from watched import DAY_US, Watched, changed, rows_of, run

from monitoring.drift.report import compare
from monitoring.drift.verdict import Reason
from monitoring.drift.window import Window
from monitoring.reporting.alarm import Alarm
from monitoring.reporting.document import About, Document
from monitoring.reporting.webhook import message, notify
from monitoring.trial.induced import Scale

WORSE = Scale(("AMT_CREDIT",), 1.4)


class Hook(BaseHTTPRequestHandler):
    """Somebody who is told of alerts."""

    heard: list[dict]
    statuses: list[int]
    """What it answers next, 204 when there is none."""

    def do_POST(self) -> None:
        self.heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(self.statuses.pop(0) if self.statuses else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not on the terminal."""


@pytest.fixture
def hook():
    Hook.heard, Hook.statuses = [], []
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


def document(day: int = 0) -> Document:
    """A report on worse clients, or on another day."""
    trained = reference(2000)
    columns = changed(clients(800, 28), WORSE)
    found = compare(trained, Window.of_training(trained), window(trained, columns), POLICY)
    about = About(
        made_at_us=1,
        since_us=1,
        until_us=2 + day * DAY_US,
        model_version="octroi-credit:0123456789ab",
        model_sha256="0" * 64,
        policy_version="default",
        against="training",
        source="database",
    )
    return Document(about, found)


class Notebook:
    """A diary that remembers."""

    def __init__(self) -> None:
        self.written: dict[str, str] = {}

    def told(self, keys: list[str]) -> set[str]:
        return self.written.keys() & keys

    def tell(self, _: int, alerts: Mapping[str, str]) -> None:
        self.written |= alerts


def test_what_the_webhook_refused_is_sent_again_even_by_the_next_process_and_told_once(hook, tmp_path):
    notebook = Notebook()
    Hook.statuses = [500, 503]

    for _ in range(5):
        Alarm(hook, tmp_path).raise_for(document(), notebook)

    assert len(Hook.heard) == 3
    assert len({heard["text"] for heard in Hook.heard}) == 1
    assert len(notebook.written) == 1
    assert list(tmp_path.iterdir()) == []


def test_another_day_is_told_again_and_the_same_feature_by_another_reason_is_not(hook, tmp_path):
    alarm, notebook = Alarm(hook, tmp_path), Notebook()
    first = document()
    more = dataclasses.replace(
        first.comparison.features[1], reasons=(Reason.VALUES, Reason.MISSING), name="AMT_CREDIT"
    )
    worse = dataclasses.replace(
        first,
        comparison=dataclasses.replace(first.comparison, features=(more, *first.comparison.features[2:])),
    )

    for one in (first, worse, document(day=1)):
        alarm.raise_for(one, notebook)

    assert [one.comparison.alerts[0].feature for one in (first, worse)] == ["AMT_CREDIT"] * 2
    assert len(notebook.written) == len(Hook.heard) == 2


@pytest.mark.parametrize("now_and_then", [b"", b"a"])
def test_a_webhook_that_hangs_is_given_up_even_if_it_says_something_now_and_then(now_and_then):
    def answer() -> None:
        with suppress(OSError), server.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
            while not heard.wait(0.05):
                connection.sendall(now_and_then)

    heard = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        reason = notify(f"http://127.0.0.1:{server.getsockname()[1]}/", message(document()), 0.3)
        heard.set()
        thread.join()

    assert reason == "TimeoutError"


def test_watching_keeps_the_last_reports_and_those_that_somebody_asked_for(watched):
    watched.decide(clients(60, 29))
    watched.reports.mkdir()
    asked_for = ["drift_20260101T000000Z_0123456789ab_previous.json", "outcomes_20260101T000000Z_x.json"]
    routine = [
        f"drift_202601{day:02}T00{minute:02}00Z_0123456789ab_training"
        for day in range(1, 9)
        for minute in range(26)
    ]
    kept = [f"{routine[0]}_calm.html", *asked_for]
    names = [f"{name}.{kind}" for name in routine for kind in ("json", "html")]
    for name in [*names, f"{routine[0]}_evidently.html", *kept]:
        (watched.reports / name).write_text("{}")

    run("watch", "--once")

    there = {path.name for path in watched.reports.iterdir()}
    (new,) = {name for name in there if name.startswith("drift_") and name.endswith("json")} - {*names, *kept}
    expected = {f"{name}.{kind}" for name in routine[-199:] for kind in ("json", "html")}
    assert there == expected | {new, new.replace("json", "html"), "latest.json", *kept}


def test_reports_that_cannot_be_written_keep_nobody_from_hearing_of_drift(watched, hook):
    watched.decide(changed(clients(800, 28), WORSE))
    watched.reports.write_text("where reports should go")

    output = run("watch", "--once", "--webhook", hook, status=1)

    assert "reports" in output
    assert [heard["drifted"] for heard in Hook.heard] == [["AMT_CREDIT", "PAYMENT_RATE"]]
    assert rows_of(watched, "select alert from drift_reports") == [(1,)]


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
