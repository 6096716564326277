"""Overview shows what the records hold."""

from lending import decide


def figures(app):
    return {metric.label: metric.value for metric in app.metric}


def test_the_totals_are_those_of_the_records(look, database):
    decide(database, 40)

    app = look("overview")

    shown = figures(app)
    assert shown["Decisions"] == "40"
    assert shown["Approval rate"] == "75.0%"
    assert shown["Mean latency"] == "1.0\N{NO-BREAK SPACE}ms"
    assert shown["Error rate"] == "0.00%"
    assert len(app.get("vega_lite_chart")) == 5


def test_a_time_without_decisions_has_no_charts_but_a_sentence(look, database):
    decide(database, 40, decided_at_us=1_700_000_000_000_000)

    app = look("overview")
    assert "take a longer time" in app.info[0].value
    assert not app.get("vega_lite_chart")

    app.segmented_control(key="time").set_value("all").run()
    assert figures(app)["Decisions"] == "40"


def test_simulated_traffic_is_shown_when_it_is_asked_for(look, database):
    decide(database, 8)
    decide(database, 12, scenario="rehearsal")

    app = look("overview")
    assert figures(app)["Decisions"] == "8"

    app.selectbox(key="traffic").set_value("rehearsal").run()
    assert figures(app)["Decisions"] == "12"


def test_an_empty_database_is_said_to_be_empty(look, database):
    app = look("overview")

    assert "No data yet: nothing has been decided" in app.info[0].value
    assert not app.get("vega_lite_chart")


def test_a_database_that_is_not_there_is_no_empty_database(look):
    app = look("overview")

    assert "The database does not answer" in app.error[0].value
    assert not app.get("vega_lite_chart")


def test_numbers_are_written_as_french_is(look, database):
    decide(database, 40)

    assert figures(look("overview", lang="Français"))["Taux d\u2019accord"] == "75,0\N{NO-BREAK SPACE}%"
