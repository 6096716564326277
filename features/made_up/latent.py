"""What lies behind a client: correlated normal scores, among them the credit quality.

`QUALITY` decides the default probability and colours everything else; each other score becomes one
column or the absence of one. Scores rise with the column's value, or with the risk of its words.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from features.made_up import normal
from features.made_up.marginal import shrunk_rates
from features.made_up.normal import Floats
from features.made_up.statistics import TARGET_RATE, Column, Statistics, load

QUALITY = "QUALITY"
QUALITY_SHARE = 0.72
"""Correlation of the quality with the (normal) tendency to default; what is left is chance."""

_SHARPENING = 1.04
"""Of correlations with the default: else the columns together tell less of it than the real ones do."""
_SHARP_ENOUGH = ("EXT_SOURCE_1",)
"""Its default rates by tenths bear none."""

Scores = dict[str, Floats]


class Correlations:
    """A correlation matrix that grows by one score at a time and stays one."""

    def __init__(self, names: tuple[str, ...], matrix: Floats) -> None:
        self.names = list(names)
        self.matrix = matrix

    def add(self, name: str, **wanted: float) -> None:
        """A score with the *wanted* correlations; independent of all others given these."""
        at = [self.names.index(other) for other in wanted]
        target = np.array(list(wanted.values()))
        weights = np.linalg.solve(self.matrix[np.ix_(at, at)], target)
        explained = float(weights @ target)
        if explained > 0.98:
            weights *= np.sqrt(0.98 / explained)
        with_all = self.matrix[:, at] @ weights
        self.matrix = np.block([[self.matrix, with_all[:, None]], [with_all[None, :], np.ones((1, 1))]])
        self.names.append(name)


@dataclass(frozen=True)
class Latents:
    """All scores of a client, ready to be drawn."""

    names: tuple[str, ...]
    factor: Floats

    def draw(self, rng: np.random.Generator, clients: int) -> Scores:
        drawn = self.factor @ rng.standard_normal((len(self.names), clients))
        return dict(zip(self.names, drawn, strict=True))


_BASE = (
    "EXT_SOURCE_1",
    "EXT_SOURCE_2",
    "EXT_SOURCE_3",
    "DAYS_BIRTH",
    "DE",
    "DAYS_REGISTRATION",
    "DAYS_ID_PUBLISH",
    "DAYS_LAST_PHONE_CHANGE",
    "AMT_INCOME_TOTAL",
    "AMT_GOODS_PRICE",
    "REGION_POPULATION_RELATIVE",
    "REGION_RATING_CLIENT",
    "CNT_CHILDREN",
    "OWN_CAR_AGE",
)
"""Scores whose rank correlations are known; credit, annuity and family follow from others by rules."""

_GOODS = "AMT_GOODS_PRICE"

_COARSE = {"REGION_RATING_CLIENT": 1.25, "CNT_CHILDREN": 1.2, "DE": 1.12}
"""Few distinct values, or their absence with the old, weaken a rank correlation by about this much."""

_RELATED: dict[str, dict[str, float]] = {
    "GOODS_RATIO": {},
    "ANNUITY_RATIO": {
        "AMT_GOODS_PRICE": -0.66,
        "AMT_INCOME_TOTAL": -0.085,
        "EXT_SOURCE_1": -0.16,
        "EXT_SOURCE_2": -0.06,
        "EXT_SOURCE_3": -0.02,
        "DAYS_BIRTH": 0.14,
    },
    "PENSION": {"DAYS_BIRTH": -0.9},
    "CODE_GENDER": {"AMT_INCOME_TOTAL": 0.25, "DAYS_BIRTH": 0.1},
    "FLAG_OWN_CAR": {"CODE_GENDER": -0.45, "AMT_INCOME_TOTAL": -0.25},
    "FLAG_OWN_REALTY": {"DAYS_BIRTH": 0.15},
    "NAME_EDUCATION_TYPE": {"AMT_INCOME_TOTAL": -0.3, "EXT_SOURCE_2": -0.15},
    "COUPLE": {"CNT_CHILDREN": 0.3, "AMT_GOODS_PRICE": 0.12},
    "FAMILY": {"DAYS_BIRTH": -0.6},
    "NAME_HOUSING_TYPE": {"DAYS_BIRTH": 0.25},
    "NAME_INCOME_TYPE": {"AMT_INCOME_TOTAL": -0.15, "NAME_EDUCATION_TYPE": 0.15},
    "OCCUPATION_TYPE": {"NAME_EDUCATION_TYPE": 0.2, "CODE_GENDER": 0.2, "AMT_INCOME_TOTAL": -0.15},
    "OCCUPATION_ABSENT": {},
    "ORGANIZATION_TYPE": {"OCCUPATION_TYPE": 0.2, "NAME_INCOME_TYPE": 0.1},
    "NAME_CONTRACT_TYPE": {},
    "NAME_TYPE_SUITE": {},
    "REG_CITY_NOT_WORK_CITY": {"DAYS_BIRTH": 0.2},
    "LIVE_CITY_NOT_WORK_CITY": {"REG_CITY_NOT_WORK_CITY": 0.93},
    "REG_CITY_NOT_LIVE_CITY": {"REG_CITY_NOT_WORK_CITY": 0.6},
    "REG_REGION_NOT_WORK_REGION": {"REG_CITY_NOT_WORK_CITY": 0.45},
    "LIVE_REGION_NOT_WORK_REGION": {"REG_REGION_NOT_WORK_REGION": 0.96},
    "REG_REGION_NOT_LIVE_REGION": {"REG_REGION_NOT_WORK_REGION": 0.6, "REG_CITY_NOT_LIVE_CITY": 0.5},
    "FLAG_WORK_PHONE": {},
    "FLAG_CONT_MOBILE": {},
    "FLAG_PHONE": {"FLAG_WORK_PHONE": 0.3},
    "FLAG_EMAIL": {"NAME_EDUCATION_TYPE": -0.1},
    "HOUR_APPR_PROCESS_START": {"REGION_RATING_CLIENT": -0.2, "AMT_INCOME_TOTAL": 0.08},
    "FLAG_DOCUMENT_3": {"NAME_CONTRACT_TYPE": -0.5},
    "FLAG_DOCUMENT_6": {"PENSION": 0.6},
    "FLAG_DOCUMENT_8": {"AMT_INCOME_TOTAL": 0.15, "FLAG_DOCUMENT_3": -0.6},
    "BUREAU_ABSENT": {"DAYS_BIRTH": 0.1},
    "EXT_SOURCE_1_ABSENT": {},
    "BUILDING_ABSENT": {"REGION_RATING_CLIENT": 0.15},
    "BUILDING_HEIGHT": {"REGION_POPULATION_RELATIVE": 0.25},
    "SOCIAL_OBS": {},
    "SOCIAL_DEF": {},
    "AMT_REQ_CREDIT_BUREAU_YEAR": {},
    "AMT_REQ_CREDIT_BUREAU_QRT": {"AMT_REQ_CREDIT_BUREAU_YEAR": 0.1},
    "AMT_REQ_CREDIT_BUREAU_MON": {"AMT_REQ_CREDIT_BUREAU_YEAR": 0.05},
}
"""Every other score and its relations, the default aside. Chosen to be plausible: only their
relation to the default is known."""

_STANDS_FOR = {
    "DE": "DAYS_EMPLOYED",
    "GOODS_RATIO": None,
    "ANNUITY_RATIO": None,
    "PENSION": None,
    "COUPLE": None,
    "FAMILY": None,
    "BUILDING_HEIGHT": "FLOORSMAX_AVG",
    "SOCIAL_OBS": "OBS_30_CNT_SOCIAL_CIRCLE",
    "SOCIAL_DEF": "DEF_30_CNT_SOCIAL_CIRCLE",
}
_ABSENCE = {
    "BUREAU_ABSENT": "AMT_REQ_CREDIT_BUREAU_YEAR",
    "EXT_SOURCE_1_ABSENT": "EXT_SOURCE_1",
    "BUILDING_ABSENT": "FLOORSMAX_AVG",
}
_DEFAULT_CORRELATION = {
    "GOODS_RATIO": -0.18,
    "OCCUPATION_ABSENT": 0.0,
    "ANNUITY_RATIO": 0.03,
    "AMT_GOODS_PRICE": 0.0,
    "OWN_CAR_AGE": 0.09,
}
"""Correlation with the default where no single column tells it, or two of its measures disagree."""


@cache
def latents() -> Latents:
    """The scores fitted to the statistics."""
    grown = _correlations(load())
    values, vectors = np.linalg.eigh(grown.matrix)
    repaired = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    scale = 1.0 / np.sqrt(np.diag(repaired))
    return Latents(tuple(grown.names), np.linalg.cholesky(repaired * scale * scale[:, None]))


def _correlations(statistics: Statistics) -> Correlations:
    grown = Correlations(_BASE, _base_matrix(statistics))
    with_quality = {name: _with_quality(name, statistics) for name in _BASE}
    grown.add(QUALITY, **{name: value or 0.0 for name, value in with_quality.items()})
    for name, related in _RELATED.items():
        own = _with_quality(name, statistics)
        grown.add(name, **related, **({} if own is None else {QUALITY: own}))
    return grown


def _with_quality(name: str, statistics: Statistics) -> float | None:
    """Correlation of a score with the quality.

    The price of the goods acts on the default by itself: what a score owes to it, the quality must not add.
    """
    own = _with_default(name, statistics)
    if own is None:
        return None
    if name in statistics.spearman_names and name != _GOODS:
        names = statistics.spearman_names
        with_goods = statistics.spearman[names.index(name), names.index(_GOODS)]
        own -= with_goods * of_column(statistics.column("application_train", _GOODS))
    return -own * (1.0 if name in _SHARP_ENOUGH else _SHARPENING) / QUALITY_SHARE


def _base_matrix(statistics: Statistics) -> Floats:
    at = [statistics.spearman_names.index(name) for name in _BASE]
    coarse = np.array([_COARSE.get(name, 1.0) for name in _BASE])
    ranks = statistics.spearman[np.ix_(at, at)] * coarse * coarse[:, None]
    matrix = 2.0 * np.sin(np.pi * ranks / 6.0)
    np.fill_diagonal(matrix, 1.0)
    return np.asarray(matrix)


def _with_default(name: str, statistics: Statistics) -> float | None:
    """Correlation of a score with the tendency to default, from the column it stands for."""
    if name in _DEFAULT_CORRELATION:
        return _DEFAULT_CORRELATION[name]
    train = statistics.tables["application_train"]
    if name in _ABSENCE:
        return _of_absence(train[_ABSENCE[name]])
    source = _STANDS_FOR.get(name, name)
    return None if source is None else of_column(train[source])


def _of_absence(column: Column) -> float:
    rate = column.default_rate_if_null or TARGET_RATE
    rest = (TARGET_RATE - rate * column.null) / (1.0 - column.null)
    shares = np.array([1.0 - column.null, column.null])
    return liability_correlation(shares, auc_of_groups(shares, np.array([rest, rate])))


def of_column(column: Column) -> float:
    """Correlation of a column's score with the tendency to default."""
    if column.is_category:
        rates = shrunk_rates(column)
        order = np.argsort(rates, kind="stable")
        shares = np.array(column.shares)[order]
        return liability_correlation(shares, auc_of_groups(shares, rates[order]))
    auc = 0.5 if column.auc is None else column.auc
    return liability_correlation(_cells(column), auc)


def _cells(column: Column) -> Floats:
    """Shares of groups whose members the column cannot tell apart."""
    if column.values:
        return np.array(column.shares)
    fine = np.full(100, (1.0 - column.zero) / 100)
    ties = [column.zero] if column.zero > 0.01 else []
    at_end = bool(column.quantiles) and column.quantiles[0] < 0
    return np.concatenate([fine, ties] if at_end else [ties, fine])


def auc_of_groups(shares: Floats, rates: Floats) -> float:
    """The chance that a defaulter stands in a later group than a payer, half for the same one."""
    bad = shares * rates / (shares @ rates)
    good = shares * (1.0 - rates) / (shares @ (1.0 - rates))
    return float(bad @ (np.cumsum(good) - good / 2))


def liability_correlation(shares: npt.ArrayLike, auc: float) -> float:
    """The correlation between a score cut into *shares* and the tendency to default that gives *auc*."""
    masses = np.asarray(shares, dtype=np.float64)
    low, high = -0.95, 0.95
    for _ in range(30):
        middle = (low + high) / 2
        if auc_of_groups(masses, _group_rates(masses, middle)) < auc:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _group_rates(shares: Floats, correlation: float) -> Floats:
    """Default rate in each consecutive share of a score with this correlation to the default."""
    edges = np.concatenate([[0.0], np.cumsum(shares) / shares.sum()])
    inside = edges[:-1, None] + (edges[1:] - edges[:-1])[:, None] * (np.arange(16) + 0.5) / 16
    threshold = float(normal.quantile(TARGET_RATE))
    z = (threshold + correlation * normal.quantile(inside)) / np.sqrt(1.0 - correlation**2)
    return np.asarray(normal.cdf(z).mean(axis=1))
