"""The columns the trees look at: the row itself, and copies in which what LightGBM does to a value is done.

`Booster.predict` takes |x| <= 1e-35 for 0, and a category for its whole part; a split may send a missing
value left. Folded into thresholds where that is exact, and else into a copied column, none of this costs
a test per split: every numeric split is a bare `x <= threshold`, which ONNX Runtime walks fastest.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from conversion.forest import Forest
from conversion.tree import Flags, Floats, Ints, Missing

TINY = float(np.float32(1e-35))
"""LightGBM's kZeroThreshold: a float32 constant, compared as a double."""
BELOW_TINY = float(np.nextafter(-TINY, -np.inf))


class Column(IntEnum):
    """How a numeric split sees its feature; NaN fails every `x <= threshold`, -inf passes every one."""

    RAW = 0
    """As given: a missing value goes right."""
    LEFT = 1
    """NaN is -inf: a missing value goes left."""
    ZERO_LEFT = 2
    """NaN and zero are -inf."""
    ZERO_RIGHT = 3
    """Zero is NaN: a missing value or a zero goes right."""


@dataclass(frozen=True)
class NumericTests:
    """For each split of a forest, the column and the threshold of its bare `x <= threshold`."""

    columns: Ints
    thresholds: Floats


def numeric_tests(forest: Forest) -> NumericTests:
    """The tests that decide as LightGBM does for every double. (Categorical splits: meaningless.)"""
    positive = forest.thresholds >= 0
    default_left = forest.default_left
    zero = forest.missing == Missing.ZERO
    goes_left = np.where(forest.missing == Missing.NONE, positive, default_left)
    columns = np.where(goes_left, int(Column.LEFT), int(Column.RAW))
    # A zero that goes where `0 <= threshold` sends it anyway needs no column of its own.
    columns[zero & default_left & ~positive] = Column.ZERO_LEFT
    columns[zero & ~default_left & positive] = Column.ZERO_RIGHT
    return NumericTests(columns.astype(np.int64), _beyond_tiny(forest.thresholds, positive))


def _beyond_tiny(thresholds: Floats, positive: Flags) -> Floats:
    """Thresholds that treat all |x| <= TINY as they treat 0, and other values as before."""
    tiny = np.abs(thresholds) <= TINY
    return np.where(tiny, np.where(positive, TINY, BELOW_TINY), thresholds)
