"""API keys are found by their secret, and never give it away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.errors import InvalidSettings
from keys import ApiKey, KeyRing, Scope, new_secret, read_keys

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)
SCOPES = st.frozensets(st.sampled_from(Scope), min_size=1)


@given(NAMES, SCOPES, st.text(min_size=1))
def test_a_key_is_read_as_it_was_written(name, scopes, secret):
    key = ApiKey.of(name, scopes, secret)

    assert read_keys(f"# keys\n{key},\n\n {key} # again\n") == (key, key)


def test_a_key_is_found_by_its_secret_alone():
    old, new = new_secret(), new_secret()
    ring = KeyRing([ApiKey.of("till", [Scope.SCORE], old), ApiKey.of("till", [Scope.READ], new)])

    assert ring.find(old.encode()).scopes == {Scope.SCORE}
    assert ring.find(new.encode()).scopes == {Scope.READ}
    assert ring.find(b"") is None
    assert ring.find(old.encode()[:-1]) is None
    assert not KeyRing([])


def test_secrets_are_long_and_new_each_time():
    secrets = {new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert min(map(len, secrets)) >= 43


@pytest.mark.parametrize(
    "text", ["till", "till:score:abc", "till:own:" + "0" * 64, ":score:" + "0" * 64, "till::" + "0" * 64]
)
def test_what_is_no_key_is_refused_without_being_shown(text):
    with pytest.raises(InvalidSettings, match="API key number 2 is not NAME") as caught:
        read_keys(f"{ApiKey.of('first', [Scope.READ], 'x')},{text}")

    assert text not in str(caught.value)


def test_a_name_is_letters_digits_and_little_else():
    with pytest.raises(InvalidSettings, match="is no name for a key"):
        ApiKey.of("a:b", [Scope.READ], "x")
