"""The 47 columns on the building a client lives in: absent together, or mostly there."""

from collections.abc import Mapping

import numpy as np

from features.made_up import marginal, normal
from features.made_up.columns import Columns, Flags, Values, missing
from features.made_up.latent import Scores
from features.made_up.normal import Floats
from features.made_up.statistics import Column

_SUFFIXES = {"_AVG": 1.0, "_MODE": 0.975, "_MEDI": 0.998}
"""Ways a measure is given; the mode differs a little from the average, the median hardly."""
_ALONE = (
    "FONDKAPREMONT_MODE",
    "HOUSETYPE_MODE",
    "TOTALAREA_MODE",
    "WALLSMATERIAL_MODE",
    "EMERGENCYSTATE_MODE",
)
_ALWAYS = "EMERGENCYSTATE_MODE"
"""Known whenever any of the block is."""
_SIZE = 0.75
"""Correlation of a measure with the size of the building."""
_DETAIL = 0.8
"""Correlation of a measure's being known with how much is known of the building."""


def block(rng: np.random.Generator, scores: Scores, statistics: Mapping[str, Column]) -> Columns:
    """All columns of the building block."""
    clients = len(scores["QUALITY"])
    absent_share = statistics[_ALWAYS].null
    absent = scores["BUILDING_ABSENT"] > normal.quantile(1.0 - absent_share)
    detail = rng.standard_normal(clients)
    made: Columns = {}
    for stem in _stems(statistics):
        gap = _gap(rng, detail, statistics[stem + "_AVG"].null, absent_share)
        score = normal.blurred(rng, scores["BUILDING_SIZE"], _SIZE)
        for suffix, weight in _SUFFIXES.items():
            column = statistics[stem + suffix]
            made[column.name] = np.where(
                absent | gap, np.nan, _measure(column)(normal.blurred(rng, score, weight))
            )
    for name in _ALONE:
        gap = _gap(rng, detail, statistics[name].null, absent_share)
        made[name] = _alone(rng, statistics[name], scores["BUILDING_SIZE"], absent | gap)
    return made


def _stems(statistics: Mapping[str, Column]) -> list[str]:
    return [name.removesuffix("_AVG") for name in statistics if name.endswith("_AVG")]


def _measure(column: Column) -> marginal.Numeric:
    return marginal.numeric(column, 0.0001)


def _gap(rng: np.random.Generator, detail: Floats, null: float, absent_share: float) -> Flags:
    """Where a measure is unknown although something is known of the building."""
    share = max(null - absent_share, 0.0) / (1.0 - absent_share)
    gap: Flags = normal.blurred(rng, detail, _DETAIL) > normal.quantile(1.0 - share)
    return gap


def _alone(rng: np.random.Generator, column: Column, size: Floats, absent: Flags) -> Values:
    if column.is_category:
        return marginal.choice(column, column.words)(rng.standard_normal(len(size))).where(~absent)
    return missing(_measure(column)(normal.blurred(rng, size, _SIZE)), absent)
