"""Which values each feature may take: plausible ones, and those where a converter goes wrong."""

from dataclasses import dataclass

import numpy as np

from conversion.columns import BELOW_TINY, TINY
from conversion.text_model import TextModel
from conversion.tree import Floats, Ints
from features.schema import FeatureSchema

INFINITY = float("inf")
HUGE = float(np.finfo(np.float64).max)
SMALLEST = 5e-324
AROUND_ZERO = (
    0.0, -0.0, SMALLEST, -SMALLEST, 1e-310, -1e-310, 1e-35, -1e-35, TINY, -TINY,
    float(np.nextafter(TINY, 1)), BELOW_TINY, 1e-34, -1e-34,
)  # fmt: skip
SPECIAL_NUMBERS = np.array(
    [np.nan, INFINITY, -INFINITY, HUGE, -HUGE, 1e300, -1e300, 1e301, 3.5e38, -3.5e38, *AROUND_ZERO]
)
SPECIAL_CATEGORIES = np.array(
    [
        np.nan, INFINITY, -INFINITY, HUGE, -HUGE, 2.0**31 - 1, 2.0**31, 2.0**31 + 1, 2.0**32, 2.0**32 + 1,
        2.0**63, -(2.0**31), -(2.0**32), -1.0, -2.0, -1.5, -1.0 + 2**-53, -0.999, -0.5, 0.5, *AROUND_ZERO,
    ]
)  # fmt: skip
MISSING_RATE, UNSEEN_RATE = 0.1, 0.03


def beside(values: Floats) -> Floats:
    """*values*, the doubles next to each, and the float32 numbers on either side of each."""
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
        wide = [np.nextafter(narrow, np.float32(way)).astype(np.float64) for way in (-np.inf, np.inf)]
    ulps = [np.nextafter(values, way) for way in (-np.inf, np.inf)]
    return np.unique(np.concatenate([values, *ulps, narrow.astype(np.float64), *wide]))


@dataclass(frozen=True)
class Numeric:
    """A feature compared with thresholds."""

    knots: Floats
    """Ascending: thresholds and ends of the range; plausible values lie between two neighbours."""
    edges: Floats

    def plausible(self, rng: np.random.Generator, count: int) -> Floats:
        place = rng.integers(0, len(self.knots) - 1, count)
        share = rng.random(count)
        values = self.knots[place] * (1 - share) + self.knots[place + 1] * share
        return np.where(rng.random(count) < MISSING_RATE, np.nan, values)


@dataclass(frozen=True)
class Categorical:
    """A feature looked up in sets of categories."""

    known: Ints
    edges: Floats

    def plausible(self, rng: np.random.Generator, count: int) -> Floats:
        values = rng.choice(self.known, count).astype(np.float64)
        draw = rng.random(count)
        values[draw < UNSEEN_RATE] = rng.choice(self.edges, int((draw < UNSEEN_RATE).sum()))
        return np.where(draw > 1 - MISSING_RATE, np.nan, values)


Values = Numeric | Categorical


def all_values(model: TextModel, schema: FeatureSchema | None) -> tuple[Values, ...]:
    """The values of each feature of *model*, with the training ranges of *schema* where it has them."""
    seen = {n: f.seen for n, f in enumerate(schema.used) if f.seen} if schema else {}
    return tuple(
        _categorical(model, feature)
        if feature in model.categorical
        else _numeric(model, feature, seen.get(feature))
        for feature in range(model.width)
    )


def _numeric(model: TextModel, feature: int, seen: tuple[float, float] | None) -> Numeric:
    thresholds = model.thresholds.get(feature, np.zeros(0))
    ends = seen or _range(model.infos[feature])
    knots = np.unique(np.concatenate([thresholds, ends]))
    if len(knots) == 1:
        knots = np.array([knots[0] - 1, knots[0], knots[0] + 1])
    return Numeric(knots, np.concatenate([beside(thresholds), SPECIAL_NUMBERS]))


def _range(info: str) -> tuple[float, float]:
    """The ends of "[min:max]"; -1 and 1 where the text gives no finite range."""
    low, colon, high = info.strip("[]").partition(":")
    try:
        ends = float(low), float(high)
    except ValueError:
        return -1.0, 1.0
    return ends if colon and np.isfinite(ends).all() else (-1.0, 1.0)


def _categorical(model: TextModel, feature: int) -> Categorical:
    sets = [
        tree.members(i) for tree in model.trees for i in _lookups_of(tree.features, tree.is_category, feature)
    ]
    members = np.unique(np.concatenate(sets))
    listed = np.array([int(w) for w in model.infos[feature].split(":") if w.isdigit()], dtype=np.int64)
    known = np.union1d(members, listed)
    known = known if len(known) else np.array([0])
    codes = known.astype(np.float64)
    around = [codes, codes + 0.5, np.nextafter(codes, -np.inf), np.nextafter(codes + 1, 0), codes + 2.0**32]
    unseen = np.array([codes[-1] + 1, codes[-1] + 32, codes[-1] + 64])
    return Categorical(known, np.concatenate([*around, unseen, SPECIAL_CATEGORIES]))


def _lookups_of(features: Ints, is_category: np.ndarray, feature: int) -> Ints:
    return np.flatnonzero(is_category & (features == feature))
