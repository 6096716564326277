"""Whoever makes the load, wrk or clients of our own, holds each answer against what was expected."""

from dataclasses import replace

import pytest

from load_tests.question import MOST_APART
from profiling import clients
from profiling.clients import load_of, makers
from profiling.load import Load, together, typical
from profiling.running import Server
from profiling.wrk import is_installed
from runners.certificate import MAX_DIFFERENCE
from tests.profiling.listening import Echo, listening

EXPECTED = {100_001: 0.25, 100_002: 1e-05, 100_003: float("nan")}
RIGHT = (
    b'{"sk_id_curr":100001,"probability_default":0.25}',
    b'{"probability_default":0.2500000000005,"sk_id_curr":100001}',
    b'{"sk_id_curr":100002,"probability_default":1e-05}',
    (
        rb' { "id" : "a\"}\\\u00e9{", "sk_id_curr" : 100002 , "probability_default":1E-5, "none": null, '
        b'"found": [ {"sk_id_curr": 100001, "probability_default": 0.9, "of": []}, true, {}, [-0.5e+3, 0]]}\n'
    ),
)
WRONG = (
    b'{"sk_id_curr":100001,"probability_default":0.250000000002}',
    b'{"sk_id_curr":100001,"probability_default":1e-05}',
    b'{"sk_id_curr":100001,"probability_default":NaN}',
    b'{"sk_id_curr":100001,"probability_default":null}',
    b'{"sk_id_curr":100001,"probability_default":"0.25"}',
    b'{"sk_id_curr":100001,"probability_default":1e999}',
    b'{"sk_id_curr":100001}',
    b'{"sk_id_curr":100003,"probability_default":NaN}',
    b'{"sk_id_curr":100003,"probability_default":0.25}',
    b'{"sk_id_curr":100009,"probability_default":0.25}',
    b'{"sk_id_curr":"100001","probability_default":0.25}',
    b'{"sk_id_curr":null,"probability_default":0.25}',
    b'{"probability_default":0.25}',
    b'{"decision":{"sk_id_curr":100001,"probability_default":0.25}}',
    b'[{"sk_id_curr":100001,"probability_default":0.25}]',
    b'{"sk_id_curr":100001,"probability_default":0.25',
    b'{"sk_id_curr":100001,"probability_default":0.25,}',
    b'{"sk_id_curr":100001,"probability_default":00.25}',
    b'{"sk_id_curr":100001,"probability_default":0.25}}',
    b'{"sk_id_curr":100001,"probability_default":0.25,"warnings":[1,]}',
    b'{"sk_id_curr":100001,"probability_default":0.25,"name":"a\nb"}',
    b'{"sk_id_curr":100001 "probability_default":0.25}',
    b"<p>sk_id_curr 100001, probability_default 0.25</p>",
    b"",
)


class Busy(Echo):
    status = b"503 Service Unavailable"


@pytest.fixture(params=["wrk", "clients of our own"] if is_installed() else ["clients of our own"])
def ask(request, monkeypatch):
    """Has so many of our clients send bodies for a second to a server that speaks the protocol."""
    monkeypatch.setattr(clients, "is_installed", lambda: request.param == "wrk")
    assert makers() == request.param

    def load(bodies, expected, protocol=Echo):
        with listening(protocol) as port:
            return load_of(Server(port, (), 0), bodies, 1, 1, expected)

    return load


def test_what_each_client_must_be_answered_is_not_wrong(ask):
    load = ask(RIGHT, EXPECTED)

    assert load.answered > 2 * len(RIGHT)
    assert load.wrong == 0


def test_every_other_answer_is_wrong(ask):
    load = ask(WRONG, EXPECTED)

    # The last one may have come too late to be counted as answered.
    assert 2 * len(WRONG) < load.answered <= load.wrong <= load.answered + 1


def test_one_wrong_answer_in_five_is_counted_once(ask):
    load = ask((*RIGHT, WRONG[0]), EXPECTED)

    assert load.wrong == pytest.approx(load.answered / 5, abs=1)


def test_what_is_refused_is_not_wrong(ask):
    load = ask(WRONG[:1], EXPECTED, Busy)

    assert load.refused > 2
    assert (load.answered, load.wrong) == (0, 0)


def test_no_answer_is_read_where_none_is_expected(ask):
    load = ask(WRONG, None)

    assert load.answered > 2 * len(WRONG)
    assert load.wrong == 0


def test_a_wrong_answer_is_forgotten_neither_beside_others_nor_in_the_middle_of_them():
    right = Load(1, 1.0, answered=9, refused=0, failed=0, p50_ms=1.0, p99_ms=1.0)
    wrong = replace(right, answered=8, wrong=2)

    assert together([right, wrong, wrong]).wrong == 4
    assert typical([right, wrong, right]).wrong == 2
    assert together([right, right]).wrong == typical([right, right]).wrong == 0


def test_every_kind_of_load_is_held_against_the_same_promise():
    assert MOST_APART == MAX_DIFFERENCE
