"""Where the values of a category fall: its words as training saw them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from features.schema import Feature
from monitoring.drift.tally import Column, Tally

if TYPE_CHECKING:
    from monitoring.sketch import StoredSketch

_RARE = 0.01
"""Words of a smaller share of the known values share one bin."""


@dataclass(frozen=True)
class CategoryBins:
    """A bin for each common word, one for the rare words together; what training never saw is unseen."""

    name: str
    common: tuple[str, ...]
    """From the most common one down."""
    rare: tuple[str, ...]
    once: int
    """How many words training saw once only: as many again it will have missed."""
    aliases: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """What each bin holds, for people."""
        return (*self.common, "rare ones")

    @classmethod
    def freeze(cls, feature: Feature, column: Column) -> "CategoryBins":
        """The words of *column*."""
        spelled = cls(feature.name, (), (), 0, dict(feature.aliases))
        counted = spelled._spelled(Counter(column.tolist()))
        known = sum(counted.values())
        words = sorted(counted, key=lambda word: (-counted[word], word))
        return cls(
            feature.name,
            tuple(word for word in words if counted[word] >= _RARE * known),
            tuple(word for word in words if counted[word] < _RARE * known),
            sum(count == 1 for count in counted.values()),
            dict(feature.aliases),
        )

    def tally(self, column: Column) -> Tally:
        """Count the values of *column*."""
        return self._tally(self._spelled(Counter(column.tolist())), len(column))

    def tally_of(self, sketch: "StoredSketch") -> Tally:
        """Count the values a profile has seen."""
        return self._tally(self._spelled(Counter(sketch.words(self.name))), sketch.seen(self.name).total)

    def _spelled(self, values: Mapping[object, int]) -> Counter[str]:
        """How often each word was meant: by its name, or by the number that some recipes write."""
        counted: Counter[str] = Counter()
        for value, count in values.items():
            if value is not None and value == value:  # noqa: PLR0124  # NaN is missing
                text = str(value)
                counted[self._meant.get(text, text)] += count
        return counted

    @cached_property
    def _meant(self) -> dict[str, str]:
        return {
            spelling: word for alias, word in self.aliases.items() for spelling in (alias, str(float(alias)))
        }

    def _tally(self, counted: Mapping[str, int], total: int) -> Tally:
        known = sum(counted.values())
        common = tuple(counted.get(word, 0) for word in self.common)
        rare = sum(counted.get(word, 0) for word in self.rare)
        # A sketch of very many words may count a few too many.
        return Tally((*common, rare), max(0, total - known), known - sum(common) - rare)
