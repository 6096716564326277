"""What became of the loans is recorded once each, and counted on approved loans that are over."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from decisions import HEADER, record

from credit.errors import UnknownDecision
from credit.policy import Policy
from records.decision import read_decision
from records.hours import Hours
from records.maturity import Matured, auc, read_matured
from records.outcomes import End, InvalidOutcome, Outcome, Told, tell
from records.tables import outcomes

DAY = date(2026, 3, 1)


def test_an_outcome_told_again_changes_nothing_and_another_corrects_it(database):
    one, other = record(), record()
    database.add(HEADER, [one, other])
    repaid = Outcome(one.decision_id, End.REPAID, DAY)

    told = [
        tell(database, [repaid]),
        tell(database, [repaid, Outcome(other.decision_id, End.DEFAULTED, DAY)]),
        tell(database, [Outcome(one.decision_id, End.DEFAULTED, DAY)]),
    ]

    assert told == [Told(new=1), Told(new=1, unchanged=1), Told(corrected=1)]
    rows = database.rows(sa.select(outcomes.c.defaulted, outcomes.c.observed_on))
    assert rows == [(True, DAY), (True, DAY)]
    seen = read_decision(database, one.decision_id).outcome
    assert seen is not None
    assert (seen.outcome, seen.date) == ("defaulted", "2026-03-01")


def test_nothing_is_recorded_when_one_decision_is_unknown_or_one_date_to_come(database):
    one = record()
    database.add(HEADER, [one])
    known = Outcome(one.decision_id, End.REPAID, DAY)
    to_come = datetime.now(UTC).date() + timedelta(days=3)

    with pytest.raises(UnknownDecision, match="no decision nobody in the records"):
        tell(database, [known, Outcome("nobody", End.REPAID, DAY)])
    with pytest.raises(InvalidOutcome, match="is of the future"):
        tell(database, [known, Outcome(one.decision_id, End.REPAID, to_come)])

    assert database.rows(sa.select(outcomes)) == []


@pytest.mark.parametrize("strange", ["", "n\0l", "x" * 37, "é", "\ud800"])
def test_what_is_no_id_is_an_unknown_decision_in_either_database(database, strange):
    with pytest.raises(UnknownDecision, match="no decision's id"):
        read_decision(database, strange)
    with pytest.raises(UnknownDecision, match="no decision's id"):
        tell(database, [Outcome(strange, End.REPAID, DAY)])


def test_a_file_of_outcomes_is_loaded_however_often(run, url, database, tmp_path):
    decided = [record() for _ in range(1201)]
    database.add(HEADER, decided)
    path = tmp_path / "outcomes.csv"
    lines = [f"2026-03-{1 + i % 28:02d},{one.decision_id},repaid" for i, one in enumerate(decided)]
    path.write_text("date,decision_id,outcome\n" + "\n".join(lines) + "\n")

    first = run(tmp_path, "outcomes", "load", path, url=url)
    second = run(tmp_path, "outcomes", "load", path, url=url)

    assert first.stdout == "1,201 outcomes are new, 0 corrected, 0 as they were\n", first.output
    assert second.stdout == "0 outcomes are new, 0 corrected, 1,201 as they were\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("decision_id,outcome\n", "must begin with the line decision_id,outcome,date"),
        ("decision_id,outcome,date\nx,paid,2026-01-01\n", "line 2"),
        ("decision_id,outcome,date\nx,repaid,1.1.2026\n", "line 2"),
        ("decision_id,outcome,date\nx,repaid\n", "line 2"),
        ("decision_id,outcome,date\nx,repaid,2026-01-01\n", "no decision x in the records"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_by_its_line(run, url, database, tmp_path, text, words):
    (tmp_path / "outcomes.csv").write_text(text)

    done = run(tmp_path, "outcomes", "load", tmp_path / "outcomes.csv", url=url)

    assert done.exit_code == 1
    assert words in done.output


def test_only_approved_real_loans_that_are_over_are_counted(database):
    def decided(probability, defaulted, **changes):
        one = record(probability_default=probability, **changes)
        database.add(HEADER, [one])
        if defaulted is not None:
            end = End.DEFAULTED if defaulted else End.REPAID
            tell(database, [Outcome(one.decision_id, end, DAY)])

    for probability, defaulted in [(0.01, False), (0.04, False), (0.035, True), (0.08, True), (0.02, None)]:
        decided(probability, defaulted)
    decided(0.5, True, decision="refuse", prediction=1)
    decided(0.05, True, scenario="storm")

    assert read_matured(database, Hours(), "") == Matured(loans=4, defaulted=2, auc=0.75)
    assert read_matured(database, Hours(), "").default_rate == 0.5
    assert read_matured(database, Hours(), "storm") == Matured(1, 1, None)
    assert read_matured(database, Hours(0, 5), "") == Matured(0, 0, None)
    assert read_matured(database, Hours(0, 5), "").default_rate is None


def test_ties_count_half_in_the_auc():
    assert auc([0.2, 0.2, 0.2, 0.2], [True, False, True, False]) == 0.5
    assert auc([0.1, 0.2, 0.2], [False, False, True]) == 0.75
    assert auc([0.9, 0.1], [False, True]) == 0.0
    assert auc([0.9], [True]) is None


def test_stats_show_what_the_approved_came_to_and_what_it_cost(run, url, database, tmp_path, monkeypatch):
    decided = [record(probability_default=0.01 * (i + 1)) for i in range(4)]
    database.add(HEADER, decided)
    (tmp_path / "policy.json").write_text(json.dumps(Policy(threshold=0.09).as_dict()))
    monkeypatch.setenv("OCTROI_POLICY", str(tmp_path / "policy.json"))
    before = run(tmp_path, "stats", url=url)
    tell(database, [Outcome(one.decision_id, End.REPAID, DAY) for one in decided[:3]])
    tell(database, [Outcome(decided[3].decision_id, End.DEFAULTED, DAY)])

    told = json.loads(run(tmp_path, "stats", "--json", url=url).stdout)["approved_and_matured"]
    shown = run(tmp_path, "stats", url=url).stdout

    assert told == {
        "loans": 4,
        "defaulted": 1,
        "auc": 1.0,
        "default_rate": 0.25,
        "cost_of_false_negatives": 10.0,
    }
    assert "Approved and matured loans only" in shown
    assert "25.00%" in shown
    assert "none yet" in before.stdout


def test_a_machine_without_model_and_policy_says_so_of_the_cost_alone(
    run, url, database, tmp_path, monkeypatch
):
    one = record()
    database.add(HEADER, [one])
    tell(database, [Outcome(one.decision_id, End.DEFAULTED, DAY)])
    monkeypatch.setenv("OCTROI_MODEL", "no-model:here")

    told = json.loads(run(tmp_path, "stats", "--json", url=url).stdout)["approved_and_matured"]

    assert (told["default_rate"], told["cost_of_false_negatives"]) == (1.0, None)
    assert "unknown: no model is here" in run(tmp_path, "stats", url=url).stdout
