"""`python -m profiling peers`: equal answers, honest counts, and a page that says what was missed."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from decisions import HEADER, record
from uncovered import unmeasured_children

from profiling.bodies import NULLS, Bodies, make_bodies
from profiling.load import together
from profiling.measured import ALONE, BUSY, Measured, Round
from profiling.overload import Overload
from profiling.parts import parts_of
from profiling.peer_bench import Effort, PeersDisagree, compare
from profiling.running import serving
from profiling.serving_report import as_json, as_markdown, figures
from profiling.site import CONSTANT, ONNX, PLAIN, PRODUCT, USUAL, Site
from profiling.variant_bench import (
    DISPATCHER,
    VARIANTS,
    WITH_KEY,
    WITHOUT_JOURNAL,
    measure_variants,
)
from profiling.worker_bench import APART, ONE, TWO, measure_workers
from records.database import Database
from records.journal import Journal
from records.tables import predictions
from runners.bundle import Bundle
from tests.profiling.benches import FASTER, LOAD, SLOW, measured, serving_bench


@pytest.fixture(scope="module")
def bodies(made):
    return make_bodies(Bundle.open(made.bundle).schema, 16, 5, lambda _: None)


def test_bodies_have_every_feature_of_the_model_and_few_enough_nulls(bodies, made):
    schema = Bundle.open(made.bundle).schema
    read = [msgspec.json.decode(text) for text in bodies.texts]

    assert len(read) == 16
    assert all(set(schema.names[: schema.width]) <= set(body) for body in read)
    for body in read:
        assert NULLS[0] <= list(body.values()).count(None) / len(body) <= NULLS[1]


def test_the_product_and_its_peers_answer_alike_and_are_measured(bodies, made, tmp_path):
    effort = Effort(1, rounds=1, connections=(ALONE, BUSY))
    with unmeasured_children():
        found = compare(without_archivist(made, tmp_path), bodies, effort, lambda _: None)

    assert [one.name for one in found] == [PRODUCT, USUAL, ONNX, PLAIN, CONSTANT]
    for one in found:
        assert [load.connections for load in one.loads] == [1, 32]
        assert 0 < one.busy.client_cores < 2
        assert one.busy.answered > 10
        assert (one.busy.refused, one.busy.failed) == (0, 0)
        assert one.busy.p99_ms >= one.busy.p50_ms > 0
        assert one.cpu_us > 10


def test_the_product_is_measured_with_each_part_switched_off(bodies, made, tmp_path):
    site = without_archivist(made, tmp_path)
    effort = Effort(1, rounds=1, connections=(BUSY,))
    few = {name: VARIANTS[name] for name in (WITHOUT_JOURNAL, WITH_KEY, DISPATCHER)}

    with unmeasured_children():
        found = {one.name: one for one in measure_variants(site, bodies, effort, lambda _: None, few)}

    assert set(found) == set(few)
    for one in found.values():
        assert one.busy.answered > 10
        assert (one.busy.refused, one.busy.failed) == (0, 0)
    recording = [folder for folder in tmp_path.glob("octroi-*-*") if journal_bytes(folder) > HEADERS]
    assert len(recording) == len(few) - 1


@pytest.mark.parametrize("archivist", ["records.archiving", "profiling.variants.unprofiled_archivist"])
def test_without_profiles_decisions_are_in_the_database_all_the_same(archivist, made, tmp_path):
    journal = Journal(tmp_path / "journal", HEADER)
    journal.append([[record()]])
    journal.close()
    environment = {**made.environment, "OCTROI_DATA": str(tmp_path)}
    subprocess.run([sys.executable, "-m", archivist, "--once"], env=environment, check=True)

    with Database(f"sqlite:///{tmp_path / 'octroi.db'}") as database:
        assert len(database.rows(sa.select(predictions.c.seq))) == 1
    assert len(list((tmp_path / "profiles").glob("*.bin"))) == (archivist == "records.archiving")


def test_the_service_without_profiles_starts_that_archivist(made):
    told = "import profiling.variants.without_profiles, records.supervisor as one; print(one.ARCHIVE[-1])"
    done = subprocess.run(
        [sys.executable, "-c", told], env=made.environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["profiling.variants.unprofiled_archivist"]


def without_archivist(made, folder) -> Site:
    """Its service starts the sooner, and its records stay in the journal."""
    return Site(made.bundle, folder, {**made.environment, "OCTROI_ARCHIVE": "false"})


HEADERS = 100_000
"""A journal of headers alone is some kilobytes."""


def journal_bytes(folder) -> int:
    return sum(path.stat().st_size for path in (folder / "journal").glob("*.journal"))


SAYING = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = b'{"probability_default": %s}' % sys.argv[2].encode()
        self.send_response(200); self.send_header("content-length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"])); self.do_GET()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


@dataclass(frozen=True)
class Saying(Site):
    """Its product says 0.5 to everyone, and its peers something else."""

    peers: str

    def octroi(self, _workers=1):
        return self._saying("0.5")

    def peer(self, _name):
        return self._saying(self.peers)

    def _saying(self, probability):
        command = [sys.executable, "-c", SAYING, "PORT", probability]
        return serving(command, self.bundle, self.environment, "/", self._new("saying", ".log"))


@pytest.mark.parametrize("peers", ["0.5000001", "NaN"])
def test_who_answers_otherwise_is_not_compared(peers, tmp_path):
    site = Saying(tmp_path, tmp_path, os.environ, peers)

    with pytest.raises(PeersDisagree, match="differs from Octroi"):
        compare(site, Bodies((b"{}",), 0, 0.0), Effort(1), lambda _: None)


def test_each_part_of_a_decision_costs_something_and_sharing_a_batch_saves(bodies, made, tmp_path):
    alone, shared = parts_of(made.bundle, bodies.texts, [1, 16], tmp_path, 0.1)

    costs = [
        getattr(alone, part) for part in ("decode_us", "encode_us", "score_us", "journal_us", "answer_us")
    ]
    assert min(costs) > 0
    assert alone.total_us == pytest.approx(sum(costs))
    assert shared.journal_us < alone.journal_us
    assert shared.score_us < alone.score_us


def test_rounds_are_told_by_their_middle_and_no_failure_is_forgotten():
    loads = [
        replace(LOAD, answered=50_000, p99_ms=9.0),
        replace(LOAD, answered=1_000, p99_ms=5.0, failed=3),
        replace(LOAD, answered=60_000, p99_ms=7.0),
    ]
    measured = Measured.of("one", [Round((one,), us) for one, us in zip(loads, (1, 9, 2), strict=True)])

    assert (measured.busy.per_second, measured.busy.p99_ms, measured.cpu_us) == (10_000, 7.0, 2)
    assert measured.spread == pytest.approx((12_000 - 200) / 10_000)
    assert measured.busy.failed == 3


def test_what_two_workers_cost_is_measured_beside_two_services_apart(tmp_path):
    with unmeasured_children():
        found = measure_workers(Saying(tmp_path, tmp_path, os.environ, ""), [b"{}"], 1, lambda _: None, 1)

    assert [one.name for one in found] == [ONE, TWO, APART]
    assert [one.busy.connections for one in found] == [32, 32, 32]
    for one in found:
        assert one.busy.answered > 10
        assert (one.busy.refused, one.busy.failed) == (0, 0)
        assert one.cpu_us > 10


def test_clients_who_ask_at_the_same_time_are_counted_together():
    both = together([replace(LOAD, connections=16, refused=1), replace(SLOW, connections=16, failed=2)])

    assert (both.connections, both.answered, both.refused, both.failed) == (32, 51_000, 1, 2)
    assert (both.per_second, both.p50_ms, both.p99_ms) == (10_200, 30.0, 90.0)


WORKING_ON = """
import http.server, sys, threading, time
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        until = time.monotonic() + 0.8
        threading.Thread(target=lambda: [0 for _ in iter(lambda: time.monotonic() < until, False)]).start()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


def test_a_turn_is_over_when_the_server_has_nothing_left_to_do(tmp_path):
    command = [sys.executable, "-c", WORKING_ON, "PORT"]
    with serving(command, tmp_path, os.environ, "/", tmp_path / "log") as server:
        begun = server.cpu_seconds()
        server.wait_until_idle()
        spent = server.cpu_seconds() - begun
        time.sleep(0.3)
        assert server.cpu_seconds() - begun == pytest.approx(spent, abs=0.02)


LEAVING = """
import http.server, os, sys, tempfile
open("said", "w").write(tempfile.mkdtemp())
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def test_what_a_server_leaves_in_temporary_folders_goes_with_it(tmp_path):
    with serving([sys.executable, "-c", LEAVING, "PORT"], tmp_path, os.environ, "/", tmp_path / "log"):
        left = Path((tmp_path / "said").read_text())
        assert left.is_dir()

    assert not left.parent.exists()


def test_the_page_says_which_targets_hold_and_which_were_missed():
    good, bad = serving_bench(), serving_bench(overload=Overload(LOAD, SLOW, LOAD, LOAD))

    assert "missed" not in as_markdown(good)
    assert "| 3 times the clients: share of the peak: at least 0.8 | 0.02 | **missed** |" in as_markdown(bad)
    assert "| HTTP and the rest |  | 45 |" in as_markdown(good)
    assert "| Octroi | 10,000 | 3.0 ms | 5.0 ms | 3.00 ms | 120 µs |" in as_markdown(good)
    assert [one["holds"] for one in json.loads(as_json(bad))["targets"]].count(False) == 1
    assert f"| {WITHOUT_JOURNAL} | 12,000 | 120% | 4.0 ms | 90 µs | 3.00 ms |" in as_markdown(good)
    assert "| Octroi | 10,000, 5.0 ms | 10,000, 5.0 ms |" in as_markdown(good)
    assert "done another way; 5 s a round" in as_markdown(good)
    assert "spend 1.05 times what one alone spends on a request" in as_markdown(good)
    assert set(figures(good)) == {"serving-rates", "serving-load"}


def test_clients_who_are_too_slow_to_measure_with_are_told():
    quick = serving_bench()
    busy = replace(LOAD, client_cpu_seconds=4.5)
    slow = serving_bench(peers=[measured(PRODUCT, busy, 120.0, 0.04), *quick.peers[1:]])
    bound = serving_bench(peers=[*quick.peers[:-1], measured(CONSTANT, FASTER, 30.0, 0.04)])

    assert "40,000 requests/s of a server that answers a constant" in as_markdown(quick)
    assert "they are not what limits it" in as_markdown(quick)
    for one in (slow, bound):
        assert "**they may be what limits it.**" in as_markdown(one)


def test_a_machine_that_was_busy_with_something_else_is_said_and_a_quiet_one_is_not():
    assert "at most 40% between its rounds: **the machine was busy" in as_markdown(serving_bench(spread=0.4))
    assert "at most 5% between its rounds.\n" in as_markdown(serving_bench())
