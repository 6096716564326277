"""What a feature is, and which features a model was trained on."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import msgspec

from credit.errors import InvalidModel
from features.formula import Formula

SCHEMA_FORMAT = 1

Value = float | int | str | None
Values = Sequence[Value]
"""One applicant's raw values in the order of a schema; `None` is missing."""


class Kind(StrEnum):
    """How a feature's values read: a JSON number, or one of a list of words."""

    NUMBER = "number"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Feature:
    """One named value of an applicant.

    `low` and `high` are limits of meaning (a share lies in 0..1), inclusive, and refuse a request;
    `seen` is the range of the training rows and only warns.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    low: float | None = None
    high: float | None = None
    required: bool = False
    sentinels: tuple[float, ...] = ()
    """Numbers that stand for "missing" in the source."""
    aliases: dict[str, str] = field(default_factory=dict, hash=False)
    """Other spellings of a category, as text: the public recipe writes CODE_GENDER "1" for "F"."""
    categories: tuple[str, ...] = ()
    """Known categories; the position is the code."""
    seen: tuple[float, float] | None = None
    formula: Formula | None = None
    """How the value follows from other features; without one it stands alone."""

    def __post_init__(self) -> None:
        numeric = all(alias.lstrip("-").isdecimal() for alias in self.aliases)
        if not (self.name.isidentifier() and numeric):
            raise InvalidModel(f"{self.name!r} is no name of a feature, or has an alias that is no number")

    @property
    def is_category(self) -> bool:
        return self.kind is Kind.CATEGORY


@dataclass(frozen=True)
class FeatureSchema:
    """All accepted features: those the model uses first, in the model's order, then the others."""

    features: tuple[Feature, ...]
    width: int
    """How many of the features the model uses."""

    def __post_init__(self) -> None:
        if not 0 < self.width <= len(self.features):
            raise InvalidModel(f"the schema names {len(self.features)} features and a model of {self.width}")
        if len(set(self.names)) != len(self.features):
            raise InvalidModel("the schema names a feature twice")

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.names)}

    def position(self, name: str) -> int:
        """Where *name* stands among the features; `KeyError` if it is none."""
        return self._positions[name]

    @cached_property
    def used(self) -> tuple[Feature, ...]:
        """The model's features, in the order of its row."""
        return self.features[: self.width]

    def to_json(self) -> str:
        body = {
            "format": SCHEMA_FORMAT,
            "model_features": list(self.names[: self.width]),
            "features": [asdict(feature) for feature in self.features],
        }
        return json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> "FeatureSchema":
        """The schema that `to_json` wrote; `InvalidModel` says what it is not."""
        try:
            body = msgspec.json.decode(text, type=_SchemaFile)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidModel(f"the schema is damaged ({error}): train the model again") from error
        if body.format != SCHEMA_FORMAT:
            raise InvalidModel(f"schema format {body.format} is not {SCHEMA_FORMAT}, the one known here")
        schema = cls(body.features, len(body.model_features))
        if schema.names[: schema.width] != body.model_features:
            raise InvalidModel("the schema's first features are not the model's: train the model again")
        return schema

    @classmethod
    def read(cls, path: Path) -> "FeatureSchema":
        try:
            return cls.from_json(path.read_bytes())
        except InvalidModel as error:
            raise InvalidModel(f"{path}: {error}") from error


class _SchemaFile(msgspec.Struct, frozen=True):
    """`schema.json`, with its types."""

    format: int
    model_features: tuple[str, ...]
    features: tuple[Feature, ...]


def ordered(candidates: Sequence[Feature], model_names: Sequence[str]) -> FeatureSchema:
    """The schema of *candidates* for a model that uses *model_names*, in that order."""
    by_name = {feature.name: feature for feature in candidates}
    used = [by_name[name] for name in model_names]
    rest = [feature for feature in candidates if feature.name not in set(model_names)]
    return FeatureSchema((*used, *rest), len(used))
