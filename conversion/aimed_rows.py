"""Rows that aim at the splits of a model, as many at once as do not disturb each other."""

from collections.abc import Iterable, Iterator

import numpy as np

from conversion.routes import Assignment, routes, trials, universe
from conversion.text_model import TextModel

OPEN_ROWS = 48
"""How many rows are being filled at a time."""


def aims(model: TextModel, rng: np.random.Generator) -> tuple[list[Assignment], list[Assignment]]:
    """For each split, the assignments that must be tried there, and those to try when there is room."""
    must: list[Assignment] = []
    more: list[Assignment] = []
    choices = universe(model)
    for tree in model.trees:
        for route in routes(tree, choices):
            feature = int(tree.features[route.split])
            needed, welcome = trials(route, rng)
            must += [{**route.path, feature: value} for value in needed]
            more += [{**route.path, feature: value} for value in welcome]
    return must, more


def packed(wanted: Iterable[Assignment]) -> Iterator[Assignment]:
    """Fewer, larger assignments that hold all of *wanted*: those that share no feature go together."""
    open_rows: list[tuple[int, Assignment]] = []
    for assignment in wanted:
        mask = sum(1 << feature for feature in assignment)
        for place, (taken, row) in enumerate(open_rows):
            if not taken & mask:
                open_rows[place] = (taken | mask, row | assignment)
                break
        else:
            open_rows.append((mask, assignment))
            if len(open_rows) > OPEN_ROWS:
                yield open_rows.pop(0)[1]
    yield from (row for _, row in open_rows)
