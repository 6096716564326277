"""The true probability of default, which only made-up clients have."""

from functools import cache

import numpy as np

from features.made_up import money, normal
from features.made_up.latent import QUALITY_SHARE
from features.made_up.normal import Floats
from features.made_up.statistics import TARGET_RATE, load

_DRAWS = 20_000


def default_probability(quality: Floats, goods_price: Floats) -> Floats:
    """The probability of default of each client; its mean over all training clients is `TARGET_RATE`.

    Default rates jump up and down along the goods price, so it acts directly, not through the quality.
    """
    threshold = _thresholds()[_tenth(goods_price)]
    return normal.cdf((threshold - QUALITY_SHARE * quality) / np.sqrt(1.0 - QUALITY_SHARE**2))


@cache
def _thresholds() -> Floats:
    """The tendency from which on a client defaults, for each tenth of the goods prices."""
    rates = np.array([decile.default_rate for decile in load().deciles["AMT_GOODS_PRICE"]])
    everyone = money.goods_price(load().tables["application_train"])(
        normal.quantile((np.arange(_DRAWS) + 0.5) / _DRAWS)
    )
    return normal.quantile(rates * TARGET_RATE / rates[_tenth(everyone)].mean())


def _tenth(goods_price: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Which of the known tenths a price lies in."""
    bounds = [decile.bound for decile in load().deciles["AMT_GOODS_PRICE"][:-1]]
    return np.searchsorted(bounds, goods_price)
