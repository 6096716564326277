"""The lender's rules, as data."""

import json

import pytest

from credit.cost import Costs
from credit.errors import InvalidApplication, InvalidPolicy
from credit.finding import Finding
from credit.policy import Policy


def test_a_policy_survives_its_json():
    policy = Policy(threshold=0.08, costs=Costs(fn=12, fp=2), low_below=0.4, high_from=2.0, name="spring")

    read = Policy.from_dict(json.loads(json.dumps(policy.as_dict())))

    assert read == policy
    assert read.version == policy.version


def test_a_threshold_alone_makes_a_policy():
    assert Policy.from_dict({"threshold": 0.1}) == Policy(threshold=0.1)


def test_the_version_names_the_content():
    policy = Policy(threshold=0.1, name="spring")

    assert policy.version.startswith("spring-")
    assert policy.version == Policy(threshold=0.1, name="spring").version
    assert policy.version != Policy(threshold=0.1, name="spring", costs=Costs(fn=11)).version


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.1, 1.1, float("nan"), float("inf")])
def test_a_threshold_that_decides_everyone_alike_is_refused(threshold):
    with pytest.raises(InvalidPolicy, match="threshold must lie between 0 and 1"):
        Policy(threshold=threshold)


@pytest.mark.parametrize(
    "bands", [(0.0, 1.5), (1.1, 1.5), (0.5, 0.9), (0.5, float("inf")), (0.5, float("nan"))]
)
def test_bands_that_do_not_lie_around_the_threshold_are_refused(bands):
    with pytest.raises(InvalidPolicy, match="risk bands"):
        Policy(threshold=0.1, low_below=bands[0], high_from=bands[1])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "a JSON object"),
        ({}, "no threshold"),
        ({"threshold": 0.1, "treshold": 0.2}, "unknown keys: treshold"),
        ({"threshold": "0.1"}, "threshold is not a number"),
        ({"threshold": True}, "threshold is not a number"),
        ({"threshold": 0.1, "costs": [10, 1]}, "an object with the keys fn and fp"),
        ({"threshold": 0.1, "costs": {"fn": 10, "fq": 1}}, "an object with the keys fn and fp"),
        ({"threshold": 0.1, "costs": {"fn": None}}, "costs.fn is not a number"),
        ({"threshold": 0.1, "costs": {"fn": -1}}, "must be positive"),
    ],
)
def test_a_wrong_policy_is_refused_with_what_is_wrong(body, words):
    with pytest.raises(InvalidPolicy, match=words):
        Policy.from_dict(body)


def test_an_invalid_application_tells_every_finding():
    error = InvalidApplication((Finding("A", "required", "send it"), Finding("B", "type", "send a number")))

    assert str(error) == "A: send it; B: send a number"
