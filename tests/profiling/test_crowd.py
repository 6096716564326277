"""Clients of our own, as many as are asked for: they keep their pace, count honestly, and come to an end."""

import asyncio

import pytest

from profiling.crowd import Plan, load_by_crowd
from profiling.running import free_port
from tests.profiling.listening import listening


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
    with listening(Turnstile) as port:
        yield port


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


class Mortal(Turnstile):
    """Answers once on each connection, and hangs up on the next request."""

    def data_received(self, data):
        if self.turn:
            self.transport.abort()
        else:
            super().data_received(data)


@pytest.mark.parametrize("rate", [None, 200.0])
def test_clients_whose_service_hangs_up_fail_and_end(rate):
    with listening(Mortal) as port:
        load = load_by_crowd(Plan(port, (b"{}",), connections=4, seconds=1.2, rate=rate))

    assert load.answered >= 4
    assert load.failed >= 4


def test_clients_whom_nobody_serves_fail_and_end():
    load = load_by_crowd(Plan(free_port(), (b"{}",), connections=3, seconds=0.5))

    assert (load.answered, load.refused, load.failed) == (0, 0, 3)


def test_every_connection_is_some_process_s_and_starting_it_is_no_load(turnstile):
    load = load_by_crowd(Plan(turnstile, (b"{}",), connections=3, seconds=0.3), processes=2)

    # One answer each, one refusal, then they wait.
    assert (load.answered, load.refused) == (3, 3)
    assert 0 < load.client_cpu_seconds < 0.3


def test_answers_to_requests_at_a_rate_are_kept_as_well(turnstile, tmp_path):
    kept = tmp_path / "answers"
    found = load_by_crowd(Plan(turnstile, (b"{}",), connections=4, seconds=0.5, rate=100.0, kept=kept))

    assert 0 < found.answered <= kept.read_bytes().count(b"\n") <= found.answered + 4


def test_clients_begin_apart_so_that_few_requests_are_of_many_bodies():
    bodies = [b"%d" % number for number in range(8)]
    asked = []

    class Noting(Turnstile):
        def data_received(self, data):
            asked.append(data.partition(b"\r\n\r\n")[2])
            super().data_received(data)

    with listening(Noting) as port:
        load_by_crowd(Plan(port, tuple(bodies), connections=4, seconds=0.3))

    # Each is answered, is refused, and waits.
    assert sorted(asked) == bodies
