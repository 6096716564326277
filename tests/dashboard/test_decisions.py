"""Decisions finds single decisions, and shows each in full."""

import sqlalchemy as sa
from lending import decide

from dashboard.decisions import table
from records.tables import predictions
from records.views.calls import Search, read_calls


def told(app):
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.info])


def ids(database, **search):
    return [call.decision_id for call in read_calls(database, Search(**search), 100)]


def test_the_history_shows_the_newest_and_goes_on_page_by_page(look, database):
    decide(database, 30)

    app = look("decisions")
    assert app.dataframe[0].value["Decision id"].tolist() == ids(database)[:25]

    app.number_input(key="page").set_value(2).run()
    assert app.dataframe[0].value["Decision id"].tolist() == ids(database)[25:]


def test_a_client_or_a_kind_of_decision_can_be_searched(look, database):
    decide(database, 8)
    decide(database, 2, sk_id_curr=77)

    app = look("decisions")
    app.number_input(key="client").set_value(77).run()
    assert app.dataframe[0].value["Decision id"].tolist() == ids(database, sk_id_curr=77)

    app.selectbox(key="decision").set_value("refuse").run()
    assert app.dataframe[0].value["Decision"].tolist() == ["refused"]

    app.number_input(key="client").set_value(78).run()
    assert app.info[0].value == "No decision is like that."


def test_a_decision_is_shown_in_full(look, database):
    decide(database, 8, probability_default=0.5, decision="refuse", prediction=1)
    decision_id = ids(database)[0]

    app = look("decisions")
    app.text_input(key="id").set_value(decision_id).run()

    figures = {metric.label: metric.value for metric in app.metric}
    assert (figures["Decision"], figures["PD"], figures["Threshold"]) == (
        "refused",
        "50.000%",
        "9.090%",
    )
    text = told(app)
    assert "octroi-credit:0123456789ab" in text
    assert "default-01234567" in text
    assert "`EXTRA` (outside-training-range): outside" in text
    ((link, number),) = database.rows(
        sa.select(predictions.c.chain_hash, predictions.c.seq).where(predictions.c.decision_id == decision_id)
    )
    assert f"link: `{link}`" in text
    assert f"number: {number}" in text
    assert "2 of 3 features were given;" in text
    inputs = app.dataframe[0].value
    assert dict(zip(inputs["feature"], inputs["value"], strict=True)) == {
        "AMT_CREDIT": "148365.0",
        "NAME_HOUSING_TYPE": "House",
    }


def test_an_id_that_is_not_there_is_said_not_to_be_there(look, database):
    decide(database, 2)

    app = look("decisions")
    app.text_input(key="id").set_value("no-such-decision").run()

    assert "No decision `no-such-decision` in the records" in app.warning[0].value


def test_a_decision_comes_out_again_bit_for_bit(look, decided):
    app = look("decisions")
    app.text_input(key="id").set_value(decided[5].decision_id).run()
    app.button(key="replay").click().run()

    assert [success.value for success in app.success] == ["It came out again, bit for bit."]


def test_a_decision_that_was_tampered_with_does_not(look, database, decided):
    with database.writing() as connection:
        row = sa.update(predictions).where(predictions.c.decision_id == decided[5].decision_id)
        connection.execute(row.values(probability_default=0.5))

    app = look("decisions")
    app.text_input(key="id").set_value(decided[5].decision_id).run()
    app.button(key="replay").click().run()

    assert not app.success
    assert "probability_default was 0.5, is now" in app.error[0].value


def test_a_model_that_is_not_here_is_no_proof(look, database):
    decide(database, 2)

    app = look("decisions")
    app.text_input(key="id").set_value(ids(database)[0]).run()
    app.button(key="replay").click().run()

    assert not app.success
    assert "It cannot be made again here" in app.warning[0].value


def test_what_is_downloaded_names_no_client_and_no_amount(database):
    decide(database, 3, sk_id_curr=987_654, amt_credit=148_365.0)

    text = table(iter(read_calls(database, Search(), 10))).decode()

    lines = text.splitlines()
    assert lines[0].startswith("decided_at,seq,decision_id,route,decision,probability_default,threshold")
    assert len(lines) == 4
    assert "987654" not in text
    assert "148365" not in text


def test_nothing_is_shown_of_nothing(look, database):
    assert "No data yet" in look("decisions").info[0].value


def test_without_a_database_it_says_so(look):
    assert "The database does not answer" in look("decisions").error[0].value
