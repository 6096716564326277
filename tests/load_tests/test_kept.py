"""Answers that were only kept are held against what each client must be answered."""

import pytest

from load_tests.kept import Kept, kept_in

EXPECTED = {100_001: 0.25, 100_002: 1e-05, 100_003: float("nan")}
RIGHT = (
    b'{"decision_id":"a","sk_id_curr":100001,"probability_default":0.25}',
    b'{"probability_default":0.2500000000005,"sk_id_curr":100001,"decision_id":"b"}',
    b'{"decision_id":"c","sk_id_curr":100002,"probability_default":1E-5,"warnings":[{"sk_id_curr":1}]}',
)


def kept(folder, *lines: bytes) -> Kept:
    (folder / "answers").write_bytes(b"".join(line + b"\n" for line in lines))
    return kept_in(folder / "answers", EXPECTED)


def test_the_client_s_own_probability_is_right_to_the_last_but_few_bits(tmp_path):
    found = kept(tmp_path, *RIGHT)

    assert found == Kept(3, 0, {"a": 0.25, "b": 0.2500000000005, "c": 1e-05})


@pytest.mark.parametrize(
    "line",
    [
        b'{"decision_id":"d","sk_id_curr":100001,"probability_default":0.250000000002}',
        b'{"decision_id":"d","sk_id_curr":100001,"probability_default":1e-05}',
        b'{"decision_id":"d","sk_id_curr":100001,"probability_default":NaN}',
        b'{"decision_id":"d","sk_id_curr":100001,"probability_default":null}',
        b'{"decision_id":"d","sk_id_curr":100003,"probability_default":0.25}',
        b'{"decision_id":"d","sk_id_curr":100009,"probability_default":0.25}',
        b'{"decision_id":"d","sk_id_curr":null,"probability_default":0.25}',
        b'{"sk_id_curr":100001,"probability_default":0.25}',
        b'{"decision_id":"d","sk_id_curr":100001,"probability_default":0.25',
        b"\xff",
        b"",
    ],
)
def test_every_other_answer_is_wrong(line, tmp_path):
    found = kept(tmp_path, *RIGHT, line)

    assert (found.answers, found.wrong) == (4, 1)
