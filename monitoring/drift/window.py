"""The decisions of a span of time, counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from credit.cost import Probabilities
from monitoring.drift.reference import PROBABILITY, Reference
from monitoring.drift.tally import Column, Tally
from monitoring.files import UnreadableProfile

if TYPE_CHECKING:
    from monitoring.sketch import StoredSketch

_STAND_INS = 1000


@dataclass(frozen=True)
class Window:
    """What drift is measured between. Windows of parts of a span add up to the span's."""

    rows: int
    tallies: Mapping[str, Tally]
    """Of each feature of the reference, and of the probability of default, by name."""
    probabilities: Probabilities
    """Probability of default of each row, or of stand-ins for equally many rows each."""

    @classmethod
    def of(
        cls, reference: Reference, columns: Mapping[str, Column], probabilities: Probabilities
    ) -> "Window":
        """The window of decisions given whole: raw features by name, and what the model answered."""
        given = {**columns, PROBABILITY: probabilities}
        tallies = {one.name: one.bins.tally(given[one.name]) for one in reference.everything}
        return cls(len(probabilities), tallies, probabilities)

    @classmethod
    def of_profiles(cls, reference: Reference, sketch: "StoredSketch") -> "Window":
        """The window that profiles have seen; `UnreadableProfile` when they are of other features."""
        names = [one.name for one in reference.everything]
        if missing := [name for name in names if name not in sketch.names]:
            raise UnreadableProfile(f"the profiles have no column {missing[0]}: they are of another model")
        tallies = {one.name: one.bins.tally_of(sketch) for one in reference.everything}
        middles = (np.arange(_STAND_INS) + 0.5) / _STAND_INS
        return cls(tallies[PROBABILITY].total, tallies, sketch.quantiles(PROBABILITY, middles))

    @classmethod
    def of_training(cls, reference: Reference) -> "Window":
        """The training rows themselves."""
        tallies = {one.name: one.tally for one in reference.everything}
        return cls(reference.rows, tallies, np.array(reference.stand_ins))

    @classmethod
    def empty(cls, reference: Reference) -> "Window":
        """No decision yet: where adding begins."""
        nothing: dict[str, Column] = {one.name: np.array([]) for one in reference.everything}
        return cls.of(reference, nothing, np.array([]))

    def __add__(self, other: "Window") -> "Window":
        tallies = {name: tally + other.tallies[name] for name, tally in self.tallies.items()}
        return Window(
            self.rows + other.rows, tallies, np.concatenate([self.probabilities, other.probabilities])
        )
