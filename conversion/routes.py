"""What a row must hold to reach a given split, and what to try there.

Random rows seldom come near a threshold, and a single wrong split among thousands hides behind the
others: so each split is aimed at with values on, beside and off its threshold.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from conversion.columns import BELOW_TINY, TINY
from conversion.text_model import TextModel
from conversion.tree import Floats, Ints, Missing, Tree

Assignment = dict[int, float]
"""Values of a few features; the others may be anything."""


@dataclass(frozen=True, slots=True)
class Span:
    """The values of one feature that satisfy the numeric splits passed so far: low < x <= high."""

    low: float = -np.inf
    high: float = np.inf

    def below(self, threshold: float) -> "Span":
        return Span(self.low, min(self.high, threshold))

    def above(self, threshold: float) -> "Span":
        return Span(max(self.low, threshold), self.high)

    @property
    def inside(self) -> float:
        """A number in the span, away from zero where it can be (zero may count as missing); NaN if none."""
        low, high = max(self.low, -1e300), min(self.high, 1e300)
        if not low < high:
            return high if self.low < self.high else np.nan
        if self.low == -np.inf:
            return high - max(1.0, abs(high)) if abs(high) < 1e300 else -1.0
        if self.high == np.inf:
            return low + max(1.0, abs(low))
        middle = low / 2 + high / 2
        return middle if low < middle < high and abs(middle) > TINY else high


@dataclass(frozen=True, slots=True)
class Choice:
    """The categories of one feature that satisfy the lookups passed so far."""

    codes: Ints

    def below(self, members: Ints) -> "Choice":
        return Choice(np.intersect1d(self.codes, members, assume_unique=True))

    def above(self, members: Ints) -> "Choice":
        return Choice(np.setdiff1d(self.codes, members, assume_unique=True))

    @property
    def inside(self) -> float:
        """One of the categories; NaN if none is left."""
        return float(self.codes[0]) if len(self.codes) else np.nan


@dataclass(frozen=True, slots=True)
class Route:
    """A split, and an assignment that leads there (its own feature apart)."""

    tree: Tree
    split: int
    path: Assignment


def universe(model: TextModel) -> dict[int, Choice]:
    """For each categorical feature, every category of any of its sets and one that is in none."""
    sets: dict[int, list[Ints]] = {feature: [] for feature in model.categorical}
    for tree in model.trees:
        for split in np.flatnonzero(tree.is_category):
            sets[int(tree.features[split])].append(tree.members(int(split)))
    known = {feature: np.unique(np.concatenate(members)) for feature, members in sets.items()}
    return {feature: Choice(np.append(codes, outsider(codes))) for feature, codes in known.items()}


def routes(tree: Tree, choices: dict[int, Choice]) -> Iterator[Route]:
    """The route to each split of *tree*, its root first."""
    waiting: list[tuple[int, dict[int, Span | Choice]]] = [(0, {})] if len(tree.features) else []
    features, is_category = tree.features.tolist(), tree.is_category.tolist()
    while waiting:
        split, passed = waiting.pop()
        feature = features[split]
        yield Route(tree, split, {f: need.inside for f, need in passed.items() if f != feature})
        ways = _both_ways(
            tree, split, passed.get(feature) or (choices[feature] if is_category[split] else Span())
        )
        for child, need in zip((tree.left[split], tree.right[split]), ways, strict=True):
            if child >= 0:
                waiting.append((int(child), {**passed, feature: need}))


def _both_ways(tree: Tree, split: int, own: Span | Choice) -> tuple[Span | Choice, Span | Choice]:
    """What the left and the right child ask of the split's own feature."""
    if isinstance(own, Choice):
        members = tree.members(split)
        return own.below(members), own.above(members)
    threshold = float(tree.thresholds[split])
    return own.below(threshold), own.above(threshold)


def outsider(members: Ints) -> int:
    """The lowest category outside a set (ascending)."""
    gaps = np.flatnonzero(members != np.arange(len(members)))
    return int(gaps[0]) if len(gaps) else len(members)


def trials(route: Route, rng: np.random.Generator) -> tuple[list[float], list[float]]:
    """Values of the split's own feature: those that must be tried, and those to try when there is room."""
    if route.tree.is_category[route.split]:
        return _categories(route.tree.members(route.split), rng)
    threshold = float(route.tree.thresholds[route.split])
    after, before = (float(np.nextafter(threshold, way)) for way in (np.inf, -np.inf))
    must = [threshold, after, np.nan]
    if route.tree.missing[route.split] == Missing.ZERO or abs(threshold) <= TINY:
        must += [0.0, TINY, BELOW_TINY]
    with np.errstate(over="ignore"):
        narrow = np.float32(threshold)
        floats = [float(np.nextafter(narrow, np.float32(way))) for way in (-np.inf, np.inf)]
    return must, [before, float(narrow), *floats, 0.0, float(rng.choice([np.inf, -np.inf]))]


def _categories(members: np.ndarray, rng: np.random.Generator) -> tuple[list[float], list[float]]:
    codes = members.astype(np.float64)
    must: Floats = np.concatenate([codes, [outsider(members), np.nan]])
    beyond = codes[-1] + 1 if len(codes) else 0.0
    some = float(rng.choice(codes)) if len(codes) else 0.0
    return must.tolist(), [some + 0.5, float(beyond), -1.0, -0.5, 2.0**32 + some, some - 2.0**-20]
