"""Performance shows how long answers took, and what went wrong."""

import time

from lending import decide

from records.hours import HOUR_US
from records.record import Anomaly
from records.retention import delete_older

NOW_US = time.time_ns() // 1000


def tables(app):
    return [table.value for table in app.dataframe]


def test_the_slowest_decision_is_the_first_of_ten(look, database):
    decide(database, 40)

    app = look("performance")

    (slowest,) = tables(app)
    assert slowest["took, ms"].tolist() == [f"{1 + i / 1000:.1f}" for i in range(39, 29, -1)]
    assert len(app.get("vega_lite_chart")) == 2
    assert [success.value for success in app.success] == [
        "No answer had an error status.",
        "Nothing out of order.",
    ]


def test_errors_are_shown_with_the_type_of_their_problem(look, database):
    error = {"happened_at_us": NOW_US, "kind": "error", "route": "/predict"}
    database.note(
        [
            Anomaly(count=3, status=422, rule="invalid-application", **error),
            Anomaly(status=405, **error),
            Anomaly(happened_at_us=NOW_US, kind="data_warning", field="X", rule="unknown-category"),
        ]
    )

    app = look("performance")

    errors, anomalies = tables(app)
    assert errors[["status", "problem", "answers"]].values.tolist() == [
        ["422", "invalid-application", "3"],
        ["405", "Method Not Allowed", "1"],
    ]
    assert anomalies["kind"].tolist() == ["error", "error"]

    app.toggle(key="warnings").set_value(True).run()
    assert "data warning" in tables(app)[1]["kind"].tolist()


def test_the_slowest_of_what_retention_deleted_are_not_known(look, database):
    decide(database, 40)
    delete_older(database, NOW_US + HOUR_US, lambda _: None)

    app = look("performance")

    assert "Counts alone are left of this time" in app.info[0].value
    assert len(app.get("vega_lite_chart")) == 2


def test_nothing_is_shown_of_nothing(look, database):
    app = look("performance")

    assert "No data yet" in app.info[0].value
    assert not app.get("vega_lite_chart")


def test_without_a_database_it_says_so(look):
    assert "The database does not answer" in look("performance").error[0].value
