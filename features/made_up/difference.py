"""One thing measured on tables, beside what it should be."""

from dataclasses import dataclass


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
    def holds(self) -> bool:
        """False also when nothing could be measured (NaN)."""
        return abs(self.found - self.expected) <= self.limit
