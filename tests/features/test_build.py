"""Features worked out by hand: windows, groups, sentinels, and what missing means."""

import pytest

from features.catalogue import candidates
from features.tables import CLIENT

A, B, UNKNOWN = 100001, 100002, 999999
CLIENTS = [
    {
        CLIENT: A,
        "TARGET": 1,
        "DAYS_EMPLOYED": 365243.0,
        "DAYS_BIRTH": -20000.0,
        "AMT_INCOME_TOTAL": 1000.0,
        "AMT_CREDIT": 0.0,
        "AMT_ANNUITY": 50.0,
        "ORGANIZATION_TYPE": "XNA",
        "CODE_GENDER": "XNA",
        "EXT_SOURCE_1": float("nan"),
        "EXT_SOURCE_2": 0.25,
        "EXT_SOURCE_3": 0.75,
        "REGION_RATING_CLIENT_W_CITY": -1.0,
    }
]
SECOND = [
    {
        CLIENT: B,
        "DAYS_EMPLOYED": -500.0,
        "DAYS_BIRTH": -10000.0,
        "CODE_GENDER": "F",
        "NAME_TYPE_SUITE": "Spouse, partner",
        "AMT_CREDIT": 200.0,
        "AMT_ANNUITY": 50.0,
    }
]
HISTORY = {
    "bureau": [
        {
            CLIENT: A,
            "SK_ID_BUREAU": 1,
            "CREDIT_ACTIVE": "Active",
            "CREDIT_TYPE": "Microloan",
            "DAYS_CREDIT": -365.0,
            "AMT_CREDIT_SUM": 100.005,
            "AMT_CREDIT_SUM_DEBT": -5.0,
        },
        {
            CLIENT: A,
            "SK_ID_BUREAU": 2,
            "CREDIT_ACTIVE": "Active",
            "DAYS_CREDIT": -366.0,
            "AMT_CREDIT_SUM": 200.005,
        },
        {
            CLIENT: A,
            "SK_ID_BUREAU": 3,
            "CREDIT_ACTIVE": "Closed",
            "DAYS_CREDIT": -1000.0,
            "AMT_CREDIT_SUM": 0.0,
            "AMT_CREDIT_SUM_DEBT": 7.0,
        },
        {CLIENT: UNKNOWN, "SK_ID_BUREAU": 4, "CREDIT_ACTIVE": "Active", "DAYS_CREDIT": -1.0},
    ],
    "bureau_balance": [
        {"SK_ID_BUREAU": 1, "MONTHS_BALANCE": 0.0, "STATUS": "0"},
        {"SK_ID_BUREAU": 1, "MONTHS_BALANCE": -1.0, "STATUS": "2"},
        {"SK_ID_BUREAU": 1, "MONTHS_BALANCE": -13.0, "STATUS": "5"},
        {"SK_ID_BUREAU": 1, "MONTHS_BALANCE": -14.0, "STATUS": "X"},
        {"SK_ID_BUREAU": 3, "MONTHS_BALANCE": -20.0, "STATUS": "C"},
        {"SK_ID_BUREAU": 4, "MONTHS_BALANCE": 0.0, "STATUS": "0"},
        {"SK_ID_BUREAU": 5, "MONTHS_BALANCE": 0.0, "STATUS": "0"},
    ],
    "previous_application": [
        {
            CLIENT: A,
            "SK_ID_PREV": 1,
            "NAME_CONTRACT_STATUS": "Approved",
            "CODE_REJECT_REASON": "XAP",
            "AMT_APPLICATION": 50.0,
            "AMT_CREDIT": 0.0,
            "DAYS_DECISION": -10.0,
            "DAYS_LAST_DUE": 365243.0,
            "DAYS_FIRST_DUE": -5.0,
        },
        {
            CLIENT: A,
            "SK_ID_PREV": 2,
            "NAME_CONTRACT_STATUS": "Refused",
            "CODE_REJECT_REASON": "HC",
            "AMT_APPLICATION": 50.0,
            "AMT_CREDIT": 100.0,
            "DAYS_DECISION": -700.0,
            "SELLERPLACE_AREA": -1.0,
        },
    ],
    "installments_payments": [
        {
            CLIENT: A,
            "DAYS_INSTALMENT": -365.0,
            "DAYS_ENTRY_PAYMENT": -360.0,
            "AMT_INSTALMENT": 0.1,
            "AMT_PAYMENT": 0.1,
        },
        {
            CLIENT: A,
            "DAYS_INSTALMENT": -366.0,
            "DAYS_ENTRY_PAYMENT": -376.0,
            "AMT_INSTALMENT": 0.2,
            "AMT_PAYMENT": 0.1,
        },
        {CLIENT: A, "DAYS_INSTALMENT": -400.0, "AMT_INSTALMENT": 0.0, "AMT_PAYMENT": 0.1},
        {CLIENT: UNKNOWN, "DAYS_INSTALMENT": -1.0},
        {CLIENT: UNKNOWN, "DAYS_INSTALMENT": -2.0},
    ],
    "credit_card_balance": [
        {CLIENT: A, "MONTHS_BALANCE": -1.0, "AMT_BALANCE": -20.5, "AMT_CREDIT_LIMIT_ACTUAL": 0.0}
    ],
}


@pytest.fixture(scope="module")
def two(raw_folder, built):
    """Client A with a history, client B with none, and rows of a client nobody knows."""
    return built(raw_folder(application_train=CLIENTS, application_test=SECOND, **HISTORY))


def test_each_client_has_one_row_and_an_outcome_only_where_it_is_known(two):
    rows, summary = two

    assert {client: row["TARGET"] for client, row in rows.items()} == {A: 1, B: None}
    assert (summary.clients, summary.with_outcome, summary.features) == (2, 1, len(candidates()))


def test_rows_of_unknown_clients_are_ignored_and_counted(two):
    assert two[1].ignored == {
        "bureau": 1,
        "bureau_balance": 2,
        "previous_application": 0,
        "POS_CASH_balance": 0,
        "credit_card_balance": 0,
        "installments_payments": 2,
    }


def test_what_stands_for_missing_is_missing(two):
    first, second = two[0][A], two[0][B]

    assert (first["DAYS_EMPLOYED"], second["DAYS_EMPLOYED"]) == (None, -500)
    assert (first["DAYS_EMPLOYED_PERC"], second["DAYS_EMPLOYED_PERC"]) == (None, 0.05)
    assert (first["ORGANIZATION_TYPE"], first["CODE_GENDER"], second["CODE_GENDER"]) == (None, None, "F")
    assert (first["EXT_SOURCE_1"], first["EXT_SOURCE_2"]) == (None, 0.25)
    assert first["REGION_RATING_CLIENT_W_CITY"] is None
    assert second["NAME_TYPE_SUITE"] == "Spouse, partner"
    assert (first["PREV_DAYS_LAST_DUE_MAX"], first["PREV_DAYS_FIRST_DUE_MAX"]) == (None, -5)
    assert first["PREV_SELLERPLACE_AREA_MEAN"] is None


def test_a_client_without_history_has_nothing_but_the_application(two):
    own = {feature.name for feature in candidates()[:138]}
    known = {name for name, value in two[0][B].items() if value is not None}

    assert known - own == {CLIENT}


def test_a_sum_over_nothing_is_missing_not_0(two):
    first = two[0][A]

    assert first["BURO_365D_AMT_ANNUITY_SUM"] is None
    assert first["ACTIVE_AMT_CREDIT_SUM_DEBT_SUM"] == -5
    assert first["CLOSED_AMT_CREDIT_SUM_DEBT_SUM"] == 7
    assert first["INSTAL_90D_DPD_SUM"] is None


def test_a_division_by_0_is_missing(two):
    first, second = two[0][A], two[0][B]

    assert (first["PAYMENT_RATE"], second["PAYMENT_RATE"]) == (None, 0.25)
    assert first["PREV_APP_CREDIT_PERC_MEAN"] == 0.5
    assert first["APPROVED_APP_CREDIT_PERC_MEAN"] is None
    assert first["CC_BALANCE_LIMIT_PERC_MEAN"] is None
    assert first["INSTAL_PAYMENT_PERC_MEAN"] == 0.75


def test_groups_take_their_own_rows_only(two):
    first = two[0][A]

    assert (first["BURO_COUNT"], first["ACTIVE_COUNT"], first["CLOSED_COUNT"]) == (3, 2, 1)
    assert (first["ACTIVE_DAYS_CREDIT_MAX"], first["CLOSED_DAYS_CREDIT_MAX"]) == (-365, -1000)
    assert (first["PREV_COUNT"], first["APPROVED_COUNT"], first["REFUSED_COUNT"]) == (2, 1, 1)
    assert first["REFUSED_DAYS_DECISION_MEAN"] == -700


def test_a_window_ends_with_its_last_day(two):
    first = two[0][A]

    assert (first["BURO_365D_COUNT"], first["BURO_365D_AMT_CREDIT_SUM_SUM"]) == (1, 100.005)
    assert (first["INSTAL_COUNT"], first["INSTAL_365D_COUNT"]) == (3, 1)
    assert first["INSTAL_365D_DPD_MEAN"] == 5


def test_a_group_without_rows_counts_0_where_the_client_has_others(two):
    assert two[0][A]["INSTAL_90D_COUNT"] == 0


def test_days_late_and_early_are_0_where_they_are_not(two):
    first = two[0][A]

    assert (first["INSTAL_DPD_MAX"], first["INSTAL_DPD_MEAN"]) == (5, 5 / 3)
    assert (first["INSTAL_DBD_MAX"], first["INSTAL_DBD_SUM"]) == (10, 10)


def test_money_is_summed_exactly(two):
    assert two[0][A]["INSTAL_AMT_PAYMENT_SUM"] == 0.3
    assert 0.1 + 0.1 + 0.1 != 0.3
    assert two[0][A]["BURO_AMT_CREDIT_SUM_SUM"] == 300.01


def test_a_variance_is_the_sample_variance_and_missing_for_one_row(two):
    first = two[0][A]

    assert first["ACTIVE_DAYS_CREDIT_VAR"] == 0.5
    assert first["CLOSED_DAYS_CREDIT_VAR"] is None
    assert first["CC_AMT_BALANCE_VAR"] is None
    assert first["INSTAL_PAYMENT_DIFF_VAR"] == pytest.approx(0.01)


def test_a_share_counts_all_rows_of_its_group(two):
    first = two[0][A]

    assert first["BURO_CREDIT_ACTIVE_Active_MEAN"] == 2 / 3
    assert first["ACTIVE_CREDIT_TYPE_Microloan_MEAN"] == 0.5
    assert first["CLOSED_CREDIT_TYPE_Microloan_MEAN"] == 0
    assert first["PREV_CODE_REJECT_REASON_HC_MEAN"] == 0.5


def test_months_of_bureau_credits_are_summed_up_twice(two):
    first = two[0][A]

    assert (first["BURO_MONTHS_BALANCE_SIZE_SUM"], first["BURO_MONTHS_BALANCE_SIZE_MEAN"]) == (5, 2.5)
    assert (first["BURO_MONTHS_BALANCE_MIN_MIN"], first["ACTIVE_MONTHS_BALANCE_MIN_MIN"]) == (-20, -14)
    assert (first["ACTIVE_STATUS_WORST_MAX"], first["CLOSED_STATUS_WORST_MAX"]) == (5, 0)
    assert (first["BURO_MONTHS_LATE_SUM"], first["BURO_MONTHS_LATE_12M_SUM"]) == (2, 1)
    assert first["BURO_STATUS_0_MEAN_MEAN"] == (0.25 + 0) / 2


def test_external_scores_are_averaged_over_those_that_are_known(two):
    first, second = two[0][A], two[0][B]

    assert (first["EXT_SOURCE_MEAN"], first["EXT_SOURCE_MIN"], first["EXT_SOURCE_MAX"]) == (0.5, 0.25, 0.75)
    assert (first["EXT_SOURCE_COUNT"], first["EXT_SOURCE_PRODUCT"]) == (2, None)
    assert (second["EXT_SOURCE_MEAN"], second["EXT_SOURCE_MIN"], second["EXT_SOURCE_COUNT"]) == (
        None,
        None,
        0,
    )
