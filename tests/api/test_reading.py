"""An application is read strictly, and every error in it is named."""

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.application import Application
from api.reader import ApplicationReader
from api.refusal import MalformedBody
from credit.errors import InvalidApplication
from features.schema import Feature, FeatureSchema, Kind

SCHEMA = FeatureSchema(
    (
        Feature("AMT_CREDIT", Kind.NUMBER, "currency", "credit", low=0.0, required=True),
        Feature("EXT_SOURCE_1", Kind.NUMBER, "score", "score", low=0.0, high=1.0),
        Feature("CODE_GENDER", Kind.CATEGORY, "", "sex", aliases={"1": "F", "0": "M"}, categories=("F", "M")),
        Feature("NAME_HOUSING_TYPE", Kind.CATEGORY, "", "home", categories=("House",)),
    ),
    width=2,
)
READER = ApplicationReader(SCHEMA, max_batch=3)


def errors(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidApplication) as caught:
        READER.read(body)
    return [(found.field, found.rule) for found in caught.value.errors]


def batch_errors(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidApplication) as caught:
        READER.read_batch(body)
    return [(found.field, found.rule) for found in caught.value.errors]


def test_values_come_in_the_order_of_the_schema():
    application = READER.read(
        b'{"NAME_HOUSING_TYPE": "House", "CODE_GENDER": 1, "AMT_CREDIT": 5, "sk_id_curr": 7}'
    )

    assert application.sk_id_curr == 7
    assert application.values == (5.0, None, 1.0, "House")
    assert application.amount(SCHEMA) == 5.0


def test_a_clients_number_alone_is_an_application_to_be_looked_up():
    alone = READER.read(b'{"sk_id_curr": 7}')
    batch = READER.read_batch(b'{"clients": [{"sk_id_curr": 7}, {"AMT_CREDIT": 5, "sk_id_curr": 8}]}')

    assert alone.is_number_alone
    assert [application.is_number_alone for application in batch] == [True, False]
    assert [application.sk_id_curr for application in (alone, *batch)] == [7, 7, 8]


@pytest.mark.parametrize(
    "client",
    [
        b'{"sk_id_curr": null}',
        b'{"sk_id_curr": 7, "AMT_CREDIT": null}',
        b'{"sk_id_curr": 7, "X": null}',
        b"{}",
    ],
)
def test_a_number_with_anything_beside_it_needs_what_every_application_needs(client):
    assert ("AMT_CREDIT", "required") in errors(client)
    assert ("clients[1].AMT_CREDIT", "required") in batch_errors(
        b'{"clients": [{"sk_id_curr": 7}, ' + client + b"]}"
    )


def test_null_is_missing():
    assert READER.read(b'{"AMT_CREDIT": 5, "EXT_SOURCE_1": null, "sk_id_curr": null}').values == (
        5.0,
        None,
    )


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"{}", [("AMT_CREDIT", "required")]),
        (b'{"AMT_CREDIT": null}', [("AMT_CREDIT", "required")]),
        (b'{"AMT_CREDIT": "5"}', [("AMT_CREDIT", "type")]),
        (b'{"AMT_CREDIT": true}', [("AMT_CREDIT", "type")]),
        (b'{"AMT_CREDIT": [5]}', [("AMT_CREDIT", "type")]),
        (b'{"AMT_CREDIT": -1}', [("AMT_CREDIT", "domain")]),
        (b'{"AMT_CREDIT": 5, "EXT_SOURCE_1": 1.1}', [("EXT_SOURCE_1", "domain")]),
        (b'{"AMT_CREDIT": 5, "amt_credit": 5}', [("amt_credit", "unknown-field")]),
        (b'{"AMT_CREDIT": 5, "NAME_HOUSING_TYPE": 3}', [("NAME_HOUSING_TYPE", "type")]),
        (b'{"AMT_CREDIT": 5, "CODE_GENDER": true}', [("CODE_GENDER", "type")]),
        (b'{"AMT_CREDIT": 5, "sk_id_curr": 0}', [("sk_id_curr", "type")]),
        (b'{"AMT_CREDIT": 5, "sk_id_curr": 1.5}', [("sk_id_curr", "type")]),
        (b'{"AMT_CREDIT": 5, "sk_id_curr": "7"}', [("sk_id_curr", "type")]),
        (b"[]", [("", "type")]),
        (b"5", [("", "type")]),
        (
            b'{"EXT_SOURCE_1": 2, "X": 1, "CODE_GENDER": {}}',
            [
                ("AMT_CREDIT", "required"),
                ("EXT_SOURCE_1", "domain"),
                ("X", "unknown-field"),
                ("CODE_GENDER", "type"),
            ],
        ),
    ],
)
def test_every_broken_rule_is_named(body, found):
    assert errors(body) == found


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"{",
        b"AMT_CREDIT=5",
        b'{"AMT_CREDIT": NaN}',
        b'{"AMT_CREDIT": Infinity}',
        b'{"AMT_CREDIT": -Infinity}',
        b'{"AMT_CREDIT": 5,}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_is_no_json_is_said_to_be_none(body):
    with pytest.raises(MalformedBody):
        READER.read(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"AMT_CREDIT": 5, "AMT_CREDIT": 5}',
        b'{"AMT_CREDIT": 5, "AMT_CREDIT": 6}',
        b'{"AMT_CREDIT": null, "AMT_CREDIT": 6}',
        b'{"AMT_CREDIT": 5, "EXT_SOURCE_1": null, "EXT_SOURCE_1": null}',
        b'{"AMT_CREDIT": 5, "sk_id_curr": 3, "sk_id_curr": null}',
        b'{"AMT_CREDIT": 5, "AMT\\u005fCREDIT": 5}',
        b'{"sk_id_curr": 5, "sk_id_curr": 5}',
        b'{"NAME_HOUSING_TYPE": "a\\u003ab", "AMT_CREDIT": 5, "AMT_CREDIT": 5}',
        b'{"NAME_HOUSING_TYPE": "a:b", "AMT_CREDIT": 5, "NAME_HOUSING_TYPE": "ab"}',
    ],
)
def test_a_name_given_twice_is_refused(body):
    with pytest.raises(MalformedBody, match="twice: send each name once"):
        READER.read(body)
    with pytest.raises(MalformedBody, match="twice: send each name once"):
        READER.read_batch(b'{"clients": [{"AMT_CREDIT": 1}, ' + body + b"]}")


@given(
    st.dictionaries(st.just("NAME_HOUSING_TYPE"), st.none() | st.text(max_size=9)),
    st.dictionaries(st.just("EXT_SOURCE_1"), st.none() | st.floats(0, 1)),
    st.booleans(),
)
def test_names_given_once_are_never_taken_for_repeats(words, scores, as_ascii):
    body = json.dumps({"AMT_CREDIT": 5, **words, **scores}, ensure_ascii=as_ascii).encode()

    assert READER.read(body).values[0] == 5.0
    assert len(READER.read_batch(b'{"clients": [' + body + b", " + body + b"]}")) == 2


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"1" * 400])
def test_a_number_that_no_double_holds_is_refused(number):
    with pytest.raises(InvalidApplication):
        READER.read(b'{"AMT_CREDIT": ' + number + b"}")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"{}", [("clients", "batch")]),
        (b"[]", [("clients", "batch")]),
        (b'{"clients": {}}', [("clients", "batch")]),
        (b'{"clients": []}', [("clients", "batch")]),
        (b'{"clients": [{"AMT_CREDIT": 5}], "more": 1}', [("clients", "batch")]),
        (b'{"clients": [' + b",".join([b'{"AMT_CREDIT": 5}'] * 4) + b"]}", [("clients", "batch")]),
        (
            b'{"clients": [{}, {"AMT_CREDIT": "5"}, 7]}',
            [
                ("clients[0].AMT_CREDIT", "required"),
                ("clients[1].AMT_CREDIT", "type"),
                ("clients[2]", "type"),
            ],
        ),
    ],
)
def test_in_a_batch_every_error_says_whose_it_is(body, found):
    assert batch_errors(body) == found


def test_a_body_full_of_errors_is_explained_by_the_first_hundred():
    body = msgspec.json.encode({f"NOPE_{i}": i for i in range(100_000)})

    with pytest.raises(InvalidApplication) as caught:
        READER.read(body)

    assert len(caught.value.errors) == 100
    assert max(len(found.field) for found in caught.value.errors) <= 60


def test_far_too_many_clients_are_refused_without_looking_at_them():
    assert batch_errors(b'{"clients": [' + b",".join([b"{}"] * 100_000) + b"]}") == [("clients", "batch")]


def test_a_batch_is_read_in_order():
    read = READER.read_batch(b'{"clients": [{"AMT_CREDIT": 1}, {"AMT_CREDIT": 2, "sk_id_curr": 9}]}')

    assert [application.values[0] for application in read] == [1.0, 2.0]
    assert [application.sk_id_curr for application in read] == [None, 9]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


MARKER = "c0ffee-d00d"


@given(st.dictionaries(st.sampled_from([*SCHEMA.names, "sk_id_curr", "other"]), json_values))
@example({"sk_id_curr": 1})
def test_whatever_is_sent_is_read_or_refused_with_rules_that_never_repeat_a_value(body):
    marked = {name: MARKER if isinstance(value, str) else value for name, value in body.items()}
    try:
        application = READER.read(msgspec.json.encode(marked))
    except InvalidApplication as error:
        told = " ".join(f"{found.field} {found.rule} {found.message}" for found in error.errors)
        assert MARKER not in told
        assert all(found.rule and found.message for found in error.errors)
    else:
        if set(body) == {"sk_id_curr"}:  # asks for a stored client
            assert application == Application(body["sk_id_curr"], ())
            return
        assert SCHEMA.width <= len(application.values) <= len(SCHEMA.features)
        assert isinstance(application.values[0], float)
