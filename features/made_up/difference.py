"""One thing measured on tables, beside what it should be."""

from dataclasses import dataclass
from math import inf, isnan


@dataclass(frozen=True)
class Difference:
    """What was measured of what, and how far the two numbers may lie apart."""

    subject: str
    """A table, a column, or a rule."""
    measure: str
    expected: float
    found: float
    limit: float

    @property
    def strain(self) -> float:
        """The distance in parts of the limit; above 1 is a fault. Infinite when nothing could be measured."""
        strain = abs(self.found - self.expected) / self.limit
        return inf if isnan(strain) else strain

    @property
    def holds(self) -> bool:
        return self.strain <= 1.0
