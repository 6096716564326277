"""Each light is green, amber or red for a reason, and says what to do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from decisions import HEADER, record

from dashboard import checks
from dashboard.answer import Answer, ask
from dashboard.light import Level
from dashboard.speech import Language, Speech
from dashboard.visit import Visit
from records.drift_log import KeptReport
from records.journal import Journal
from settings import Settings

SPEECH = Speech(Language.ENGLISH)


def visit(folder, **settings):
    return Visit(Settings(data=folder, **settings), SPEECH, {})


@contextmanager
def service(answers: dict[str, tuple[int, object]]) -> Iterator[str]:
    """A server that gives *answers* by path, as the service would; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers[self.path]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def info(*, holds: bool) -> dict[str, object]:
    certificate = {"holds": holds, "rows": 100_000, "max_difference": 1.1e-16, "flips": 0}
    return {"model_version": "octroi-credit:abc", "model_sha256": "abc", "certificate": certificate}


def test_a_ready_service_with_a_certified_model_is_green():
    answers = {
        "/health": (200, {"model_version": "octroi-credit:abc"}),
        "/model-info": (200, info(holds=True)),
    }
    with service(answers) as url:
        answer = ask(url, None)

    light = checks.model(SPEECH, answer, None)
    assert answer.is_there
    assert light.level is Level.GREEN
    assert "100,000 rows, largest difference 1.1e-16, 0 decisions flipped" in light.fact


def test_a_certificate_that_does_not_hold_is_red():
    answers = {
        "/health": (200, {"model_version": "octroi-credit:abc"}),
        "/model-info": (200, info(holds=False)),
    }
    with service(answers) as url:
        light = checks.model(SPEECH, ask(url, None), None)

    assert light.level is Level.RED
    assert "python -m conversion convert" in light.advice


def test_a_service_that_tells_its_model_to_a_key_alone_is_still_ready(tmp_path):
    answers = {"/health": (200, {"model_version": "octroi-credit:abc"}), "/model-info": (401, {})}
    with service(answers) as url:
        answer = ask(url, None)

    assert checks.service(visit(tmp_path), answer).level is Level.GREEN
    light = checks.model(SPEECH, answer, None)
    assert (light.level, "API_KEY" in light.advice) == (Level.GREEN, True)


def test_a_service_that_is_not_ready_is_red_and_says_why(tmp_path):
    with service({"/health": (503, {"detail": "no certificate"})}) as url:
        light = checks.service(visit(tmp_path), ask(url, None))

    assert light.level is Level.RED
    assert "no certificate" in light.fact


def test_what_answers_but_is_no_service_is_not_taken_for_one():
    with service({"/health": (200, ["something else"])}) as url:
        assert ask(url, None) == Answer()


def report(**changes: object) -> KeptReport:
    values = {"made_at_us": 1, "since_us": 0, "until_us": 1, "model_sha256": "a" * 64, "decisions": 900}
    return KeptReport(**{"id": 1, **values, "features": 125, "drifted": 0, "alert": False, **changes})


@pytest.mark.parametrize(
    ("reports", "level", "words"),
    [
        ([], Level.AMBER, "No drift report yet"),
        ([report()], Level.GREEN, "No drift."),
        ([report(drifted=1)], Level.GREEN, "Some drift, no alarm. 1 of 125"),
        ([report(drifted=40, alert=True)], Level.RED, "Alert. 40 of 125"),
        ([report(decisions=12, features=0)], Level.AMBER, "12 decisions, too few"),
    ],
)
def test_the_last_drift_report_decides_the_light(reports, level, words):
    light = checks.drift(SPEECH, reports)

    assert (light.level, words in light.fact) == (level, True)


def test_a_journal_that_nobody_fetches_turns_amber(tmp_path, monkeypatch):
    own = visit(tmp_path)
    assert checks.backlog(own).level is Level.AMBER

    journal = Journal(own.settings.journal, HEADER)
    journal.append([[record()]])
    assert checks.backlog(own).level is Level.GREEN

    monkeypatch.setattr(checks, "MUCH_WAITING", 100)
    light = checks.backlog(own)
    journal.close()
    assert light.level is Level.AMBER
    assert "records archive" in light.advice

    monkeypatch.setattr(checks, "VERY_MUCH_WAITING", 100)
    assert checks.backlog(own).level is Level.RED


def test_a_disk_that_fills_turns_amber_and_then_red(tmp_path, monkeypatch):
    assert "free of" in checks.disk(visit(tmp_path / "not" / "made" / "yet")).fact

    monkeypatch.setattr(checks, "LITTLE_ROOM", 1.0)
    monkeypatch.setattr(checks, "VERY_LITTLE_ROOM", 0.0)
    assert checks.disk(visit(tmp_path)).level is Level.AMBER

    monkeypatch.setattr(checks, "VERY_LITTLE_ROOM", 1.0)
    assert checks.disk(visit(tmp_path)).level is Level.RED
