"""How many values of one feature fell where: all that drift is measured from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Column = npt.NDArray[np.float64] | npt.NDArray[np.object_]
"""One feature's raw values: numbers with NaN, or words with None, where missing."""


@dataclass(frozen=True)
class Tally:
    """Counts of one feature's values. Tallies of parts of a window add up to the window's."""

    bins: tuple[int, ...]
    """Known values in each bin; of words, the last bin holds the rare ones together."""
    missing: int
    unseen: int | None = None
    """Words that training never saw; of numbers there are none such."""
    outside: int = 0
    """Numbers outside the range of the training rows; they are in a bin too."""
    below: tuple[int, ...] = ()
    """Numbers smaller than each of the points that distributions are compared at."""

    @cached_property
    def total(self) -> int:
        return self.known + self.missing

    @cached_property
    def known(self) -> int:
        return sum(self.bins) + (self.unseen or 0)

    @property
    def missing_share(self) -> float:
        return self.missing / self.total if self.total else 0.0

    @property
    def unseen_share(self) -> float:
        return (self.unseen or 0) / self.total if self.total else 0.0

    @property
    def outside_share(self) -> float:
        return self.outside / self.total if self.total else 0.0

    @cached_property
    def counts(self) -> Counts:
        """Every value in one place of its own: the bins, the unseen words, the missing."""
        unseen = () if self.unseen is None else (self.unseen,)
        return np.array([*self.bins, *unseen, self.missing], dtype=np.int64)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            tuple(map(sum, zip(self.bins, other.bins, strict=True))),
            self.missing + other.missing,
            None if self.unseen is None else self.unseen + (other.unseen or 0),
            self.outside + other.outside,
            tuple(map(sum, zip(self.below, other.below, strict=True))),
        )
