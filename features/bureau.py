"""The client's credits at other lenders, as the credit bureau reports them, month by month where it does."""

import ibis
import ibis.expr.types as ir

from features.aggregation import REAL, Function, Group, History, Measure, Shares, count
from features.arithmetic import between, ratio
from features.tables import Type

MIN, MAX, MEAN, SUM, VAR, SIZE = Function
CREDIT = "SK_ID_BUREAU"
STATUSES = ("0", "1", "2", "3", "4", "5", "C", "X")


def months_of_credits(balance: ir.Table) -> ir.Table:
    """One row for each bureau credit of *balance*: how long its months reach back, and how they were paid."""
    status = balance["STATUS"]
    late = status.isin(("1", "2", "3", "4", "5"))
    level = ibis.cases((late, status), (status.isin(("0", "C")), "0")).cast("int64")
    months = balance.mutate(LEVEL=level)
    was_late = months["LEVEL"] > 0
    rows = months.count().cast(REAL)
    shares = {f"STATUS_{word}_MEAN": count(months["STATUS"] == word) / rows for word in STATUSES}
    return months.group_by(CREDIT).aggregate(
        MONTHS_BALANCE_MIN=months["MONTHS_BALANCE"].min().cast(REAL),
        MONTHS_BALANCE_MAX=months["MONTHS_BALANCE"].max().cast(REAL),
        MONTHS_BALANCE_SIZE=rows,
        MONTHS_LATE=count(was_late).cast(REAL),
        MONTHS_LATE_12M=count(was_late & (months["MONTHS_BALANCE"] >= -12)).cast(REAL),
        STATUS_WORST=months["LEVEL"].max().cast(REAL),
        **shares,
    )


def credits_with_months(bureau: ir.Table, months: ir.Table) -> ir.Table:
    """*bureau* with the columns of `months_of_credits`, missing where the bureau reports no months."""
    return bureau.left_join(months, CREDIT, rname="{name}_OF_MONTHS")


_OPENED = Measure(
    "DAYS_CREDIT",
    (MIN, MAX, MEAN, VAR),
    "days",
    "the day the credit was opened, from the application",
    high=0,
)
_ENDS = Measure(
    "DAYS_CREDIT_ENDDATE",
    (MIN, MAX, MEAN),
    "days",
    "the day the credit is due to end, from the application (positive: after it)",
)
_ENDED = Measure(
    "DAYS_ENDDATE_FACT",
    (MIN, MAX, MEAN),
    "days",
    "the day the credit really ended, from the application",
    high=0,
)
_UPDATED = Measure(
    "DAYS_CREDIT_UPDATE",
    (MAX, MEAN),
    "days",
    "the day of the bureau's last news of the credit, from the application",
)
_DAYS_OVERDUE = Measure(
    "CREDIT_DAY_OVERDUE", (MAX, MEAN), "days", "the days past due at the application", low=0
)
_MAX_OVERDUE = Measure(
    "AMT_CREDIT_MAX_OVERDUE",
    (MAX, MEAN, SUM),
    "currency",
    "the largest amount the credit was ever overdue by",
    low=0,
    type=Type.MONEY,
)
_SUM = Measure(
    "AMT_CREDIT_SUM",
    (MIN, MAX, MEAN, SUM),
    "currency",
    "the credit's amount",
    low=0,
    type=Type.MONEY,
)
_DEBT = Measure(
    "AMT_CREDIT_SUM_DEBT",
    (MAX, MEAN, SUM),
    "currency",
    "the debt still open on the credit (negative: paid too much)",
    type=Type.MONEY,
)
_OVERDUE = Measure(
    "AMT_CREDIT_SUM_OVERDUE",
    (MAX, MEAN, SUM),
    "currency",
    "the amount overdue on the credit at the application",
    low=0,
    type=Type.MONEY,
)
_LIMIT = Measure(
    "AMT_CREDIT_SUM_LIMIT",
    (MAX, MEAN, SUM),
    "currency",
    "the limit of the credit card reported by the bureau",
    type=Type.MONEY,
)
_ANNUITY = Measure(
    "AMT_ANNUITY",
    (MAX, MEAN, SUM),
    "currency",
    "the credit's annuity",
    low=0,
    type=Type.MONEY,
)
_PROLONGED = Measure(
    "CNT_CREDIT_PROLONG", (MAX, SUM), "times", "the number of times the credit was prolonged", low=0
)
_DURATION = Measure(
    "CREDIT_DURATION",
    (MIN, MAX, MEAN),
    "days",
    "the days from the credit's opening to its due end",
    value=lambda rows: between(rows, "DAYS_CREDIT", "DAYS_CREDIT_ENDDATE"),
)
_ENDED_EARLY = Measure(
    "ENDDATE_DIFF",
    (MAX, MEAN),
    "days",
    "the days the credit ended before it was due (negative: after)",
    value=lambda rows: between(rows, "DAYS_ENDDATE_FACT", "DAYS_CREDIT_ENDDATE"),
)
_DEBT_SHARE = Measure(
    "DEBT_CREDIT_PERC",
    (MAX, MEAN, VAR),
    "ratio",
    "the open debt divided by the credit's amount",
    type=Type.REAL,
    value=lambda rows: ratio(rows, "AMT_CREDIT_SUM_DEBT", "AMT_CREDIT_SUM"),
)
_OVERDUE_SHARE = Measure(
    "OVERDUE_DEBT_PERC",
    (MAX, MEAN),
    "ratio",
    "the overdue amount divided by the open debt",
    type=Type.REAL,
    value=lambda rows: ratio(rows, "AMT_CREDIT_SUM_OVERDUE", "AMT_CREDIT_SUM_DEBT"),
)
_MONTHS = (
    Measure("MONTHS_BALANCE_MIN", (MIN, MEAN), "months", "the credit's first reported month", high=0),
    Measure("MONTHS_BALANCE_MAX", (MAX, MEAN), "months", "the credit's last reported month", high=0),
    Measure(
        "MONTHS_BALANCE_SIZE", (MEAN, SUM), "months", "the number of the credit's reported months", low=0
    ),
)
_LATE = (
    Measure("MONTHS_LATE", (MAX, MEAN, SUM), "months", "the months the credit was past due", low=0),
    Measure(
        "MONTHS_LATE_12M",
        (MAX, SUM),
        "months",
        "the months of the last 12 the credit was past due",
        low=0,
    ),
    Measure(
        "STATUS_WORST",
        (MAX, MEAN),
        "level 0 to 5",
        "the credit's worst month (0 paid, 1 = 1-30 days late, 5 = over 120 days late or written off)",
        low=0,
        high=5,
    ),
)
_STATUS_SHARES = tuple(
    Measure(
        f"STATUS_{word}_MEAN",
        (MEAN,),
        "share",
        f"the share of the credit's months with status {word}",
        low=0,
        high=1,
        type=Type.REAL,
    )
    for word in STATUSES
)
_COMMON = (
    _OPENED,
    _ENDS,
    _UPDATED,
    _DAYS_OVERDUE,
    _MAX_OVERDUE,
    _SUM,
    _DEBT,
    _OVERDUE,
    _LIMIT,
    _ANNUITY,
    _PROLONGED,
    _DURATION,
    *_MONTHS,
    *_LATE,
)
_RECENT = (_MAX_OVERDUE, _SUM, _DEBT, _ANNUITY, _DURATION, _DEBT_SHARE)
_TYPES = Shares(
    "CREDIT_TYPE",
    "type",
    (
        "Consumer credit",
        "Credit card",
        "Car loan",
        "Mortgage",
        "Microloan",
        "Loan for business development",
    ),
)

BUREAU = History(
    "bureau",
    "Credits at other lenders",
    (
        Group(
            "BURO",
            "all credits at other lenders",
            (*_COMMON, _ENDED, _ENDED_EARLY, _DEBT_SHARE, _OVERDUE_SHARE, *_STATUS_SHARES),
            (Shares("CREDIT_ACTIVE", "state", ("Active", "Closed", "Sold", "Bad debt")), _TYPES),
        ),
        Group(
            "ACTIVE",
            "active credits at other lenders",
            (*_COMMON, _DEBT_SHARE, _OVERDUE_SHARE),
            (_TYPES,),
            where=lambda rows: rows["CREDIT_ACTIVE"] == "Active",
        ),
        Group(
            "CLOSED",
            "closed credits at other lenders",
            (*_COMMON, _ENDED, _ENDED_EARLY),
            (_TYPES,),
            where=lambda rows: rows["CREDIT_ACTIVE"] == "Closed",
        ),
        Group(
            "BURO_365D",
            "credits at other lenders opened in the last 365 days",
            _RECENT,
            where=lambda rows: rows["DAYS_CREDIT"] >= -365,
        ),
        Group(
            "BURO_1095D",
            "credits at other lenders opened in the last 1,095 days",
            _RECENT,
            where=lambda rows: rows["DAYS_CREDIT"] >= -1095,
        ),
    ),
)
