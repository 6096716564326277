"""A load test knows each answer beforehand, and notices every other one."""

import json
from itertools import groupby

import pytest

from load_tests.applicants import read_applicants
from load_tests.question import Question, WrongAnswer, decisions_in, read_questions, write_questions
from load_tests.questions import known, questions_of
from runners.bundle import Bundle

ONE = Question("single", "/predict", "{}", 200, (0.25,))
TWO = Question("batch", "/predict_batch", "{}", 200, (0.25, 0.5))


def answer(*probabilities: float) -> bytes:
    decisions = [{"decision_id": f"d{i}", "probability_default": p} for i, p in enumerate(probabilities)]
    return json.dumps(decisions[0] if len(decisions) == 1 else {"decisions": decisions}).encode()


def test_the_expected_answers_pass():
    ONE.check(200, answer(0.25))
    TWO.check(200, answer(0.25, 0.5 + 1e-13))
    Question("bad", "/predict", "{}", 422).check(422, b"{}")


@pytest.mark.parametrize(
    ("question", "status", "body", "told"),
    [
        (ONE, 503, b"", "status 503, not 200"),
        (ONE, 200, answer(0.25 + 1e-11), "a probability that is not the client's"),
        (TWO, 200, answer(0.25, float("nan")), "a probability that is not the client's"),
        (TWO, 200, answer(0.5, 0.25), "a probability that is not the client's"),
        (TWO, 200, answer(0.25), "1 decisions, not 2"),
        (Question("bad", "/predict", "{}", 422), 200, answer(0.1), "status 200, not 422"),
        (ONE, 200, b"<html>", "no decision in it"),
        (ONE, 200, b"[]", "no decision in it"),
        (ONE, 200, b'{"decision_id": "d"}', "no decision in it"),
        (ONE, 200, b'{"decision_id": "d", "probability_default": null}', "no decision in it"),
    ],
)
def test_every_other_answer_is_wrong(question, status, body, told):
    with pytest.raises(WrongAnswer, match=told):
        question.check(status, body)


def test_the_decisions_of_an_answer_are_those_that_must_be_recorded():
    assert decisions_in(200, answer(0.25, 0.5)) == [("d0", 0.25), ("d1", 0.5)]
    assert decisions_in(422, answer(0.25)) == []


def test_a_client_is_asked_about_alone_by_number_and_in_company(made, tmp_path):
    bundle = Bundle.open(made.bundle)
    applicants = known(read_applicants(made.features, frozenset(bundle.schema.names)).first(45))
    write_questions(tmp_path / "questions", questions_of(bundle, applicants))

    asked = read_questions(tmp_path / "questions")

    assert {kind: len(some) for kind, some in asked.items() if kind != "bad"} == {
        "single": len(applicants),
        "lookup": len(applicants),
        "batch": -(-len(applicants) // 20),
    }
    assert [one.probabilities for one in asked["single"]] == [one.probabilities for one in asked["lookup"]]
    together = [probability for one in asked["batch"] for probability in one.probabilities]
    assert [(probability,) for probability in together] == [one.probabilities for one in asked["single"]]
    assert all(0 < probability < 1 for probability in together)
    assert len(set(together)) > 20
    assert [status for status, _ in groupby(one.status for one in asked["bad"])] == [422, 404, 400]
