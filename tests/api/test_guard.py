"""Who may ask for what, and how often."""

import socket
from pathlib import Path

import pytest
from limits import parse

from api.binding import listening, require_loopback
from api.body import Refused
from api.guard import Guard
from credit.errors import InvalidSettings
from keys import ApiKey, KeyRing, Scope, is_loopback

KEYS = KeyRing([ApiKey.of("till", [Scope.SCORE], "s1"), ApiKey.of("audit", [Scope.READ, Scope.ADMIN], "s2")])


def status(call, *arguments):
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value.status


def test_a_key_opens_what_its_scopes_name():
    guard = Guard(KEYS, None)

    assert guard.admit({b"x-api-key": b"s1"}, Scope.SCORE) == "till"
    assert guard.admit({b"x-api-key": b"s2"}, Scope.ADMIN) == "audit"
    assert guard.admit({b"authorization": b"Bearer s1"}, Scope.SCORE) == "till"
    assert status(guard.admit, {b"authorization": b"Basic s1"}, Scope.SCORE) == 401
    assert guard.admit({}, None) is None
    assert status(guard.admit, {b"x-api-key": b"s1"}, Scope.READ) == 403
    assert status(guard.admit, {b"x-api-key": b"wrong"}, Scope.SCORE) == 401
    assert status(guard.admit, {}, Scope.SCORE) == 401


def test_without_keys_this_machine_may_score_and_read_but_not_administer():
    guard = Guard(KeyRing([]), None)

    for host in (b"127.0.0.1:3000", b"localhost", b"[::1]:3000", b"127.8.9.1"):
        assert guard.admit({b"host": host}, Scope.SCORE) is None
        assert guard.admit({b"host": host}, Scope.READ) is None
        assert status(guard.admit, {b"host": host}, Scope.ADMIN) == 403


@pytest.mark.parametrize(
    "host", [b"evil.example", b"127.0.0.1.evil.example", b"10.0.0.1:3000", b"", b"[", b"\xff"]
)
def test_without_keys_another_name_in_the_host_header_is_refused(host):
    assert status(Guard(KeyRing([]), None).admit, {b"host": host}, None) == 403


def test_past_its_rate_a_key_is_told_when_to_come_back_and_others_go_on():
    guard = Guard(KEYS, parse("2/hour"))

    assert dict(guard.count("till"))[b"ratelimit"].startswith(b'"key";r=1;t=')
    assert dict(guard.count("till"))[b"ratelimit-policy"] == b'"key";q=2;w=3600'
    with pytest.raises(Refused) as caught:
        guard.count("till")
    assert caught.value.status == 429
    headers = dict(caught.value.headers)
    assert 1 <= int(headers[b"retry-after"]) <= 3600
    assert headers[b"ratelimit"].startswith(b'"key";r=0;t=')
    assert dict(guard.count("audit"))[b"ratelimit"].startswith(b'"key";r=1;t=')


def test_without_a_rate_or_a_key_nothing_is_counted():
    assert Guard(KEYS, None).count("till") == []
    guard = Guard(KeyRing([]), parse("1/hour"))
    assert [guard.count(None) for _ in range(3)] == [[], [], []]


@pytest.mark.parametrize(
    ("address", "only_here"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("box", False),
    ],
)
def test_loopback_is_what_other_machines_do_not_reach(address, only_here):
    assert is_loopback(address) is only_here


def test_a_socket_that_listens_is_seen_and_one_that_does_not_is_not():
    with socket.socket() as ours, socket.socket() as silent:
        ours.bind(("127.3.2.1", 0))
        silent.bind(("127.3.2.2", 0))
        ours.listen()

        found = listening()

    assert "127.3.2.1" in found
    assert "127.3.2.2" not in found


def test_looking_for_sockets_leaves_nothing_open(tmp_path):
    with (tmp_path / "no-socket").open("w"):
        before = len(list(Path("/proc/self/fd").iterdir()))
        listening()

        assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_an_open_address_is_refused_with_what_to_set():
    require_loopback(["127.0.0.1", "::1"])
    with pytest.raises(InvalidSettings, match=r"0\.0\.0\.0 is not: set API_KEY or OCTROI_API_KEYS"):
        require_loopback(["127.0.0.1", "0.0.0.0"])
