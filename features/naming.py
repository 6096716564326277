"""How a word of the data becomes a part of a feature's name."""

import re


def category_name(word: str) -> str:
    """*word* with every run of other characters than letters and digits as one underscore.

    LightGBM refuses names with the characters of JSON in them.

    >>> category_name("Cash X-Sell: low")
    'Cash_X_Sell_low'
    """
    return re.sub(r"[^0-9A-Za-z]+", "_", word).strip("_")
