"""How the client paid this lender: point-of-sale and cash loans, credit cards, instalments."""

import ibis
import ibis.expr.types as ir

from features.aggregation import Function, Group, History, Measure, Shares
from features.arithmetic import between, ratio
from features.tables import Type

MIN, MAX, MEAN, SUM, VAR, SIZE = Function
FIVE = (MIN, MAX, MEAN, SUM, VAR)


def _positive(days: ir.NumericValue) -> ir.Value:
    """*days* above 0, else 0; 0 also where they are not known, as in the public recipe."""
    return ibis.cases((days > 0, days), else_=0.0)


def _late(rows: ir.Table) -> ir.BooleanValue:
    return between(rows, "DAYS_INSTALMENT", "DAYS_ENTRY_PAYMENT") > 0


_MONTH = "the month, from the application"
_LATE_DAYS = (
    Measure("SK_DPD", (MAX, MEAN, SUM), "days", "the days past due in the month", low=0),
    Measure(
        "SK_DPD_DEF",
        (MAX, MEAN, SUM),
        "days",
        "the days past due in the month, small debts forgiven",
        low=0,
    ),
)
_POS_RECENT = (
    *_LATE_DAYS,
    Measure(
        "CNT_INSTALMENT_FUTURE",
        (MIN, MAX, MEAN),
        "instalments",
        "the number of instalments left to pay",
        low=0,
    ),
)
_POS_STATUS = Shares(
    "NAME_CONTRACT_STATUS", "state", ("Active", "Completed", "Signed", "Demand", "Returned to the store")
)
POS = History(
    "POS_CASH_balance",
    "Point-of-sale and cash loans",
    (
        Group(
            "POS",
            "monthly balances of point-of-sale and cash loans",
            (
                Measure("MONTHS_BALANCE", (MIN, MAX, MEAN, SIZE), "months", _MONTH, high=0),
                *_POS_RECENT,
                Measure(
                    "CNT_INSTALMENT",
                    (MIN, MAX, MEAN, VAR),
                    "instalments",
                    "the loan's term in instalments",
                    low=0,
                ),
            ),
            (_POS_STATUS,),
            counted=False,
        ),
        Group(
            "POS_12M",
            "monthly balances of point-of-sale and cash loans in the last 12 months",
            _POS_RECENT,
            (Shares("NAME_CONTRACT_STATUS", "state", ("Active", "Completed")),),
            where=lambda rows: rows["MONTHS_BALANCE"] >= -12,
        ),
    ),
)

_PAID = Measure("AMT_PAYMENT", (MIN, MAX, MEAN, SUM), "currency", "the amount paid", low=0, type=Type.MONEY)
_DUE = Measure("AMT_INSTALMENT", (MIN, MAX, MEAN, SUM), "currency", "the amount due", low=0, type=Type.MONEY)
_DPD = Measure(
    "DPD",
    (MAX, MEAN, SUM, VAR),
    "days",
    "the days past due (0 when paid in time or not yet)",
    low=0,
    value=lambda rows: _positive(between(rows, "DAYS_INSTALMENT", "DAYS_ENTRY_PAYMENT")),
)
_DBD = Measure(
    "DBD",
    (MAX, MEAN, SUM, VAR),
    "days",
    "the days paid before due (0 when paid late or not yet)",
    low=0,
    value=lambda rows: _positive(between(rows, "DAYS_ENTRY_PAYMENT", "DAYS_INSTALMENT")),
)
_PAID_SHARE = Measure(
    "PAYMENT_PERC",
    (MIN, MAX, MEAN, SUM, VAR),
    "ratio",
    "the amount paid divided by the amount due",
    low=0,
    type=Type.REAL,
    value=lambda rows: ratio(rows, "AMT_PAYMENT", "AMT_INSTALMENT"),
)
_UNPAID = Measure(
    "PAYMENT_DIFF",
    FIVE,
    "currency",
    "the amount due minus the amount paid",
    type=Type.MONEY,
    value=lambda rows: between(rows, "AMT_PAYMENT", "AMT_INSTALMENT"),
)
_IS_LATE = Measure(
    "LATE",
    (MEAN, SUM),
    "flag",
    "the flag 1 for an instalment paid late",
    low=0,
    high=1,
    value=lambda rows: ibis.cases((_late(rows), 1.0), else_=0.0),
)
_ENTERED = Measure(
    "DAYS_ENTRY_PAYMENT",
    (MIN, MAX, MEAN, SUM),
    "days",
    "the day of the payment, from the application",
    high=0,
)
_VERSION = Measure(
    "NUM_INSTALMENT_VERSION",
    (MAX, MEAN),
    "number",
    "the number of the instalment calendar (0: credit card)",
    low=0,
)
_INSTAL_RECENT = (_DPD, _DBD, _PAID_SHARE, _UNPAID, _IS_LATE, _PAID)
INSTALMENTS = History(
    "installments_payments",
    "Instalments",
    (
        Group(
            "INSTAL",
            "all payments of instalments",
            (_DPD, _DBD, _PAID_SHARE, _UNPAID, _IS_LATE, _PAID, _DUE, _ENTERED, _VERSION),
        ),
        Group(
            "INSTAL_365D",
            "payments of instalments due in the last 365 days",
            _INSTAL_RECENT,
            where=lambda rows: rows["DAYS_INSTALMENT"] >= -365,
        ),
        Group(
            "INSTAL_90D",
            "payments of instalments due in the last 90 days",
            (_DPD, _DBD, _PAID_SHARE, _IS_LATE),
            where=lambda rows: rows["DAYS_INSTALMENT"] >= -90,
        ),
    ),
)


def _card(name: str, meaning: str, low: float | None = None) -> Measure:
    """An amount of the card's month. Corrections make many of them negative: no limit but where told."""
    return Measure(name, FIVE, "currency", meaning, low=low, type=Type.MONEY)


def _times(name: str, meaning: str, functions: tuple[Function, ...] = FIVE) -> Measure:
    return Measure(name, functions, "times", meaning, low=0)


_USED = Measure(
    "BALANCE_LIMIT_PERC",
    (MIN, MAX, MEAN, VAR),
    "ratio",
    "the card's balance divided by its limit",
    type=Type.REAL,
    value=lambda rows: ratio(rows, "AMT_BALANCE", "AMT_CREDIT_LIMIT_ACTUAL"),
)
_PAID_OF_LEAST = Measure(
    "PAYMENT_MIN_PERC",
    (MIN, MAX, MEAN),
    "ratio",
    "the amount paid divided by the smallest instalment due",
    low=0,
    type=Type.REAL,
    value=lambda rows: ratio(rows, "AMT_PAYMENT_TOTAL_CURRENT", "AMT_INST_MIN_REGULARITY"),
)
_CARD_RECENT = (
    Measure("AMT_BALANCE", (MIN, MAX, MEAN), "currency", "the card's balance", type=Type.MONEY),
    Measure("AMT_DRAWINGS_CURRENT", (MAX, MEAN, SUM), "currency", "the amount drawn", type=Type.MONEY),
    Measure(
        "AMT_PAYMENT_TOTAL_CURRENT",
        (MIN, MEAN, SUM),
        "currency",
        "the amount paid in all",
        low=0,
        type=Type.MONEY,
    ),
    _times("CNT_DRAWINGS_ATM_CURRENT", "the number of drawings at cash machines", (MAX, MEAN, SUM)),
    _times("CNT_DRAWINGS_CURRENT", "the number of drawings", (MAX, MEAN, SUM)),
    *_LATE_DAYS,
    _USED,
)
_CARD_ALL = (
    Measure("MONTHS_BALANCE", (MIN, MAX, MEAN), "months", _MONTH, high=0),
    _card("AMT_BALANCE", "the card's balance"),
    _card("AMT_CREDIT_LIMIT_ACTUAL", "the card's limit", low=0),
    _card("AMT_DRAWINGS_ATM_CURRENT", "the amount drawn at cash machines"),
    _card("AMT_DRAWINGS_CURRENT", "the amount drawn"),
    _card("AMT_DRAWINGS_OTHER_CURRENT", "the amount drawn in other ways"),
    _card("AMT_DRAWINGS_POS_CURRENT", "the amount spent on goods"),
    _card("AMT_INST_MIN_REGULARITY", "the smallest instalment due", low=0),
    _card("AMT_PAYMENT_CURRENT", "the amount paid", low=0),
    _card("AMT_PAYMENT_TOTAL_CURRENT", "the amount paid in all", low=0),
    _card("AMT_RECEIVABLE_PRINCIPAL", "the principal owed"),
    _card("AMT_RECIVABLE", "the amount owed"),
    _card("AMT_TOTAL_RECEIVABLE", "the amount owed in all"),
    _times("CNT_DRAWINGS_ATM_CURRENT", "the number of drawings at cash machines"),
    _times("CNT_DRAWINGS_CURRENT", "the number of drawings"),
    _times("CNT_DRAWINGS_OTHER_CURRENT", "the number of drawings in other ways"),
    _times("CNT_DRAWINGS_POS_CURRENT", "the number of purchases of goods"),
    _times("CNT_INSTALMENT_MATURE_CUM", "the number of instalments paid so far"),
    Measure("SK_DPD", FIVE, "days", "the days past due in the month", low=0),
    Measure("SK_DPD_DEF", FIVE, "days", "the days past due in the month, small debts forgiven", low=0),
    _USED,
    _PAID_OF_LEAST,
)
CARD = History(
    "credit_card_balance",
    "Credit cards",
    (
        Group(
            "CC",
            "monthly balances of credit cards",
            _CARD_ALL,
            (Shares("NAME_CONTRACT_STATUS", "state", ("Active", "Completed", "Signed")),),
        ),
        Group(
            "CC_12M",
            "monthly balances of credit cards in the last 12 months",
            _CARD_RECENT,
            where=lambda rows: rows["MONTHS_BALANCE"] >= -12,
        ),
        Group(
            "CC_3M",
            "monthly balances of credit cards in the last 3 months",
            _CARD_RECENT,
            where=lambda rows: rows["MONTHS_BALANCE"] >= -3,
        ),
    ),
)
