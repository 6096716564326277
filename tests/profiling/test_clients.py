"""Whoever makes the load, wrk or clients of our own, keeps each answer when it is asked to."""

import pytest

from profiling import clients
from profiling.clients import load_of, makers
from profiling.running import Server
from profiling.wrk import is_installed
from tests.profiling.listening import Echo, listening

BODIES = (b'{"decision_id":"a","probability_default":0.25}', b'"two"', b"")


class Busy(Echo):
    status = b"503 Service Unavailable"


@pytest.fixture(params=["wrk", "clients of our own"] if is_installed() else ["clients of our own"])
def ask(request, monkeypatch):
    """Has so many of our clients send bodies for a second to a server that speaks the protocol."""
    monkeypatch.setattr(clients, "is_installed", lambda: request.param == "wrk")
    assert makers() == request.param

    def load(bodies, kept, protocol=Echo):
        with listening(protocol) as port:
            return load_of(Server(port, (), 0), bodies, 1, 1, kept)

    return load


def test_every_answer_is_kept_as_it_came(ask, tmp_path):
    kept = tmp_path / "answers"
    kept.write_bytes(b"of an earlier load\n")
    load = ask(BODIES, kept)

    first, *lines = kept.read_bytes().split(b"\n")[:-1]
    assert first == b"of an earlier load"
    # The last one may have come too late to be counted as answered.
    assert 2 * len(BODIES) < load.answered <= len(lines) <= load.answered + 1
    assert set(lines) == set(BODIES)
    assert lines.count(BODIES[0]) == pytest.approx(load.answered / 3, abs=2)


def test_what_is_refused_is_not_kept(ask, tmp_path):
    load = ask(BODIES[:1], tmp_path / "answers", Busy)

    assert load.refused > 2
    assert load.answered == 0
    assert (tmp_path / "answers").read_bytes() == b""


def test_without_a_file_no_answer_is_kept(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ask(BODIES, None).answered > 2 * len(BODIES)
    assert not list(tmp_path.iterdir())
