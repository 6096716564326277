"""Features of what one row per client already holds: ratios of the application, and across tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from features.arithmetic import number, ratio
from features.formula import Formula, Operation
from features.schema import Feature, Kind
from features.tables import DOCUMENTS


@dataclass(frozen=True, slots=True)
class Derived:
    """A feature computed from columns that one row per client already has."""

    feature: Feature

    def value(self, rows: ir.Table) -> ir.Value:
        """What the feature's formula says, for every row of *rows*."""
        formula = self.feature.formula
        assert formula is not None, "a derived feature is one with a formula"
        found = _EXPRESSIONS[formula.operation](rows, formula.parts)
        return found if formula.factor == 1.0 else found * formula.factor


def _known(rows: ir.Table, parts: Sequence[str]) -> ir.NumericValue:
    first, *others = (ibis.cases((rows[name].isnull(), 0.0), else_=1.0) for name in parts)
    return sum(others, start=first)


def _mean(rows: ir.Table, parts: Sequence[str]) -> ir.NumericValue:
    first, *others = (number(rows, name).fill_null(0.0) for name in parts)
    return sum(others, start=first) / _known(rows, parts).nullif(0)


def _total(rows: ir.Table, parts: Sequence[str]) -> ir.NumericValue:
    first, *others = (number(rows, name) for name in parts)
    return sum(others, start=first)


def _product(rows: ir.Table, parts: Sequence[str]) -> ir.NumericValue:
    first, *others = (number(rows, name) for name in parts)
    for other in others:
        first = first * other
    return first


_EXPRESSIONS: dict[Operation, Callable[[ir.Table, Sequence[str]], ir.NumericValue]] = {
    Operation.QUOTIENT: lambda rows, parts: ratio(rows, *parts),
    Operation.PRODUCT: _product,
    Operation.TOTAL: _total,
    Operation.MEAN: _mean,
    Operation.LEAST: lambda rows, parts: ibis.least(*(number(rows, name) for name in parts)),
    Operation.GREATEST: lambda rows, parts: ibis.greatest(*(number(rows, name) for name in parts)),
    Operation.KNOWN: _known,
}


def _ratio(
    name: str, part: str, whole: str, meaning: str, low: float | None = 0, high: float | None = None
) -> Derived:
    formula = Formula(Operation.QUOTIENT, (part, whole))
    return Derived(Feature(name, Kind.NUMBER, "ratio", meaning, low=low, high=high, formula=formula))


_SCORES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")


def _score(name: str, meaning: str, operation: Operation, high: float = 1) -> Derived:
    unit = "scores" if high > 1 else "score"
    formula = Formula(operation, _SCORES)
    return Derived(Feature(name, Kind.NUMBER, unit, meaning, low=0, high=high, formula=formula))


RATIOS = (
    _ratio(
        "DAYS_EMPLOYED_PERC", "DAYS_EMPLOYED", "DAYS_BIRTH", "Part of life in the present employment.", high=1
    ),
    _ratio("INCOME_CREDIT_PERC", "AMT_INCOME_TOTAL", "AMT_CREDIT", "Income divided by the credit."),
    Derived(
        Feature(
            "INCOME_PER_PERSON",
            Kind.NUMBER,
            "currency",
            "Income per member of the family.",
            low=0,
            formula=Formula(Operation.QUOTIENT, ("AMT_INCOME_TOTAL", "CNT_FAM_MEMBERS")),
        )
    ),
    _ratio("ANNUITY_INCOME_PERC", "AMT_ANNUITY", "AMT_INCOME_TOTAL", "Annuity divided by income."),
    _ratio("PAYMENT_RATE", "AMT_ANNUITY", "AMT_CREDIT", "Annuity divided by the credit."),
    _ratio("CREDIT_GOODS_PERC", "AMT_CREDIT", "AMT_GOODS_PRICE", "Credit divided by the price of the goods."),
    _ratio(
        "GOODS_INCOME_PERC", "AMT_GOODS_PRICE", "AMT_INCOME_TOTAL", "Price of the goods divided by income."
    ),
    _ratio("CHILDREN_PERC", "CNT_CHILDREN", "CNT_FAM_MEMBERS", "Children divided by members of the family."),
    Derived(
        Feature(
            "CAR_AGE_BIRTH_PERC",
            Kind.NUMBER,
            "ratio",
            "Age of the car divided by age.",
            low=0,
            formula=Formula(Operation.QUOTIENT, ("OWN_CAR_AGE", "DAYS_BIRTH"), factor=-365.0),
        )
    ),
    _ratio(
        "PHONE_BIRTH_PERC",
        "DAYS_LAST_PHONE_CHANGE",
        "DAYS_BIRTH",
        "Part of life since the last change of phone.",
    ),
    _ratio(
        "ID_BIRTH_PERC",
        "DAYS_ID_PUBLISH",
        "DAYS_BIRTH",
        "Part of life since the last change of identity document.",
    ),
    _ratio(
        "REGISTRATION_BIRTH_PERC",
        "DAYS_REGISTRATION",
        "DAYS_BIRTH",
        "Part of life since the last change of registration.",
    ),
    _score("EXT_SOURCE_MEAN", "Mean of the external scores that are known.", Operation.MEAN),
    _score(
        "EXT_SOURCE_MIN",
        "Smallest of the external scores that are known.",
        Operation.LEAST,
    ),
    _score(
        "EXT_SOURCE_MAX",
        "Largest of the external scores that are known.",
        Operation.GREATEST,
    ),
    _score("EXT_SOURCE_PRODUCT", "Product of the three external scores.", Operation.PRODUCT),
    _score("EXT_SOURCE_COUNT", "Number of the external scores that are known.", Operation.KNOWN, high=3),
    Derived(
        Feature(
            "DOCUMENT_COUNT",
            Kind.NUMBER,
            "documents",
            "Number of documents given.",
            low=0,
            high=20,
            formula=Formula(Operation.TOTAL, tuple(DOCUMENTS)),
        )
    ),
)
"""Ratios of the application's own columns."""
ACROSS = (
    _ratio(
        "BURO_DEBT_INCOME_PERC",
        "BURO_AMT_CREDIT_SUM_DEBT_SUM",
        "AMT_INCOME_TOTAL",
        "Debt at other lenders divided by income.",
        low=None,
    ),
    _ratio(
        "BURO_DEBT_SUM_PERC",
        "BURO_AMT_CREDIT_SUM_DEBT_SUM",
        "BURO_AMT_CREDIT_SUM_SUM",
        "Debt at other lenders divided by the amounts of their credits.",
        low=None,
    ),
    _ratio(
        "ACTIVE_ANNUITY_INCOME_PERC",
        "ACTIVE_AMT_ANNUITY_SUM",
        "AMT_INCOME_TOTAL",
        "Annuities at other lenders divided by income.",
    ),
    _ratio(
        "ACTIVE_SUM_INCOME_PERC",
        "ACTIVE_AMT_CREDIT_SUM_SUM",
        "AMT_INCOME_TOTAL",
        "Active credits at other lenders divided by income.",
    ),
    _ratio(
        "ACTIVE_COUNT_PERC",
        "ACTIVE_COUNT",
        "BURO_COUNT",
        "Active part of the credits at other lenders.",
        high=1,
    ),
    _ratio(
        "CREDIT_PREV_CREDIT_PERC",
        "AMT_CREDIT",
        "PREV_AMT_CREDIT_MEAN",
        "Credit divided by the mean of earlier ones.",
    ),
    _ratio(
        "ANNUITY_PREV_ANNUITY_PERC",
        "AMT_ANNUITY",
        "PREV_AMT_ANNUITY_MEAN",
        "Annuity divided by the mean of earlier ones.",
    ),
    _ratio(
        "ANNUITY_APPROVED_MAX_PERC",
        "AMT_ANNUITY",
        "APPROVED_AMT_ANNUITY_MAX",
        "Annuity divided by the largest approved earlier one.",
    ),
    _ratio(
        "INSTAL_PAID_DUE_PERC",
        "INSTAL_AMT_PAYMENT_SUM",
        "INSTAL_AMT_INSTALMENT_SUM",
        "All instalments paid divided by all instalments due.",
    ),
    _ratio(
        "INSTAL_DPD_TREND",
        "INSTAL_365D_DPD_MEAN",
        "INSTAL_DPD_MEAN",
        "Mean days past due in the last 365 days divided by the mean over all time.",
    ),
    _ratio(
        "CC_BALANCE_LIMIT_TREND",
        "CC_3M_AMT_BALANCE_MEAN",
        "CC_AMT_BALANCE_MEAN",
        "Mean card balance of the last 3 months divided by the mean over all time.",
        low=None,
    ),
)
"""Ratios across tables."""
