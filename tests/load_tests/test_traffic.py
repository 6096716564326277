"""Traffic reaches a real service, tagged, drifted as asked for, and whole files come back in order."""

import contextlib
import http.server
import json
import sqlite3
import threading
import time

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from load_tests.__main__ import door


def run(*arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(door, arguments)
    assert done.exit_code == status, done.output
    return done.output


def recorded(service, scenario: str, count: int) -> list[tuple[float, float]]:
    """Credit and probability of the decisions of *scenario*, once there are *count*."""
    query = "select amt_credit, probability_default from predictions where scenario = ? order by amt_credit"
    deadline, rows = time.monotonic() + 30, []
    while time.monotonic() < deadline:
        # Until the archivist made them, there are no tables, or no file.
        with (
            contextlib.suppress(sqlite3.OperationalError),
            sqlite3.connect(f"file:{service.folder / 'var' / 'octroi.db'}?mode=ro", uri=True) as connection,
        ):
            rows = connection.execute(query, (scenario,)).fetchall()
        if len(rows) == count:
            return rows
        time.sleep(0.2)
    raise AssertionError(f"{len(rows)} decisions of {scenario} were recorded, not {count}")


def url_of(service) -> str:
    return f"http://127.0.0.1:{service.port}"


def test_drifted_traffic_is_recorded_under_its_tag(service, made):
    common = ("traffic", "--num-predictions", "40", "--clients", str(made.features), "--url", url_of(service))

    output = run(*common, "--tag", "calm")
    run(*common, "--tag", "dear", "--drift", "larger-credits", "--concurrency", "3")
    run(*common, "--tag", "half", "--drift", "larger-credits", "--drift-prob", "0.5", "--seed", "4")

    calm, dear, half = (
        np.array([credit for credit, _ in recorded(service, tag, 40)]) for tag in ("calm", "dear", "half")
    )
    assert dear == pytest.approx(1.5 * calm)
    assert calm.sum() < half.sum() < dear.sum()
    assert "answered 200" in output
    assert "latency p95" in output


def test_a_whole_file_is_decided_in_its_order(service, made, tmp_path):
    table = pq.read_table(made.features).slice(0, 60)
    pq.write_table(table, tmp_path / "clients.parquet")
    common = ("dataset", str(tmp_path / "clients.parquet"), "--url", url_of(service), "--tag", "file")

    run(*common, "--out", str(tmp_path / "one.parquet"), "--concurrency", "5")
    run(*common, "--out", str(tmp_path / "many.csv"), "--batch", "25")

    one = pq.read_table(tmp_path / "one.parquet")
    many = pyarrow.csv.read_csv(tmp_path / "many.csv")
    assert one["SK_ID_CURR"].to_pylist() == table["SK_ID_CURR"].to_pylist()
    assert one["probability_default"].to_pylist() == many["probability_default"].to_pylist()
    assert one["probability_default"].to_numpy() == pytest.approx(offline(made, table), abs=1e-9)
    assert len(set(one["decision_id"].to_pylist())) == 60
    assert set(one["decision"].to_pylist()) <= {"approve", "refuse"}


def offline(made, table) -> np.ndarray:
    """The probabilities without any service."""
    from features.encoder import Encoder
    from features.schema import FeatureSchema
    from runners.bundle import Bundle
    from runners.onnx import OnnxScorer

    schema = FeatureSchema.read(made.bundle / "schema.json")
    columns = {
        feature.name: np.array(table[feature.name].to_pylist(), dtype=object)
        if feature.is_category
        else table[feature.name].to_numpy()
        for feature in schema.used
    }
    scorer = OnnxScorer(Bundle.open(made.bundle).certified_onnx())
    return scorer.score(Encoder(schema).encode_columns(columns))


def test_clients_are_made_up_when_no_file_is_named(service):
    run("traffic", "--num-predictions", "5", "--tag", "fresh", "--url", url_of(service), "--delay", "0.01")

    assert len(recorded(service, "fresh", 5)) == 5


def test_a_tag_the_service_refuses_ends_with_status_1(service, made):
    output = run(
        *("traffic", "--num-predictions", "3", "--clients", str(made.features), "--tag", "no/name"),
        *("--url", url_of(service)),
        status=1,
    )

    assert "400" in output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("traffic", "--url", "http://127.0.0.1:9"), "no service answers at http://127.0.0.1:9"),
        (("traffic", "--url", "nonsense"), "nonsense"),
    ],
)
def test_where_no_service_is_one_sentence_says_so(arguments, sentence):
    output = run(*arguments, status=1)

    assert sentence in output
    assert "Traceback" not in output


def test_files_that_are_none_are_refused(service, tmp_path):
    (tmp_path / "text.parquet").write_text("no table")

    assert "neither a .parquet nor a .csv" in run(
        "dataset", str(tmp_path / "text.parquet"), "--out", str(tmp_path / "x.json"), status=1
    )
    assert "is not a features file" in run(
        "dataset",
        str(tmp_path / "text.parquet"),
        "--url",
        url_of(service),
        "--out",
        str(tmp_path / "x.csv"),
        status=1,
    )


ANSWER = {
    **dict.fromkeys(("decision_id", "decision", "risk_level", "model_version", "policy_version"), "x"),
    "probability_default": 0.1,
    "prediction": 0,
    "threshold": 0.1,
}


class Busy(http.server.BaseHTTPRequestHandler):
    """A service that is at its limit every other time, and refuses one client."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self) -> None:
        self.answer(200, {"accepted_features": ["AMT_CREDIT", "AMT_ANNUITY", "DAYS_BIRTH"]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        Busy.asked += 1
        if body.get("sk_id_curr") == 100_003:
            self.answer(422, {})
        elif Busy.asked % 2:
            self.answer(429, {})
        else:
            self.answer(200, ANSWER)

    def answer(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.send_header("retry-after", "0")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Not on the terminal."""


@pytest.fixture
def busy():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_service_at_its_limit_is_asked_again_and_a_refused_client_has_an_empty_row(busy, made, tmp_path):
    table = pq.read_table(made.features).slice(0, 6)
    pq.write_table(table, tmp_path / "clients.parquet")

    output = run(
        *("dataset", str(tmp_path / "clients.parquet"), "--url", busy, "--concurrency", "1"),
        *("--out", str(tmp_path / "out.csv")),
        status=1,
    )

    assert "1 clients were refused" in output
    found = pyarrow.csv.read_csv(tmp_path / "out.csv")
    assert found["SK_ID_CURR"].to_pylist() == table["SK_ID_CURR"].to_pylist()
    refused = found["SK_ID_CURR"].to_pylist().index(100_003)
    assert [value is None for value in found["probability_default"].to_pylist()] == [
        position == refused for position in range(6)
    ]
