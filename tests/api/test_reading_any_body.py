"""Whatever bytes come, alone or in a batch, they are read as Python's own JSON reads them, or refused."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.application import CLIENT
from api.reader import ApplicationReader
from credit.errors import InvalidApplication
from features.schema import Feature, FeatureSchema, Kind

pytestmark = pytest.mark.no_cover  # test_reading.py runs it all; measured along, it takes twice as long
NUMBERS = [f"RARE_{i:02}" for i in range(30)]
"""More than an ordinary body has: those past the first need the decoder of every name."""
SCHEMA = FeatureSchema(
    (
        Feature("AMT_CREDIT", Kind.NUMBER, "", "", low=0.0, required=True),
        Feature("EXT_SOURCE_1", Kind.NUMBER, "", "", low=0.0, high=1.0),
        Feature("DAYS_EMPLOYED", Kind.NUMBER, "", "", low=-1000.0, high=0.0, sentinels=(365243.0,)),
        Feature("CODE_GENDER", Kind.CATEGORY, "", "", aliases={"1": "F", "0": "M"}),
        Feature("NAME_HOUSING_TYPE", Kind.CATEGORY, "", ""),
        *(Feature(name, Kind.NUMBER, "", "") for name in NUMBERS),
    ),
    width=3,
)
READER = ApplicationReader(SCHEMA, max_batch=3)
TOKENS = [
    *("0", "-0", "-0.0", "1.0e0", "1E0", "0.1", "5", "1.5", "-5", "365243", "3.65243e5", "-1000.0000000001"),
    *("1e308", "1.7976931348623157e308", "1.7976931348623159e308", "1e309", "-1e309", "9" * 400),
    *("1e-400", "4.9e-324", "1.0000000000000001", "0.99999999999999999", "9007199254740993"),
    *("18446744073709551615", "18446744073709551616", "123456789012345678901234567890"),
    *("01", "1.", ".5", "+5", "-", "1e", "1e+", "0x10", "1_000", "NaN", "Infinity", "-Infinity", "nan"),
    *("null", "true", "false", "{}", "[]", "[1]", '{"a": 1}', '"1"', '"a:b"', '"\\u003a"', '"é"', '"\\n"'),
    *('"\\ud800"', '"\x01"', '"', "", " "),
]
NAMES = [*SCHEMA.names, CLIENT]


def escaped(name, positions):
    """*name* as JSON may write it, characters at *positions* by their numbers."""
    return "".join(f"\\u{ord(c):04x}" if i in positions else c for i, c in enumerate(name))


names = st.builds(
    escaped,
    st.sampled_from(NAMES) | st.sampled_from(["AMT_CREDIT", "RARE_29", "amt_credit", ""]),
    st.just(frozenset()) | st.frozensets(st.integers(0, 12)),
)
spaces = st.sampled_from(["", "", "", " ", "\n", "\t\r"])
pairs = st.tuples(names, spaces, spaces, st.sampled_from(TOKENS) | st.just("1"), spaces).map(
    lambda part: f'{part[1]}"{part[0]}"{part[2]}:{part[1]}{part[3]}{part[4]}'
)
objects = st.lists(pairs, max_size=6).map(lambda parts: "{" + ",".join(['"AMT_CREDIT":7', *parts]) + "}")
incomplete = st.lists(pairs, max_size=3).map(lambda parts: "{" + ",".join(parts) + "}")
bodies = st.builds(
    lambda before, text, after: before + text.encode() + after,
    st.sampled_from([b"", b"", b"", b" \n", b"\xef\xbb\xbf"]),
    objects | incomplete,
    st.sampled_from([b"", b"", b"", b"\t", b"x", b"{}", b"\x00", b","]),
)


def reread(body):
    """The client's number and the values of *body*, by Python's JSON and the schema; None if it breaks it."""
    try:
        text = body.decode()
        client = json.loads(text, object_pairs_hook=distinct, parse_constant=no_number)
        json.dumps(client, ensure_ascii=False).encode()  # half of a surrogate pair is no character
        if not client.keys() <= set(NAMES):
            return None
        number = client.get(CLIENT)
        if number is not None and not (type(number) is int and 1 <= number <= 2**53):
            return None
        if client.keys() == {CLIENT} and number is not None:
            return number, []
        values = [taken(feature, client.get(feature.name)) for feature in SCHEMA.features]
    except (ValueError, OverflowError):
        return None
    return (number, values) if values[0] is not None else None


def distinct(given):
    if len(dict(given)) < len(given):
        raise ValueError("a name came twice")
    return dict(given)


def no_number(word):
    raise ValueError(word)


def taken(feature, value):
    """*value* as the schema takes it."""
    if value is None or (feature.is_category and isinstance(value, str)):
        return value
    if type(value) not in {int, float} or (feature.is_category and not feature.aliases):
        raise ValueError("another type")
    number = float(value)
    if abs(number) == float("inf"):
        raise ValueError("not finite")
    low = feature.low is None or number >= feature.low
    high = feature.high is None or number <= feature.high
    if number not in feature.sentinels and not (low and high):
        raise ValueError("out of the domain")
    return number


def read(body):
    return told(READER.read, body)


def read_in_a_batch(body):
    return told(lambda bytes_: READER.read_batch(bytes_)[0], b'{"clients": [' + body + b"]}")


def told(reader, body):
    """The number and the values that *reader* found in *body*; None if it refused it."""
    try:
        application = reader(body)
    except InvalidApplication as error:
        assert error.errors
        return None
    if application.is_number_alone:
        return application.sk_id_curr, []
    missing = [None] * (len(SCHEMA.features) - len(application.values))
    return application.sk_id_curr, [*application.values, *missing]


@settings(max_examples=1000)
@given(bodies)
@example(b'{"AMT_CREDIT":7,"RARE_29":-0.0,"RARE_00":9007199254740993}')
@example(b'{"AMT_CREDIT":7,"\\u0041MT_CREDIT":7}')
@example(b'{"AMT_CREDIT":7,"RARE_29":1,"\\u0052ARE_29":2}')
@example(b'\xef\xbb\xbf{"AMT_CREDIT":7}')
def test_a_body_means_the_same_to_us_and_to_pythons_json(body):
    found = read(body)

    # repr tells 0.0 from -0.0, and a whole number from a float.
    assert repr(found) == repr(reread(body))


@settings(max_examples=1000)
@given(objects | incomplete)
def test_a_client_is_read_alike_alone_and_in_a_batch(text):
    body = text.encode()

    assert repr(read(body)) == repr(read_in_a_batch(body))


@pytest.mark.parametrize("name", [*SCHEMA.names[:5], NUMBERS[0], NUMBERS[-1], CLIENT, "NOPE"])
def test_every_token_means_the_same_under_a_name_of_each_kind(name):
    others = "" if name == "AMT_CREDIT" else '"AMT_CREDIT":7,'
    refused = set()
    for token in TOKENS:
        body = f'{{{others}"{name}":{token}}}'.encode()
        found = read(body)
        assert repr(found) == repr(reread(body)) == repr(read_in_a_batch(body)), body
        refused.add(found is None)

    assert refused == ({True} if name == "NOPE" else {True, False})
