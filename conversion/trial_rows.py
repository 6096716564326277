"""The rows a certificate is made of: plausible, aimed at every split, sprinkled with edges, all edges."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from conversion.aimed_rows import aims, packed
from conversion.routes import Assignment
from conversion.text_model import TextModel
from conversion.values import Values
from runners.scorer import Rows

BLOCK_VALUES = 5_000_000
"""A block of rows has about this many values at most (40 MB)."""
EDGE_RATES = (0.02, 0.1, 0.4)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows of each kind; more where aiming at every split takes more."""

    least: int = 100_000
    """Rows in all."""
    plausible: int = 20_000
    sprinkled: int = 18_000
    all_edges: int = 2_000
    in_small_batches: int = 10_000
    """Of any kind, answered once more in small batches."""

    @property
    def room(self) -> int:
        """Aimed rows that fit in `least`."""
        return self.least - self.plausible - self.sprinkled - self.all_edges


FULL = Sizes()


@dataclass(frozen=True)
class TrialRows:
    """All the rows, made block by block; the same seed gives the same rows."""

    values: tuple[Values, ...]
    aimed: tuple[Assignment, ...]
    seed: int
    sizes: Sizes

    @classmethod
    def of(cls, model: TextModel, values: tuple[Values, ...], seed: int, sizes: Sizes = FULL) -> "TrialRows":
        """The rows for *model*, whose features take *values*."""
        rng = np.random.default_rng([seed, 0])
        must, more = aims(model, rng)
        rng.shuffle(must)
        rng.shuffle(more)
        aimed = list(packed(must))
        aimed += islice(packed(more), max(0, sizes.room - len(aimed)))
        return cls(values, tuple(aimed), seed, sizes)

    @property
    def count(self) -> int:
        """Rows in all."""
        return self.sizes.least + max(0, len(self.aimed) - self.sizes.room)

    def blocks(self) -> Iterator[Rows]:
        """Every row once, in blocks that fit in memory."""
        size = max(1_000, min(10_000, BLOCK_VALUES // len(self.values)) // 1_000 * 1_000)
        edges = self._edge_rates()
        for number, start in enumerate(range(0, self.count, size)):
            rng = np.random.default_rng([self.seed, 1, number])
            rows = self._sprinkled(rng, edges[start : start + size])
            self._aim(rows, start - self.sizes.plausible)
            yield rows

    def _edge_rates(self) -> Rows:
        """For each row, how often a value of it is an edge."""
        rates = np.resize(EDGE_RATES, self.count)
        rates[: self.sizes.plausible + len(self.aimed)] = 0
        rates[self.count - self.sizes.all_edges :] = 1
        return rates

    def _sprinkled(self, rng: np.random.Generator, rates: Rows) -> Rows:
        """Plausible rows in which each value is an edge with its row's rate."""
        rows = np.empty((len(rates), len(self.values)))
        for feature, values in enumerate(self.values):
            column = values.plausible(rng, len(rates))
            edge = rng.random(len(rates)) < rates
            column[edge] = rng.choice(values.edges, int(edge.sum()))
            rows[:, feature] = column
        return rows

    def _aim(self, rows: Rows, first: int) -> None:
        """Write the aimed assignments that fall in this block, the first of which is number *first*."""
        for place in range(max(0, -first), min(len(rows), len(self.aimed) - first)):
            assignment = self.aimed[first + place]
            rows[place, list(assignment)] = list(assignment.values())
