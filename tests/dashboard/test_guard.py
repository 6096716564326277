"""From elsewhere nobody looks without a key that may read, or a proxy that let them in."""

import pytest
import streamlit.config
from click.testing import CliRunner
from lending import decide

from dashboard.__main__ import door
from keys import ApiKey, Scope, new_secret


@pytest.fixture
def elsewhere(look, monkeypatch):
    """The dashboard on an address that other machines reach."""
    streamlit.config.set_option("server.address", "0.0.0.0")
    secret = new_secret()
    keys = [ApiKey.of("audit", [Scope.READ], secret), ApiKey.of("till", [Scope.SCORE], "only-scores")]
    monkeypatch.setenv("OCTROI_API_KEYS", ",".join(map(str, keys)))
    return secret


def enter(app, secret):
    app.text_input[0].set_value(secret)
    app.get("button")[0].click()
    return app.run()


def test_nothing_is_shown_before_a_key_that_may_read(look, database, elsewhere):
    decide(database, 40)

    app = look("overview")
    assert not app.title
    assert not app.metric

    for secret in ("wrong", "only-scores", ""):
        assert enter(app, secret).error[0].value == "No key that may read has this secret."
        assert not app.metric

    assert enter(app, elsewhere).metric[0].value == "40"


def test_who_leaves_must_enter_again(look, database, elsewhere):
    app = enter(look("overview"), elsewhere)
    assert app.title[0].value == "Overview"

    app.sidebar.button[0].click().run()

    assert not app.title


def test_without_any_key_nobody_enters(look, database, elsewhere, monkeypatch):
    monkeypatch.delenv("OCTROI_API_KEYS")

    app = look("home")

    assert "no API key is set" in app.error[0].value
    assert not app.title
    assert not app.text_input


def test_a_header_opens_only_when_a_proxy_is_trusted(look, database, elsewhere, monkeypatch):
    import streamlit as st

    monkeypatch.setattr(type(st.context), "headers", {"X-Forwarded-User": "auditor"})
    assert not look("home").title

    monkeypatch.setenv("OCTROI_DASHBOARD_USER_HEADER", "X-Forwarded-User")
    assert look("home").title

    monkeypatch.setattr(type(st.context), "headers", {})
    assert not look("home").title


def test_the_door_does_not_open_to_others_without_a_key(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(door, ["serve", "--host", "0.0.0.0"])

    assert done.exit_code == 1
    assert "set API_KEY or OCTROI_API_KEYS" in done.output


def test_wrong_settings_are_named_on_the_page(look, monkeypatch):
    monkeypatch.setenv("PORT", "99999")

    assert "PORT: Input should be less than or equal to 65535" in look("home").error[0].value
