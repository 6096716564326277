"""What comes on a connection before it is a request: refused in our words, and not awaited forever."""

import json
import re
import socket
import threading
import time

import pytest
import uvicorn

from api import connection
from api.connection import LARGEST_HEAD, Connection

GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
PATIENCE_S = 0.4


async def answer(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    if scope["path"] == "/dies":
        raise ConnectionAbortedError
    await send({"type": "http.response.body", "body": b"o", "more_body": True})
    await send({"type": "http.response.body", "body": b"k"})


@pytest.fixture
def address(monkeypatch):
    """Where a real server listens that has little patience."""
    monkeypatch.setattr(connection, "PATIENCE_S", PATIENCE_S)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(answer, http=Connection, lifespan="off", log_config=None))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listening.getsockname()
        server.should_exit = True
        thread.join()


def told(address, *pieces):
    """All that comes back on a connection that these *pieces* were sent on, until it is closed."""
    with socket.create_connection(address, timeout=30) as client:
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.05)
        came = b""
        try:
            while some := client.recv(65_536):
                came += some
        except ConnectionResetError:
            pass  # closed before it had read all that was sent
        return came


def problem(came):
    head, _, body = came.rpartition(b"\r\n\r\n")
    told = json.loads(body)
    assert b"content-type: application/problem+json" in head
    assert re.search(rb"x-request-id: (\w+)", head)[1].decode() == told["request_id"]
    assert int(head.split()[1]) == told["status"]
    return told


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
)
def test_what_is_no_http_is_a_problem_document(address, sent):
    found = problem(told(address, sent))

    assert (found["status"], found["title"]) == (400, "Bad Request")
    assert found["detail"] == "this is not HTTP/1.1 as its standard, RFC 9112, has it"


def test_a_head_that_never_ends_is_given_up_after_a_while(address):
    begun = time.monotonic()
    found = problem(told(address, GET, b"X-A: b\r\n"))

    assert found["status"] == 408
    assert time.monotonic() - begun >= PATIENCE_S


def test_so_is_a_second_one_on_the_same_connection(address):
    came = told(address, GET + b"\r\n", GET)

    assert came.startswith(b"HTTP/1.1 200")
    assert problem(came[came.index(b"ok") + 2 :])["status"] == 408


def test_so_is_one_that_begins_where_another_ends(address):
    came = told(address, GET, b"\r\n" + GET)

    assert came.startswith(b"HTTP/1.1 200")
    assert problem(came[came.index(b"ok") + 2 :])["status"] == 408


def test_a_head_without_limit_is_refused(address):
    piece = b"X-A: " + b"a" * (LARGEST_HEAD // 2) + b"\r\n"

    assert problem(told(address, GET, piece, piece, piece))["status"] == 431


def test_a_long_head_in_pieces_is_none_the_worse(address):
    pieces = [b"X-A: " + b"a" * 1_000 + b"\r\n"] * 5

    came = told(address, GET, *pieces, b"Connection: close\r\n\r\n")

    assert came.startswith(b"HTTP/1.1 200")
    assert came.endswith(b"ok")


def test_who_says_nothing_is_told_nothing_and_let_go(address):
    assert told(address) == b""


def test_who_asks_within_the_time_is_answered_after_it_too(address):
    with socket.create_connection(address, timeout=30) as client:
        for _ in range(3):
            client.sendall(GET + b"\r\n")
            assert client.recv(65_536).startswith(b"HTTP/1.1 200")
            time.sleep(PATIENCE_S)


def test_an_answer_leaves_in_one_piece_with_what_the_app_gave_first(address):
    with socket.create_connection(address, timeout=30) as client:
        for _ in range(20):
            client.sendall(GET + b"\r\n")
            first = client.recv(65_536)
            assert first.startswith(b"HTTP/1.1 200")
            assert b"\r\n\r\no" in first
            assert first.endswith(b"ok") or client.recv(1) == b"k"


def test_an_answer_without_a_body_is_its_head(address):
    came = told(address, GET.replace(b"GET", b"HEAD") + b"Connection: close\r\n\r\n")

    assert came.startswith(b"HTTP/1.1 200")
    assert came.endswith(b"\r\n\r\n")


def test_an_answer_that_breaks_off_after_its_head_is_closed_after_it(address, caplog):
    came = told(address, GET.replace(b"/ ", b"/dies ") + b"\r\n")

    assert came.startswith(b"HTTP/1.1 200")
    assert came.endswith(b"\r\n\r\n")
    assert "ConnectionAbortedError" in caplog.text


def test_answers_to_what_was_asked_at_once_come_in_order_and_whole(address):
    came = told(address, (GET + b"\r\n") * 3, GET + b"Connection: close\r\n\r\n")

    assert came.count(b"HTTP/1.1 200") == came.count(b"\r\n\r\nok") == 4
    assert came.endswith(b"ok")
