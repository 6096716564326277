"""Drift is reported when there is drift, and only then: each detector with its silent twin."""

import dataclasses

import numpy as np
import pytest
from lender import GAINS, POLICY, SCHEMA, clients, defaulted, reference, score, window

from monitoring.drift.budget import FALSE_ALARMS, FALSE_NAMES, Budget
from monitoring.drift.reference import PROBABILITY, Reference
from monitoring.drift.report import Comparison, Verdict, compare
from monitoring.drift.verdict import Reason
from monitoring.drift.window import Window
from monitoring.trial.induced import Lose, Only, Outlier, Replace, Scale, Shift, recomputed

TRAINED = reference()
BEFORE = Window.of_training(TRAINED)


def compared(*changes, rows: int = 1000, seed: int = 50) -> Comparison:
    columns = clients(rows, seed)
    for change in changes:
        changed = change.of(columns, np.random.default_rng(1000 + seed))
        columns = recomputed(changed, SCHEMA.features, change.touched)
    return compare(TRAINED, BEFORE, window(TRAINED, columns), POLICY)


def reasons(comparison: Comparison) -> dict[str, tuple[Reason, ...]]:
    return {feature.name: feature.reasons for feature in comparison.drifted}


@pytest.mark.parametrize("rows", [50, 100, 1000, 20_000])
def test_clients_like_those_of_training_are_no_drift(rows):
    found = compared(rows=rows)

    assert found.verdict is Verdict.NO_DRIFT
    assert found.drifted == ()
    assert found.alerts == ()
    assert found.share == 0.0
    assert len(found.features) == 9


@pytest.mark.parametrize("rows", [0, 1, 49])
def test_few_decisions_are_never_no_drift(rows):
    found = compared(Scale(("AMT_CREDIT",), 10.0), rows=rows)

    assert found.verdict is Verdict.NOT_ENOUGH_DATA
    assert (found.rows_now, found.features, found.alerts) == (rows, (), ())


def test_too_few_earlier_decisions_are_not_enough_either():
    earlier, now = (window(TRAINED, clients(rows, 3)) for rows in (49, 5000))

    assert compare(TRAINED, earlier, now, POLICY).verdict is Verdict.NOT_ENOUGH_DATA


@pytest.mark.parametrize(
    ("change", "feature", "reason"),
    [
        (Scale(("AMT_CREDIT",), 1.3), "AMT_CREDIT", Reason.VALUES),
        (Shift(("EXT_SOURCE_2",), -0.15, low=0.0), "EXT_SOURCE_2", Reason.VALUES),
        (Lose(("BURO_COUNT",), 0.1), "BURO_COUNT", Reason.MISSING),
        (Replace("NAME_INCOME_TYPE", "Gig worker", 0.05), "NAME_INCOME_TYPE", Reason.UNSEEN),
        (Replace("CODE_SEX", "F", 0.5), "CODE_SEX", Reason.VALUES),
        (Replace("CNT_CHILDREN", 1.0, 0.4), "CNT_CHILDREN", Reason.VALUES),
        (Replace("FLAG_MOBIL", 0.0, 0.05), "FLAG_MOBIL", Reason.VALUES),
        (Replace("DAYS_EMPLOYED", 365243.0, 0.2), "DAYS_EMPLOYED", Reason.MISSING),
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_kind_of_drift_is_named_for_the_feature_it_is_in(change, feature, reason, seed):
    found = compared(change, seed=seed + 100)

    follows = {"PAYMENT_RATE"} if feature == "AMT_CREDIT" else set()
    assert reason in reasons(found)[feature]
    assert reasons(found).keys() <= {feature} | follows


def test_a_value_that_becomes_known_is_drift_too():
    columns = clients(1000, 4)
    columns["BURO_COUNT"] = np.where(np.isnan(columns["BURO_COUNT"]), 4.0, columns["BURO_COUNT"])

    found = compare(TRAINED, BEFORE, window(TRAINED, columns), POLICY)

    assert Reason.MISSING in reasons(found)["BURO_COUNT"]


@pytest.mark.parametrize("share", [0.002, 0.005])
def test_a_few_unseen_words_are_no_drift(share):
    assert compared(Replace("NAME_INCOME_TYPE", "Gig worker", share), rows=5000).verdict is Verdict.NO_DRIFT


def test_a_change_that_is_sure_but_small_is_no_drift():
    found = compared(Scale(("AMT_CREDIT",), 1.05), Lose(("BURO_COUNT",), 0.02), rows=50_000)

    by_name = {feature.name: feature for feature in found.features}
    assert by_name["AMT_CREDIT"].tested.p_value < 1e-6
    assert by_name["BURO_COUNT"].missing_p_value < 1e-6
    assert found.verdict is Verdict.NO_DRIFT


@pytest.mark.parametrize("feature", ["AMT_CREDIT", "BURO_COUNT", "EXT_SOURCE_2"])
@pytest.mark.parametrize("rows", [50, 1000])
def test_one_absurd_value_makes_no_drift(feature, rows):
    found = compared(Outlier(feature, 117_000_000.0), rows=rows)

    assert found.verdict is Verdict.NO_DRIFT
    (seen,) = (one for one in found.features if one.name == feature)
    assert seen.outside_now == pytest.approx(1 / rows, abs=1.1 / rows)


def test_one_absurd_value_hides_no_drift():
    found = compared(Scale(("AMT_CREDIT",), 1.3), Outlier("AMT_CREDIT", 117_000_000.0))

    assert Reason.VALUES in reasons(found)["AMT_CREDIT"]


def test_an_important_feature_is_an_alert_of_its_own_and_another_is_none():
    important = compared(Scale(("AMT_CREDIT",), 1.5))
    other = compared(Replace("CODE_SEX", "F", 0.5))

    assert [(alert.kind, important.verdict) for alert in important.alerts] == [("feature", Verdict.ALERT)]
    assert important.alerts[0].message == "AMT_CREDIT, an important feature, drifted: values"
    assert not important.retraining_recommended
    assert (other.alerts, other.verdict) == ((), Verdict.DRIFT)


def test_three_features_in_ten_recommend_retraining_and_two_do_not():
    names = ("CNT_CHILDREN", "BURO_COUNT", "CODE_SEX")
    three, two = (compared(*(Lose((name,), 0.5) for name in names[:count])) for count in (3, 2))

    assert three.share == pytest.approx(3 / 9)
    assert three.retraining_recommended
    assert three.alerts[0].message == "33% of the features drifted: retraining is recommended"
    assert not two.retraining_recommended
    assert two.alerts == ()


def test_the_probability_itself_is_an_alert_even_when_no_feature_drifts():
    columns = clients(1000, 60)
    healthy = compare(TRAINED, BEFORE, Window.of(TRAINED, columns, score(columns)), POLICY)

    doubled = compare(TRAINED, BEFORE, Window.of(TRAINED, columns, np.minimum(1, 2 * score(columns))), POLICY)

    assert healthy.alerts == ()
    assert [alert.kind for alert in doubled.alerts] == ["probability"]
    assert doubled.drifted == ()
    assert doubled.probability.psi > 0.25


def test_what_drift_does_to_defaults_approvals_and_cost_is_foretold():
    found = compared(Shift(("EXT_SOURCE_2",), -0.15, low=0.0), rows=5000)
    healthy = compared(rows=5000)

    assert (found.expected_now - found.expected_before).approval_rate.high < -0.1
    assert (found.expected_now - found.expected_before).default_rate.low > 0.01
    difference = healthy.expected_now - healthy.expected_before
    assert difference.approval_rate.low < 0 < difference.approval_rate.high
    assert difference.cost.low < 0 < difference.cost.high
    # Under its own probabilities, and these are right by construction.
    truth = defaulted(clients(5000, 50), 1).mean()
    assert healthy.expected_now.default_rate.value == pytest.approx(truth, abs=0.01)


def test_the_effects_on_approvals_follow_the_policy():
    shares = [
        compare(TRAINED, BEFORE, BEFORE, type(POLICY)(threshold=t)).expected_now.approval_rate.value
        for t in (0.02, 0.0909, 0.5)
    ]

    assert shares[0] < shares[1] < shares[2]


def test_windows_are_compared_with_earlier_windows_too():
    earlier, now = (clients(400, seed) for seed in (70, 71))
    drifted = Lose(("BURO_COUNT",), 0.3).of(now, np.random.default_rng(1))
    both = [Lose(("BURO_COUNT",), 0.3).of(one, np.random.default_rng(1)) for one in (earlier, now)]

    def against(before, after):
        return reasons(compare(TRAINED, window(TRAINED, before), window(TRAINED, after), POLICY))

    assert against(earlier, now) == {}
    assert Reason.MISSING in against(earlier, drifted)["BURO_COUNT"]
    assert against(*both) == {}


def test_another_population_drifts_where_it_differs():
    found = compared(Only("EXT_SOURCE_2", 0.6, 1.0))

    assert Reason.VALUES in reasons(found)["EXT_SOURCE_2"]
    assert "FLAG_MOBIL" not in reasons(found)


@pytest.mark.parametrize(
    ("rows", "alone", "together"),
    [
        # The values of everything, what misses DAYS_EMPLOYED; BURO_COUNT, CODE_SEX, and two kinds of words.
        (100, 4 + 1, 6 + 2 + 2),
        # Of a thousand, only what is missing for every sixth client.
        (1000, 1, 1),
        (50_000, 1, 1),
    ],
)
def test_the_errors_of_the_tests_that_can_err_are_bounded_together(rows, alone, together):
    budget = Budget.of(TRAINED, BEFORE.tallies, rows)

    assert budget.alone * alone == pytest.approx(FALSE_ALARMS / 2)
    # Were each of 9 features named in a share of the reports, 3 of them would be in at most three times that.
    assert budget.together * together == pytest.approx(FALSE_ALARMS / 2 * 0.3 * 9)
    names = {one.name for one in TRAINED.everything if budget.error_of(one) == budget.alone}
    assert names >= {*TRAINED.important, PROBABILITY}


def test_of_many_features_few_may_be_named_falsely():
    many = dataclasses.replace(
        TRAINED,
        features=tuple(
            dataclasses.replace(one, bins=dataclasses.replace(one.bins, name=f"{one.name}_{i}"))
            for one in TRAINED.features
            if not one.is_important
            for i in range(20)
        ),
    )
    tallies = {one.name: one.tally for one in many.everything}

    assert Budget.of(many, tallies, 100).together * 20 * 10 == pytest.approx(FALSE_NAMES)


def test_without_gains_nothing_is_important_and_all_is_measured():
    columns = clients(2000, 1)
    blank = Reference.of(SCHEMA, columns, score(columns), defaulted(columns, 1), [0.0] * len(GAINS))

    found = compare(blank, Window.of_training(blank), window(blank, clients(500, 2)), POLICY)

    assert blank.important == frozenset()
    assert found.verdict is Verdict.NO_DRIFT
