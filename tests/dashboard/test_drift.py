"""Drift shows what the kept reports say."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from lender import POLICY, SCHEMA, clients, reference, window

from monitoring.drift.span import Span
from monitoring.drift.subject import Question, Subject
from monitoring.reporting.document import Document
from monitoring.reporting.kept import read_kept
from monitoring.reporting.shelf import shelve
from monitoring.trial.induced import Lose, Scale, recomputed
from records.drift_log import DriftLog

TRAINED = reference()
SUBJECT = Subject("octroi-credit:0123456789ab", "0123456789ab" + 52 * "0", SCHEMA, POLICY, TRAINED)
DRIFTED = (Scale(("AMT_CREDIT",), 1.5), *(Lose((name,), 0.5) for name in ("CNT_CHILDREN", "BURO_COUNT")))


def document(*changes, rows=1000, until_s=None) -> Document:
    columns = clients(rows, 50)
    for change in changes:
        columns = recomputed(change.of(columns, np.random.default_rng(9)), SCHEMA.features, change.touched)
    until = datetime.fromtimestamp(until_s or time.time(), UTC)
    question = Question(Span(until - timedelta(days=7), until))
    return SUBJECT.compared(question, None, window(TRAINED, columns), "database")


def keep(database, found: Document) -> None:
    about, compared = found.about, found.comparison
    DriftLog(database, about.model_sha256).keep(
        {
            "made_at_us": about.until_us,
            "since_us": about.since_us,
            "until_us": about.until_us,
            "decisions": compared.rows_now,
            "features": len(compared.features),
            "drifted": len(compared.drifted),
            "alert": bool(compared.alerts),
            "report": found.to_json().decode(),
        },
    )


def figures(app):
    return {metric.label: metric.value for metric in app.metric}


def test_a_kept_report_is_read_as_it_was_written():
    written = document(*DRIFTED)

    read = read_kept(written.to_json())

    assert read.name == written.about.name
    assert read.share == written.comparison.share
    assert [one.name for one in read.features] == [one.name for one in written.comparison.features]
    assert [one.psi for one in read.features] == [one.psi for one in written.comparison.features]
    assert read.probability.limit == written.comparison.probability.limit


def test_drift_is_shown_with_the_features_it_is_in(look, database):
    keep(database, document(*DRIFTED))

    app = look("drift")

    shown = figures(app)
    assert (shown["Drift"], shown["Features affected"], shown["Limit"]) == ("yes", "4 of 9", "30%")
    assert shown["Share that drifted"] == "44.4%"
    (alerts,) = (warning.value for warning in app.warning)
    assert "Retraining is recommended." in alerts
    assert "`AMT_CREDIT`, an important feature, drifted: values." in alerts
    ranked = app.dataframe[0].value
    assert set(ranked["feature"][:4]) == {"AMT_CREDIT", "PAYMENT_RATE", "CNT_CHILDREN", "BURO_COUNT"}
    assert len(app.get("vega_lite_chart")) == 3


def test_no_drift_is_shown_as_none(look, database):
    keep(database, document())

    app = look("drift")

    assert (figures(app)["Drift"], figures(app)["Features affected"]) == ("no", "0 of 9")
    assert not app.warning


def test_another_feature_and_another_report_can_be_chosen(look, database):
    now = time.time()
    keep(database, document(until_s=now - 3600))
    keep(database, document(*DRIFTED, until_s=now))

    app = look("drift")
    assert figures(app)["Drift"] == "yes"
    before = app.get("vega_lite_chart")[1].proto.spec

    app.selectbox(key="feature").set_value("EXT_SOURCE_2").run()
    assert app.get("vega_lite_chart")[1].proto.spec != before

    app.selectbox(key="report").set_value(1).run()
    assert figures(app)["Drift"] == "no"


def test_bins_are_written_as_the_language_writes_numbers(look, database):
    keep(database, document(*DRIFTED))

    app = look("drift", lang="Fran\u00e7ais")
    app.selectbox(key="feature").set_value("AMT_CREDIT").run()
    first, second, *_, last, missing = _bins(app)

    assert re.fullmatch("< [0-9]+\u202f[0-9]{3}", first)
    assert re.fullmatch("[0-9]+\u202f[0-9]{3} \u2013 [0-9]+\u202f[0-9]{3}", second)
    assert re.fullmatch("\u2265 [0-9\u202f]+", last)
    assert missing == "manquante"


def _bins(app):
    return json.loads(app.get("vega_lite_chart")[1].proto.spec)["encoding"]["x"]["sort"]


def test_too_few_decisions_are_not_no_drift(look, database):
    keep(database, document(rows=20))

    app = look("drift")

    assert "too few decisions to compare (20; it needs 50)" in app.info[0].value
    assert not app.metric


def test_the_page_of_a_report_can_be_had_where_it_lies(look, database, tmp_path: Path):
    found = document(*DRIFTED)
    keep(database, found)
    assert len(look("drift").get("download_button")) == 1

    shelve(tmp_path / "var" / "reports", found, [])
    assert len(look("drift").get("download_button")) == 2


@pytest.mark.parametrize("lang", ["English", "Fran\u00e7ais"])
def test_without_a_report_it_says_how_to_make_one(look, database, lang):
    app = look("drift", lang=lang)

    assert app.code[0].value == "python -m monitoring drift --days 7"
    assert not app.metric


def test_without_a_database_it_says_so(look):
    assert "The database does not answer" in look("drift").error[0].value


def test_home_says_that_there_is_an_alert(look, database):
    keep(database, document(*DRIFTED))

    told = [element.value for element in look("home").markdown]

    assert any(text.startswith("Alert. 4 of 9 features drifted among 1,000 decisions") for text in told)
