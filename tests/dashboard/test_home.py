"""Home says how things stand and what to do about it."""

import time

from lending import decide

from records.hours import HOUR_US
from records.retention import delete_older


def told(app):
    return "\n".join(element.value for element in [*app.markdown, *app.info])


def test_home_says_what_to_do_when_nothing_runs(look):
    app = look("home")

    assert "Nothing answers at http://127.0.0.1:9" in told(app)
    assert "`make serve`" in told(app)
    assert app.title[0].value == "Home"


def test_home_counts_what_is_recorded_and_names_its_model(look, database):
    decide(database, 40)

    app = look("home")

    assert "40 decisions, the last one at" in told(app)
    assert "The last decision was by `octroi-credit:0123456789ab`" in told(app)
    assert "No drift report yet." in told(app)


def test_home_knows_emptied_from_empty(look, database):
    assert "nothing has been decided" in told(look("home"))

    decide(database, 40)
    delete_older(database, time.time_ns() // 1000 + HOUR_US, lambda _: None)

    assert "No decision is kept any more: retention deleted all 40." in told(look("home"))


def test_home_speaks_french(look, database):
    decide(database, 40)

    app = look("home", lang="Français")

    assert app.title[0].value == "Accueil"
    assert "40 décisions, la dernière le" in told(app)
