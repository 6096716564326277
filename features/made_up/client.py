"""What the histories of a group of clients need to know of them."""

from dataclasses import dataclass

import numpy as np

from features.made_up import marginal, normal
from features.made_up.columns import Flags, Integers
from features.made_up.latent import QUALITY, Scores
from features.made_up.normal import Floats
from features.made_up.statistics import load


@dataclass(frozen=True)
class Clients:
    """A group of clients; every array has one entry per client."""

    sk_id_curr: Integers
    is_test: Flags
    scores: Scores

    def __len__(self) -> int:
        return len(self.sk_id_curr)

    @property
    def quality(self) -> Floats:
        return self.scores[QUALITY]

    def habit(self, rng: np.random.Generator, weight: float) -> Floats:
        """A normal score per client, with correlation *weight* to the risk (low quality)."""
        return normal.blurred(rng, self.quality, -weight)

    def counts(self, rng: np.random.Generator, table: str, known: Floats) -> Integers:
        """Rows of a child *table* for each client; none for the clients with the highest *known* ranks."""
        z = rng.standard_normal(len(self))
        counts = np.zeros(len(self), dtype=np.int64)
        for part, members in (("train", ~self.is_test), ("test", self.is_test)):
            spread = load().spreads[f"{table}|{part}"]
            drawn = marginal.as_integers(marginal.count(spread.quantiles)(z))
            counts = np.where(members & (known < spread.share_with_any), drawn, counts)
        return counts


def owners(counts: Integers) -> Integers:
    """The parent's position for each child row: 0, 0, 1, 1, 1, ... by *counts*."""
    return np.repeat(np.arange(len(counts)), counts)


def positions(counts: Integers) -> Integers:
    """Each child row's position within its parent, from 0."""
    starts = np.cumsum(counts) - counts
    return np.arange(counts.sum()) - np.repeat(starts, counts)


def mixed(rng: np.random.Generator, habit: Floats, owner: Integers, weight: float) -> Floats:
    """A normal score per row that shares *weight* with its owner's habit."""
    return normal.blurred(rng, habit[owner], weight)


def chance(rng: np.random.Generator, rows: int) -> Floats:
    """Uniform numbers below 1: single precision is enough to decide with, and faster."""
    return rng.random(rows, dtype=np.float32).astype(np.float64)
