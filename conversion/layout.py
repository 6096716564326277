"""Where each column the trees look at stands in the matrix that the graph gives them."""

from dataclasses import dataclass

import numpy as np

from conversion.columns import Column, NumericTests
from conversion.forest import Forest
from conversion.tree import Ints


@dataclass(frozen=True)
class Layout:
    """Blocks side by side: whole-row copies in the order of `copies`, then one column per category."""

    width: int
    """Features in a row."""
    copies: tuple[Column, ...]
    categories: tuple[int, ...]
    """Features read as categories, in the order of their columns."""

    @classmethod
    def of(cls, forest: Forest, tests: NumericTests, width: int) -> "Layout":
        seen = np.unique(tests.columns[~forest.is_category]).tolist()
        copies = tuple(Column(value) for value in sorted({int(Column.RAW), *seen}))
        return cls(width, copies, tuple(np.unique(forest.features[forest.is_category]).tolist()))

    def places(self, forest: Forest, tests: NumericTests) -> Ints:
        """For each split of *forest*, the matrix column it tests."""
        starts = np.zeros(len(Column), dtype=np.int64)
        starts[list(self.copies)] = np.arange(len(self.copies)) * self.width
        category = len(self.copies) * self.width + np.searchsorted(self.categories, forest.features)
        return np.where(forest.is_category, category, starts[tests.columns] + forest.features)
