"""Those who watch the decisions get those they ask for, of either database."""

import dataclasses
from datetime import date

import sqlalchemy as sa
from decisions import HEADER, record

from records.drift_log import keep_report, kept_reports, told_before
from records.observed import Asked, settled
from records.record import Anomaly
from records.tables import outcomes

ASKED = Asked(HEADER.model_sha256, 1000, 2000)


def probabilities(database, asked, every=1):
    return [probability for batch in asked.read(database, every) for probability, _ in batch]


def test_only_the_decisions_of_the_time_the_model_and_the_traffic_are_read(database):
    decided = [(999, 0.1, None), (1000, 0.2, None), (1999, 0.3, None), (2000, 0.4, None), (1500, 0.5, "calm")]
    database.add(
        HEADER,
        [record(decided_at_us=at, probability_default=p, scenario=name) for at, p, name in decided],
    )
    database.add(HEADER, [record(decided_at_us=1500, model_sha256="f" * 64, probability_default=0.6)])

    assert sorted(probabilities(database, ASKED)) == [0.2, 0.3]
    assert (ASKED.count(database), ASKED.count_others(database)) == (2, 1)
    assert probabilities(database, dataclasses.replace(ASKED, scenario="calm")) == [0.5]
    ((batch,),) = [list(dataclasses.replace(ASKED, since_us=1999).read(database))]
    assert batch == [(0.3, [148365.0, "House", None])]


def test_a_sample_is_one_in_so_many(database):
    database.add(HEADER, [record(decided_at_us=1500, probability_default=i / 100) for i in range(20)])

    assert len(probabilities(database, ASKED, every=4)) == 5
    assert len(probabilities(database, ASKED)) == 20


def test_loans_are_real_approvals_whose_outcome_is_known(database):
    known, refused, made_up, _ = decisions = [
        record(probability_default=0.1),
        record(probability_default=0.2, decision="refuse", prediction=1),
        record(probability_default=0.3, scenario="calm"),
        record(probability_default=0.4),
    ]
    database.add(HEADER, decisions)
    with database.writing() as connection:
        for one in (known, refused, made_up):
            connection.execute(
                sa.insert(outcomes).values(
                    decision_id=one.decision_id,
                    defaulted=True,
                    observed_on=date(2026, 11, 1),
                    recorded_at_us=0,
                )
            )

    assert settled(database, HEADER.model_sha256) == [(known.decided_at_us, 0.1, True)]
    assert settled(database, "f" * 64) == []


def test_reports_are_kept_and_the_last_ones_come_first(database):
    for made_at_us, features in ((1, 9), (3, 9), (2, 9), (4, 0)):
        keep_report(
            database,
            {
                **dict.fromkeys(("since_us", "until_us", "decisions", "drifted"), 0),
                "made_at_us": made_at_us,
                "features": features,
                "alert": False,
                "model_sha256": HEADER.model_sha256,
                "report": str(made_at_us),
            },
        )

    assert kept_reports(database, HEADER.model_sha256, 2) == ["3", "2"]
    assert kept_reports(database, "f" * 64, 2) == []


def test_what_was_told_before_is_known(database):
    database.note([Anomaly(happened_at_us=1, kind="drift", key="a", detail="credits")])

    assert told_before(database, ["a", "b"]) == {"a"}
