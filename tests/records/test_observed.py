"""Those who watch the decisions get those they ask for, of either database."""

from datetime import date

import sqlalchemy as sa
from decisions import HEADER, record

from records.drift_log import DriftLog
from records.observed import Observed
from records.tables import anomalies, drift_reports, outcomes

DAY_US = 86_400_000_000


def observed(database, scenario=None) -> Observed:
    return Observed(database, HEADER.model_sha256, scenario)


def probabilities(of: Observed, every=1):
    return [probability for batch in of.read(1000, 2000, every) for probability, _ in batch]


def keep(log: DriftLog, made_at_us: int, *, features: int = 9, alert: bool = False) -> None:
    """A report that says when it was made."""
    log.keep(
        {
            **dict.fromkeys(("since_us", "until_us", "decisions", "drifted"), 0),
            "made_at_us": made_at_us,
            "features": features,
            "alert": alert,
            "report": str(made_at_us),
        }
    )


def test_only_the_decisions_of_the_time_the_model_and_the_traffic_are_read(database):
    decided = [(999, 0.1, None), (1000, 0.2, None), (1999, 0.3, None), (2000, 0.4, None), (1500, 0.5, "calm")]
    database.add(
        HEADER,
        [record(decided_at_us=at, probability_default=p, scenario=name) for at, p, name in decided],
    )
    database.add(HEADER, [record(decided_at_us=1500, model_sha256="f" * 64, probability_default=0.6)])

    real = observed(database)
    assert sorted(probabilities(real)) == [0.2, 0.3]
    assert (real.count(1000, 2000), real.count_others(1000, 2000)) == (2, 1)
    assert probabilities(observed(database, "calm")) == [0.5]
    assert real.names == HEADER.features
    assert list(real.read(1999, 2000)) == [[(0.3, [148365.0, "House", None])]]


def test_a_sample_is_one_in_so_many(database):
    database.add(HEADER, [record(decided_at_us=1500, probability_default=i / 100) for i in range(20)])

    assert len(probabilities(observed(database), every=4)) == 5
    assert len(probabilities(observed(database))) == 20


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

    assert observed(database).settled() == [(known.decided_at_us, 0.1, True)]
    assert observed(database, "calm").settled() == [(made_up.decided_at_us, 0.3, True)]
    assert Observed(database, "f" * 64).settled() == []


def test_reports_are_kept_and_the_last_ones_come_first(database):
    log = DriftLog(database, HEADER.model_sha256)
    for made_at_us, features in ((1, 9), (3, 9), (2, 9), (4, 0)):
        keep(log, made_at_us, features=features)

    assert log.kept(2) == ["3", "2"]
    assert DriftLog(database, "f" * 64).kept(2) == []


def test_of_older_days_the_last_report_stays_and_those_that_alerted(database):
    log, other = DriftLog(database, HEADER.model_sha256), DriftLog(database, "f" * 64)
    for day in range(3):
        for hour in range(4):
            keep(log, day * DAY_US + hour, alert=(day, hour) == (0, 1))
            keep(other, day * DAY_US + hour)

    log.thin(2 * DAY_US)
    log.thin(2 * DAY_US)

    today = {2 * DAY_US + hour for hour in range(4)}
    assert {int(report) for report in log.kept(99)} == {1, 3, DAY_US + 3, *today}
    assert len(other.kept(99)) == 12
    assert database.rows(sa.select(sa.func.count()).select_from(drift_reports)) == [(19,)]


def test_what_was_told_before_is_known_and_told_once(database):
    log = DriftLog(database, HEADER.model_sha256)
    for _ in range(2):
        log.tell(1, {"a": "credits"})

    assert log.told(["a", "b"]) == {"a"}
    assert database.rows(sa.select(anomalies.c.kind, anomalies.c.key, anomalies.c.detail)) == [
        ("drift", "a", "credits")
    ]
