"""What comes on a connection before it is a request: refused in our words, and not awaited forever."""

import asyncio
import gc
import json
import logging
import re
import socket
import threading
import time
from contextlib import suppress

import pytest
import uvicorn

from api import connection
from api.connection import LARGEST_HEAD, Connection

GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = GET.replace(b"GET / ", b"POST /reads ") + b"Transfer-Encoding: chunked\r\n\r\n"
PATIENCE_S = 0.4
LARGE = 20_000_000


async def answer(scope, receive, send):
    if scope["path"] == "/reads":
        while (await receive()).get("more_body"):
            pass
    if scope["path"] == "/large":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"l" * LARGE})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    if scope["path"] == "/dies":
        await asyncio.sleep(0.2)
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
        with suppress(BrokenPipeError, ConnectionResetError):  # closed before all was sent
            for piece in pieces:
                client.sendall(piece)
                time.sleep(0.05)
        return all_of(client)


def all_of(client):
    """What comes until *client* is closed from the other side."""
    came = b""
    with suppress(ConnectionResetError):  # closed before it had read all that was sent
        while some := client.recv(65_536):
            came += some
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


@pytest.mark.parametrize("before", [b"", GET + b"\r\n", GET + b"Content-Length: 9\r\n\r\n"])
def test_what_belongs_to_no_request_is_not_awaited_forever(address, before):
    begun = time.monotonic()
    came = told(address, before, b"\r\n")

    assert came[-2:] == (b"ok" if before else b"")
    assert time.monotonic() - begun >= PATIENCE_S


@pytest.mark.parametrize(
    ("begin", "more"), [(b"0\r\n", b"A: b\r\n" * 4_000), (b"0\r\nA: ", b"b" * 24_000), (b"2;", b"b" * 24_000)]
)
def test_lines_without_end_after_a_body_are_refused_too(address, begin, more):
    assert problem(told(address, CHUNKED, b"1\r\na\r\n", begin, *[more] * 5))["status"] == 431


def test_a_body_in_little_chunks_and_lines_after_it_are_none_the_worse(address):
    little = b"1\r\na\r\n" * LARGEST_HEAD
    last = GET + b"Connection: close\r\n\r\n"

    came = told(address, CHUNKED, little, little, b"0\r\nA: b\r\n", b"C: d\r\n\r\n", last)

    assert came.count(b"HTTP/1.1 200") == came.count(b"\r\n\r\nok") == 2


def test_a_body_that_breaks_is_a_problem_document(address):
    assert problem(told(address, CHUNKED, b"1\r\na\r\n", b"no number\r\n"))["status"] == 400


def test_what_came_whole_is_answered_though_what_follows_is_no_http(address):
    came = told(address, (GET + b"\r\n") * 2 + b"hello\r\n\r\n")

    assert came.count(b"HTTP/1.1 200") == came.count(b"\r\n\r\nok") == 2
    assert came.endswith(b"ok")


def said_all(address, sent):
    """What comes back to a client that sends *sent* and shuts its side."""
    with socket.create_connection(address, timeout=30) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        return all_of(client)


def test_who_has_said_all_still_gets_the_answers(address):
    assert said_all(address, (GET + b"\r\n") * 3).count(b"\r\n\r\nok") == 3


@pytest.mark.parametrize("sent", [b"", GET, CHUNKED, GET + b"\r\n" + CHUNKED])
def test_who_left_in_the_middle_is_not_waited_for(address, sent):
    assert said_all(address, sent).count(b"HTTP/1.1") <= sent.count(GET + b"\r\n")


def test_an_offer_of_another_protocol_is_a_request_like_any_other(address):
    offer = GET + b"Connection: close, upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n"

    assert told(address, offer).startswith(b"HTTP/1.1 200")


def test_who_leaves_before_the_body_of_an_answer_that_breaks_off_leaves_no_trace_but_that(address, caplog):
    for request in (GET, GET.replace(b"GET", b"HEAD")):
        with socket.create_connection(address, timeout=30) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # leave with a reset
            client.sendall(request.replace(b"/ ", b"/dies ") + b"\r\n")
            time.sleep(0.1)
    time.sleep(0.3)
    gc.collect()

    assert {record.message for record in caplog.records if record.levelno >= logging.ERROR} == {
        "Exception in ASGI application\n"
    }


def reader(address):
    """A client of little room that asked for more than there is room for on the way."""
    client = socket.socket()
    client.settimeout(30)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.connect(address)
    client.sendall(GET.replace(b"/ ", b"/large ") + b"\r\n")
    return client


def test_who_does_not_take_the_answer_is_let_go(address):
    with reader(address) as client:
        time.sleep(5 * PATIENCE_S)

        assert len(all_of(client)) < LARGE


def test_who_takes_it_slowly_gets_all_of_it(address):
    with reader(address) as client:
        begun = time.monotonic()
        came = b""
        while time.monotonic() - begun < 5 * PATIENCE_S:
            came += client.recv(4_096)
            time.sleep(0.01)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_000_000)
        while b"0\r\n\r\n" not in came[-5:]:
            came += client.recv(1_000_000)

    assert came.count(b"l") == LARGE
