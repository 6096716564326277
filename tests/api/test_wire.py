"""What clients do on the wire: odd heads, bodies in pieces, several requests at once, and leaving early."""

import json
import re
import socket
from contextlib import contextmanager

import pytest
from recorded import JSON
from serving import EXAMPLE

BODY = EXAMPLE.read_bytes()
POST = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
WHOLE = POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
BAD = POST + b"Content-Length: 2\r\n\r\n{}"


@contextmanager
def connected(service):
    """A connection, and what comes on it."""
    address = ("127.0.0.1", service.port)
    with (
        socket.create_connection(address, timeout=30) as connection,
        connection.makefile("rb") as stream,
    ):
        yield connection, stream


def told(service, *pieces, answers=1):
    """Status and body of each of *answers* on one connection that was sent *pieces*."""
    with connected(service) as (connection, stream):
        for piece in pieces:
            connection.sendall(piece)
        return [read(stream) for _ in range(answers)]


def read(stream):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        assert line, f"the connection ended after {head!r}"
        head += line
    length = re.search(rb"content-length: (\d+)", head)
    return int(head.split()[1]), stream.read(int(length[1])) if length else b""


def test_what_is_no_request_at_all_is_a_problem_document_too(service):
    ((status, body),) = told(service, b"hello\r\n\r\n")

    assert (status, json.loads(body)["status"]) == (400, 400)
    service.wait_for_log("no_request")


@pytest.mark.parametrize(
    "twice",
    [
        b"Content-Type: text/plain",
        b"Host: evil.example",
        b"X-API-Key: a\r\nx-api-key: b",
        b"Idempotency-Key: a\r\nIdempotency-Key: b",
        b"X-Octroi-Scenario: a\r\nX-Octroi-Scenario: a",
    ],
)
def test_a_header_that_decides_something_is_refused_when_it_comes_twice(service, twice):
    ((status, body),) = told(service, POST + twice + b"\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)

    name = twice.partition(b":")[0].decode().lower()
    assert status == 400
    assert json.loads(body)["detail"] == f"the header {name} came more than once: send it once"


def test_a_header_that_decides_nothing_may_come_twice(service):
    twice = [*JSON.items(), ("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "2.2.2.2")]

    assert service.client.post("/predict", content=BODY, headers=twice).status_code == 200


def test_an_offer_to_change_the_protocol_is_refused_before_its_lost_body_is_missed(service):
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"

    ((status, body),) = told(service, POST + offer + b"Content-Length: %d\r\n\r\n" % len(BODY), BODY)

    assert status == 400
    assert json.loads(body)["detail"].startswith("offer no upgrade: send HTTP/1.1")
    offered = {"connection": "upgrade", "upgrade": "h2c"}
    assert service.client.get("/health", headers=offered).status_code == 200


@pytest.mark.parametrize(
    "path", ["/predict/", "/predict%2F", "//predict", "/health/", "/static", "/x/../predict"]
)
def test_a_path_that_is_nearly_ours_is_not_ours(service, path):
    for method in (b"POST", b"GET"):
        request = method + b" " + path.encode() + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        ((status, body),) = told(service, request)
        assert (status, json.loads(body)["status"]) == (404, 404)


def test_requests_sent_at_once_are_answered_in_their_order(service):
    clients = range(1, 6)
    bodies = [json.dumps({**json.loads(BODY), "sk_id_curr": client}).encode() for client in clients]
    requests = [POST + b"Content-Length: %d\r\n\r\n" % len(body) + body for body in bodies]

    answers = told(service, b"".join(requests), answers=5)

    assert [json.loads(body)["sk_id_curr"] for _, body in answers] == list(clients)


def test_after_a_body_that_was_refused_unread_the_next_request_is_understood(service):
    refused = POST + b"Content-Length: 2000000\r\n\r\n" + b"{" * 2_000_000

    answers = told(service, refused, WHOLE, answers=2)

    assert [status for status, _ in answers] == [413, 200]


def test_a_body_may_come_in_pieces_and_after_it_was_asked_for(service):
    pieces = [BODY[i : i + 99] for i in range(0, len(BODY), 99)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    with connected(service) as (connection, stream):
        connection.sendall(POST + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(BODY))
        asked, _ = read(stream)
        connection.sendall(BODY)
        status, answer = read(stream)

    ((chunked, same),) = told(service, POST + b"Transfer-Encoding: chunked\r\n\r\n", chunks)
    assert (asked, status, chunked) == (100, 200, 200)
    assert json.loads(answer)["probability_default"] == json.loads(same)["probability_default"]


@pytest.mark.parametrize(
    "sent",
    [POST, WHOLE[:-1], WHOLE, 5 * WHOLE, 5 * BAD],
    ids=["head", "nearly all", "all", "several", "several bad"],
)
def test_a_client_that_leaves_costs_nobody_else_anything_and_is_no_fault_of_ours(service, sent):
    for _ in range(20):
        with connected(service) as (connection, _):
            connection.sendall(sent)

    after = service.client.post(
        "/predict", content=BODY, headers={**JSON, "x-request-id": f"after-{len(sent)}"}
    )

    assert after.status_code == 200
    service.wait_for_log(f"after-{len(sent)}")
    log = service.log.read_text()
    assert '"event":"failed"' not in log
    assert "ASGI" not in log
