"""Income, goods, credit and annuity of an application, in proportion to each other."""

from collections.abc import Mapping

import numpy as np

from features.made_up import marginal, normal
from features.made_up.columns import Columns, Flags, Words, missing
from features.made_up.latent import Scores
from features.made_up.normal import Floats
from features.made_up.statistics import SHARES, Column, load

_CENT = 4.5
"""Credits and annuities are multiples of it."""
_ROUND = 4500.0
"""Goods prices and incomes are multiples of it."""
_REVOLVING_RATE = 0.05
"""Annuity of a revolving loan in parts of its credit."""


def amounts(rng: np.random.Generator, scores: Scores, statistics: Mapping[str, Column]) -> Columns:
    """The five columns of the contract and the income."""
    income = marginal.numeric(statistics["AMT_INCOME_TOTAL"], _ROUND, load().atoms["AMT_INCOME_TOTAL"])
    goods = goods_price(statistics)(scores["AMT_GOODS_PRICE"])
    share_of_credit = _goods_ratio()(scores["GOODS_RATIO"])
    contract = statistics["NAME_CONTRACT_TYPE"]
    revolving_share = contract.shares[contract.words.index("Revolving loans")]
    revolving = _revolving(revolving_share, scores["NAME_CONTRACT_TYPE"], share_of_credit)
    credit = np.rint(goods / share_of_credit / _CENT) * _CENT
    cash_rate = _dearness(statistics) * _annuity_ratio(scores["ANNUITY_RATIO"], revolving_share)
    rate = np.where(revolving, _REVOLVING_RATE, cash_rate)
    annuity = np.rint(credit * rate / _CENT) * _CENT
    clients = len(goods)
    no_price = revolving & (rng.random(clients) < statistics["AMT_GOODS_PRICE"].null / revolving_share)
    return {
        "NAME_CONTRACT_TYPE": Words(revolving.astype(np.int16), ("Cash loans", "Revolving loans")),
        "AMT_INCOME_TOTAL": income(scores["AMT_INCOME_TOTAL"]),
        "AMT_GOODS_PRICE": missing(goods, no_price),
        "AMT_CREDIT": credit,
        "AMT_ANNUITY": missing(annuity, rng.random(clients) < statistics["AMT_ANNUITY"].null),
    }


def goods_price(statistics: Mapping[str, Column]) -> marginal.Numeric:
    """The price from its score."""
    return marginal.numeric(statistics["AMT_GOODS_PRICE"], _ROUND, load().atoms["AMT_GOODS_PRICE"])


def _goods_ratio() -> marginal.Numbers:
    """Goods price in parts of the credit; 1 for a third of the clients."""
    quantiles = np.array(load().ratios["AMT_GOODS_PRICE/AMT_CREDIT"])
    below = quantiles < 1.0
    return marginal.numbers(np.array(SHARES)[below], quantiles[below], atoms={1.0: load().equal_goods})


def _revolving(share: float, score: Floats, share_of_credit: Floats) -> Flags:
    """Revolving loans, which are all among the credits that equal the goods price."""
    flags: Flags = (share_of_credit >= 1.0) & (score < normal.quantile(share / load().equal_goods))
    return flags


def _annuity_ratio(score: Floats, revolving: float) -> Floats:
    """Annuity in parts of the credit for cash loans: all clients' quantiles without the revolving loans."""
    quantiles = np.array(load().ratios["AMT_ANNUITY/AMT_CREDIT"])
    everyone = marginal.numbers(np.array(SHARES), quantiles)
    start = 0.5 - revolving / 2
    rank = normal.cdf(score) * (1.0 - revolving)
    return everyone(normal.quantile(np.where(rank < start, rank, rank + revolving)))


def _dearness(statistics: Mapping[str, Column]) -> float:
    """Annuities against credits, in parts of the training table's: the mean over all quantiles."""
    train = load().tables["application_train"]
    own, other = (
        np.divide(table["AMT_ANNUITY"].quantiles, table["AMT_CREDIT"].quantiles)
        for table in (statistics, train)
    )
    return float(np.exp(np.log(own / other).mean()))
