"""The 47 columns on the building a client lives in: absent together, or mostly there."""

from collections.abc import Mapping
from math import sqrt

import numpy as np

from features.made_up import marginal, normal
from features.made_up.columns import Columns, Flags, missing
from features.made_up.latent import Scores, of_column
from features.made_up.normal import Floats
from features.made_up.statistics import Column, load

HEIGHT = "BUILDING_HEIGHT"
"""Of the scores, the one behind the building."""
_STANDS_FOR_HEIGHT = "FLOORSMAX_AVG"
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
_SHARED = 0.9
"""Correlation with the height of a measure that tells as much of the default as the height does."""
_COMMON = 0.75
"""Correlation of a measure with what it shares with the others, at least."""
_DETAIL = 0.97
"""Correlation of a measure's being known with how much is known of the building."""


def block(rng: np.random.Generator, scores: Scores, statistics: Mapping[str, Column]) -> Columns:
    """All columns of the building block."""
    clients = len(scores["QUALITY"])
    absent_share = statistics[_ALWAYS].null
    absent = scores["BUILDING_ABSENT"] > normal.quantile(1.0 - absent_share)
    detail, area = rng.standard_normal(clients), rng.standard_normal(clients)
    made: Columns = {}
    for stem in _stems(statistics):
        gap = _gap(rng, detail, statistics[stem + "_AVG"].null, absent_share)
        score = _score(rng, scores[HEIGHT], area, stem + "_AVG")
        for suffix, weight in _SUFFIXES.items():
            column = statistics[stem + suffix]
            values = _values(column)(normal.blurred(rng, score, weight))
            made[column.name] = missing(values, absent | gap)
    for name in _ALONE:
        gap = _gap(rng, detail, statistics[name].null, absent_share)
        score = _score(rng, scores[HEIGHT], area, name)
        made[name] = missing(_values(statistics[name])(score), absent | gap)
    return made


def _score(rng: np.random.Generator, height: Floats, area: Floats, name: str) -> Floats:
    """A normal score that tells of the default what column *name* does, by the height; the rest is size."""
    known = load().tables["application_train"]
    told = of_column(known[name]) / of_column(known[_STANDS_FOR_HEIGHT])
    by_height = _SHARED * min(max(told, -1.0), 1.0)
    by_area = sqrt(max(_COMMON**2 - by_height**2, 0.0))
    rest = sqrt(1.0 - by_height**2 - by_area**2)
    return by_height * height + by_area * area + rest * rng.standard_normal(len(area))


def _stems(statistics: Mapping[str, Column]) -> list[str]:
    return [name.removesuffix("_AVG") for name in statistics if name.endswith("_AVG")]


def _values(column: Column) -> marginal.Numeric | marginal.Choice:
    if column.is_category:
        return marginal.choice(column, marginal.by_risk(load().tables["application_train"][column.name]))
    return marginal.numeric(column, 0.0001)


def _gap(rng: np.random.Generator, detail: Floats, null: float, absent_share: float) -> Flags:
    """Where a measure is unknown although something is known of the building."""
    share = max(null - absent_share, 0.0) / (1.0 - absent_share)
    gap: Flags = normal.blurred(rng, detail, _DETAIL) > normal.quantile(1.0 - share)
    return gap
