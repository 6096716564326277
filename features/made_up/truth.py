"""The true probability of default, which only made-up clients have."""

from functools import cache

import numpy as np

from features.made_up import money, normal
from features.made_up.columns import Integers
from features.made_up.latent import QUALITY, QUALITY_SHARE, Scores, latents
from features.made_up.normal import Floats
from features.made_up.statistics import TARGET_RATE, load

_TERM_SHARE = 0.17
"""Of the tendency to default: loans of middling length default more than short and long ones."""
_CHANCE = np.sqrt(1.0 - QUALITY_SHARE**2 - _TERM_SHARE**2)
_DRAWS = 50_000


def default_probability(scores: Scores, goods_price: Floats) -> Floats:
    """The probability of default of each client; its mean over all training clients is `TARGET_RATE`.

    Default rates jump up and down along the goods price, so it acts directly, not through the quality.
    """
    return normal.cdf((_thresholds()[_tenth(goods_price)] - _soundness(scores)) / _CHANCE)


def _soundness(scores: Scores) -> Floats:
    """What keeps a client from defaulting, the goods price and chance aside."""
    unusual_term = (scores["ANNUITY_RATIO"] ** 2 - 1.0) / np.sqrt(2.0)
    return np.asarray(QUALITY_SHARE * scores[QUALITY] + _TERM_SHARE * unusual_term)


@cache
def _thresholds() -> Floats:
    """The soundness up to which a client defaults, for each known tenth of the goods prices."""
    deciles = load().deciles["AMT_GOODS_PRICE"]
    rates = np.array([decile.default_rate for decile in deciles])
    everyone = latents().draw(np.random.default_rng(0), _DRAWS)
    price = money.goods_price(load().tables["application_train"])(everyone["AMT_GOODS_PRICE"])
    tenth, soundness = _tenth(price), _soundness(everyone)
    rates *= TARGET_RATE / rates[tenth].mean()
    return np.array([_threshold(soundness[tenth == each], rate) for each, rate in enumerate(rates)])


def _threshold(soundness: Floats, rate: float) -> float:
    """Where the mean probability of default is *rate*."""
    low, high = -8.0, 8.0
    for _ in range(40):
        middle = (low + high) / 2
        if normal.cdf((middle - soundness) / _CHANCE).mean() < rate:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _tenth(goods_price: Floats) -> Integers:
    """Which of the known tenths a price lies in."""
    bounds = [decile.bound for decile in load().deciles["AMT_GOODS_PRICE"][:-1]]
    return np.searchsorted(bounds, goods_price)
