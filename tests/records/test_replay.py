"""A recorded decision comes out again bit for bit; one that does not is named."""

import json

import msgspec
import numpy as np
import sqlalchemy as sa

from records.database import Database
from records.tables import prediction_inputs, predictions


def replayed(run, tmp_path, url, *arguments):
    done = run(tmp_path, "replay", *arguments, "--json", url=url)
    assert done.exit_code in {0, 1}, done.output
    told = json.loads(done.stdout)
    assert done.exit_code == (0 if told["holds"] else 1)
    return told


def test_every_recorded_decision_comes_out_bit_for_bit(run, url, decided, tmp_path):
    told = replayed(run, tmp_path, url, "--all")

    assert (told["same"], told["different"], told["holds"]) == (300, 0, True)
    assert replayed(run, tmp_path, url, "--id", decided[7].decision_id)["same"] == 1
    assert replayed(run, tmp_path, url, "--since", "2026-09-21T14:13:20.000290")["same"] == 10


def test_a_change_of_the_last_bit_is_reported(run, url, database, decided, tmp_path):
    forged = float(np.nextafter(decided[7].probability_default, 1.0))
    with database.writing() as connection:
        row = sa.update(predictions).where(predictions.c.decision_id == decided[7].decision_id)
        connection.execute(row.values(probability_default=forged))

    told = replayed(run, tmp_path, url, "--all")
    words = run(tmp_path, "replay", "--all", url=url)

    assert (told["same"], told["different"]) == (299, 1)
    assert told["differences"] == [
        {
            "decision_id": decided[7].decision_id,
            "what": "probability_default",
            "recorded": forged,
            "replayed": decided[7].probability_default,
        }
    ]
    assert words.exit_code == 1
    assert f"{decided[7].decision_id}: probability_default was {forged}" in words.stdout
    assert "NOT every decision came out as recorded: 299 bit for bit, 1 otherwise, 0 erased" in words.stdout


def test_changed_inputs_and_a_changed_decision_are_reported(run, url, database, decided, tmp_path):
    with database.writing() as connection:
        first = predictions.c.decision_id == decided[0].decision_id
        other = "approve" if decided[0].decision == "refuse" else "refuse"
        connection.execute(sa.update(predictions).where(first).values(decision=other))
        connection.execute(
            sa.update(prediction_inputs)
            .where(prediction_inputs.c.seq == 2)
            .values(inputs=msgspec.json.encode([None] * 5).decode())
        )
        connection.execute(sa.delete(prediction_inputs).where(prediction_inputs.c.seq == 3))

    told = replayed(run, tmp_path, url, "--all")

    assert (told["same"], told["different"], told["erased"]) == (297, 2, 1)
    assert {one["what"] for one in told["differences"]} >= {"decision", "probability_default"}


def test_a_model_that_is_gone_is_said(run, url, decided, tmp_path, monkeypatch):
    monkeypatch.setattr("records.replaying.__main__.open_bundle", _gone)

    told = replayed(run, tmp_path, url, "--all")

    assert (told["same"], told["holds"]) == (0, False)
    assert told["without_model"] == {"there is no model": 300}


def _gone(_):
    from credit.errors import InvalidModel

    raise InvalidModel("there is no model")


def test_the_door_wants_to_know_which(run, url, tmp_path):
    Database(url, create=True).close()

    assert "say one of --id, --since and --all" in run(tmp_path, "replay", url=url).output
    unknown = run(tmp_path, "replay", "--id", "nobody", url=url)
    assert (unknown.exit_code, "no decision nobody in the records" in unknown.output) == (1, True)
