"""What the model was trained on, frozen beside it: what later decisions are compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import numpy as np

from credit.cost import Labels, Probabilities
from credit.errors import InvalidModel
from features.schema import Feature, FeatureSchema, Kind
from monitoring.drift.category import CategoryBins
from monitoring.drift.number import NumberBins
from monitoring.drift.tally import Column, Tally
from monitoring.files import write_durably

REFERENCE_FILE = "reference.json"
PROFILE_FILE = "reference.bin"
PROBABILITY = "probability_default"
"""Name of the model's answer among the columns of a profile."""
_FORMAT = 1
_STAND_INS = 1000
_IMPORTANT = 0.02

Bins = NumberBins | CategoryBins
_Bins = TypeVar("_Bins", NumberBins, CategoryBins)


@dataclass(frozen=True)
class Frozen:
    """One feature on the training rows."""

    bins: Bins
    tally: Tally
    importance: float
    """Its share of what all features together gained the model."""

    @property
    def name(self) -> str:
        return self.bins.name

    @property
    def fits(self) -> bool:
        """Whether there is a count for each bin and each point."""
        points = self.bins.points if isinstance(self.bins, NumberBins) else ()
        return (len(self.tally.bins), len(self.tally.below)) == (len(self.bins.labels), len(points))

    @property
    def is_important(self) -> bool:
        """Whether it alone is worth an alert: it carries 2 % of the model or more."""
        return self.importance >= _IMPORTANT


@dataclass(frozen=True)
class Reference:
    """The training rows as drift is measured against them."""

    rows: int
    default_rate: float
    features: tuple[Frozen, ...]
    """Those the model uses, the most important first."""
    probability: Frozen
    """The model's answers to rows it had not seen."""
    stand_ins: tuple[float, ...]
    """Probabilities of default, equally many rows each, that stand for those of all rows."""

    @cached_property
    def important(self) -> frozenset[str]:
        return frozenset(feature.name for feature in self.features if feature.is_important)

    @property
    def everything(self) -> tuple[Frozen, ...]:
        """The features, and last the probability of default."""
        return (*self.features, self.probability)

    @classmethod
    def of(
        cls,
        schema: FeatureSchema,
        columns: Mapping[str, Column],
        probabilities: Probabilities,
        defaulted: Labels,
        gains: Sequence[float],
    ) -> "Reference":
        """The reference of training rows; see `write_reference`."""
        total = sum(gains) or 1.0
        features = [
            _frozen(feature, columns[feature.name], gain / total)
            for feature, gain in zip(schema.used, gains, strict=True)
        ]
        middles = (np.arange(_STAND_INS) + 0.5) / _STAND_INS
        return cls(
            rows=len(defaulted),
            default_rate=float(defaulted.mean()),
            features=_ranked(features),
            probability=_frozen(Feature(PROBABILITY, Kind.NUMBER, "probability", ""), probabilities, 1.0),
            stand_ins=tuple(np.quantile(probabilities, middles).tolist()),
        )

    @classmethod
    def read(cls, bundle: Path) -> "Reference":
        """The reference in a model bundle; `InvalidModel` when it has none that can be read."""
        path = bundle / REFERENCE_FILE
        try:
            file = msgspec.json.decode(path.read_bytes(), type=_File)
        except FileNotFoundError as error:
            raise InvalidModel(
                f"{bundle} has no {REFERENCE_FILE} to compare with: train the model again"
            ) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidModel(f"{path} is damaged ({error}): train the model again") from error
        if file.format != _FORMAT:
            raise InvalidModel(f"{path} has format {file.format}, not {_FORMAT}, the one known here")
        features = _ranked([*(one.thawed for one in file.numbers), *(one.thawed for one in file.categories)])
        found = cls(file.rows, file.default_rate, features, file.probability.thawed, file.stand_ins)
        for one in found.everything:
            if not one.fits:
                raise InvalidModel(f"{path} is damaged: {one.name} has other bins than counts")
        return found

    def to_json(self) -> bytes:
        numbers = [one for one in self.features if isinstance(one.bins, NumberBins)]
        categories = [one for one in self.features if isinstance(one.bins, CategoryBins)]
        body = {
            "format": _FORMAT,
            "rows": self.rows,
            "default_rate": self.default_rate,
            "numbers": numbers,
            "categories": categories,
            "probability": self.probability,
            "stand_ins": self.stand_ins,
        }
        return msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n"


class _Kept(msgspec.Struct, Generic[_Bins], frozen=True):
    """A `Frozen` with its kind of bins."""

    bins: _Bins
    tally: Tally
    importance: float

    @property
    def thawed(self) -> Frozen:
        return Frozen(self.bins, self.tally, self.importance)


class _File(msgspec.Struct, frozen=True):
    """`reference.json`, with its types."""

    format: int
    rows: int
    default_rate: float
    numbers: tuple[_Kept[NumberBins], ...]
    categories: tuple[_Kept[CategoryBins], ...]
    probability: _Kept[NumberBins]
    stand_ins: tuple[float, ...]


def write_reference(
    folder: Path,
    schema: FeatureSchema,
    columns: Mapping[str, Column],
    probabilities: Probabilities,
    defaulted: Labels,
    gains: Sequence[float],
) -> None:
    """Write `reference.json`, the frozen bins, and `reference.bin`, a whylogs profile, into *folder*.

    *columns*: raw features by name, a value for each training row; *probabilities*: of rows, all of them or
    some, by models that had not seen them; *gains*: what each of the schema's used features gained the model,
    in their order.
    """
    # Whoever only reads a reference need not wait for whylogs.
    from monitoring.sketch import Sketch  # noqa: PLC0415

    reference = Reference.of(schema, columns, probabilities, defaulted, gains)
    write_durably(folder / REFERENCE_FILE, reference.to_json())
    numbers = [feature.name for feature in schema.used if not feature.is_category]
    words = [feature.name for feature in schema.used if feature.is_category]
    sketch = Sketch([*numbers, PROBABILITY], words)
    sketch.add({**columns, PROBABILITY: probabilities})
    write_durably(folder / PROFILE_FILE, sketch.to_bytes({"octroi": "reference"}))


def _ranked(features: list[Frozen]) -> tuple[Frozen, ...]:
    return tuple(sorted(features, key=lambda feature: (-feature.importance, feature.name)))


def _frozen(feature: Feature, column: Column, importance: float) -> Frozen:
    kind = CategoryBins if feature.is_category else NumberBins
    bins: Bins = kind.freeze(feature, column)
    return Frozen(bins, bins.tally(column), importance)
