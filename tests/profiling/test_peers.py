"""`python -m profiling peers`: equal answers, honest counts, and a page that says what was missed."""

import asyncio
import json
import os
import sys
import threading
from dataclasses import replace

import msgspec
import pytest
import sqlalchemy as sa

from profiling.bodies import NULLS, make_bodies
from profiling.crowd import Plan, load_by_crowd
from profiling.overload import Overload
from profiling.parts import parts_of
from profiling.peer_bench import (
    ALONE,
    BUSY,
    CONSTANT,
    ONNX,
    PLAIN,
    PRODUCT,
    USUAL,
    Effort,
    PeersDisagree,
    Site,
    compare,
)
from profiling.running import serving
from profiling.serving_report import as_json, as_markdown, figures
from profiling.variant_bench import (
    DISPATCHER,
    VARIANTS,
    WITH_KEY,
    WITHOUT_JOURNAL,
    measure_variants,
)
from records.database import Database
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
    found = compare(Site(made.bundle, tmp_path, made.environment), bodies, effort, lambda _: None)

    assert [one.name for one in found] == [PRODUCT, USUAL, ONNX, PLAIN, CONSTANT]
    for one in found:
        assert [load.connections for load in one.loads] == [1, 32]
        assert 0 < one.busy.client_cores < 2
        assert one.busy.answered > 10
        assert (one.busy.refused, one.busy.failed) == (0, 0)
        assert one.busy.p99_ms >= one.busy.p50_ms > 0
        assert one.cpu_us > 10


def test_the_product_is_measured_with_each_part_switched_off(bodies, made, tmp_path):
    site = Site(made.bundle, tmp_path, made.environment)
    effort = Effort(1, rounds=1, connections=(BUSY,))
    few = {name: VARIANTS[name] for name in (WITHOUT_JOURNAL, WITH_KEY, DISPATCHER)}

    found = {one.name: one for one in measure_variants(site, bodies, effort, lambda _: None, few)}

    assert set(found) == set(few)
    for one in found.values():
        assert one.busy.answered > 10
        assert (one.busy.refused, one.busy.failed) == (0, 0)
    recording = [folder for folder in tmp_path.glob("octroi-*-*") if folder.is_dir() and records_in(folder)]
    assert len(recording) == len(few) - 1


def records_in(folder) -> int:
    """How much is recorded there: bytes of journals, and decisions in the database."""
    pending = sum(path.stat().st_size for path in (folder / "journal").glob("*.journal"))
    with Database(f"sqlite:///{folder / 'octroi.db'}") as database:
        ((decisions,),) = database.rows(sa.select(sa.func.count()).select_from(predictions))
    # A journal of headers alone is some kilobytes.
    return decisions + (pending > 100_000)


class OfOneHalf(Site):
    """Its peers say 0.5 to everyone."""

    def peer(self, _name):
        server = (
            "import http.server as h, sys\n"
            "class A(h.BaseHTTPRequestHandler):\n"
            "  def do_GET(self): self.send_response(200); self.end_headers()\n"
            "  def do_POST(self):\n"
            "    self.rfile.read(int(self.headers['content-length'])); self.do_GET()\n"
            "    self.wfile.write(b'{\"probability_default\": 0.5}')\n"
            "h.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), A).serve_forever()\n"
        )
        return serving([sys.executable, "-c", server, "PORT"], self.bundle, os.environ, "/")


def test_who_answers_otherwise_is_not_compared(bodies, made, tmp_path):
    few = replace(bodies, texts=bodies.texts[:2])

    with pytest.raises(PeersDisagree, match="differs from Octroi"):
        compare(OfOneHalf(made.bundle, tmp_path, made.environment), few, Effort(1), lambda _: None)


def test_each_part_of_a_decision_costs_something_and_sharing_a_batch_saves(bodies, made, tmp_path):
    alone, shared = (parts_of(made.bundle, bodies.texts, batch, tmp_path, 0.2) for batch in (1, 16))

    costs = [
        getattr(alone, part) for part in ("decode_us", "encode_us", "score_us", "journal_us", "answer_us")
    ]
    assert min(costs) > 0
    assert alone.total_us == pytest.approx(sum(costs))
    assert shared.journal_us < alone.journal_us
    assert shared.score_us < alone.score_us


class Turnstile(asyncio.Protocol):
    """Answers 200 and 503 in turn, on each connection."""

    def connection_made(self, transport):
        self.transport, self.turn = transport, 0

    def data_received(self, _data):
        self.turn += 1
        status = b"200 OK" if self.turn % 2 else b"503 Busy\r\nRetry-After: 1"
        self.transport.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\n{}")


@pytest.fixture
def turnstile():
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(Turnstile, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_clients_who_are_told_to_come_back_wait_that_long(turnstile):
    load = load_by_crowd(Plan(turnstile, (b"{}",), connections=4, seconds=1.5))

    # Each asks, is answered, is refused, and waits a second: a few times, not the thousands without waiting.
    assert 4 <= load.answered <= 20
    assert 4 <= load.refused <= 20
    assert load.failed == 0


def test_requests_that_come_at_a_rate_do_not_wait_for_answers(turnstile):
    load = load_by_crowd(Plan(turnstile, (b"{}",), connections=8, seconds=1.0, rate=200.0))

    assert 150 <= load.answered + load.refused + load.failed <= 200
    assert load.refused > 0


def test_the_page_says_which_targets_hold_and_which_were_missed():
    good, bad = serving_bench(), serving_bench(overload=Overload(LOAD, SLOW, LOAD, LOAD))

    assert "missed" not in as_markdown(good)
    assert "| 3 times the clients: share of the peak: at least 0.8 | 0.02 | **missed** |" in as_markdown(bad)
    assert "| HTTP and the rest |  | 45 |" in as_markdown(good)
    assert "| Octroi | 10,000 | 3.0 ms | 5.0 ms | 3.00 ms | 120 µs |" in as_markdown(good)
    assert [one["holds"] for one in json.loads(as_json(bad))["targets"]].count(False) == 1
    assert f"| {WITHOUT_JOURNAL} | 12,000 | 120% | 4.0 ms | 90 µs | 3.00 ms |" in as_markdown(good)
    assert "| Octroi | 10,000, 5.0 ms | 10,000, 5.0 ms |" in as_markdown(good)
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
