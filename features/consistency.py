"""Values of one applicant that cannot be true together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from credit.finding import Finding
from features.formula import Formula, Operation
from features.schema import Feature, FeatureSchema, Value

TOLERANCE = 1e-3
"""Relative; clients round what they send."""
_RISING = (("_MIN", "_MEAN"), ("_MEAN", "_MAX"), ("_MIN", "_MAX"))
_PARTS = (
    ("CNT_CHILDREN", "CNT_FAM_MEMBERS"),
    ("ACTIVE_COUNT", "BURO_COUNT"),
    ("CLOSED_COUNT", "BURO_COUNT"),
    ("BURO_365D_COUNT", "BURO_1095D_COUNT"),
    ("BURO_1095D_COUNT", "BURO_COUNT"),
    ("APPROVED_COUNT", "PREV_COUNT"),
    ("REFUSED_COUNT", "PREV_COUNT"),
    ("PREV_365D_COUNT", "PREV_1095D_COUNT"),
    ("PREV_1095D_COUNT", "PREV_COUNT"),
    ("POS_12M_COUNT", "POS_MONTHS_BALANCE_SIZE"),
    ("INSTAL_90D_COUNT", "INSTAL_365D_COUNT"),
    ("INSTAL_365D_COUNT", "INSTAL_COUNT"),
    ("CC_3M_COUNT", "CC_12M_COUNT"),
    ("CC_12M_COUNT", "CC_COUNT"),
)
"""Counts of a part, and of the whole."""
_SIGNS = {
    Operation.QUOTIENT: " divided by ",
    Operation.PRODUCT: " times ",
    Operation.TOTAL: " plus ",
    Operation.MEAN: ", ",
    Operation.LEAST: ", ",
    Operation.GREATEST: ", ",
    Operation.KNOWN: ", ",
}


@dataclass(frozen=True, slots=True)
class Derivation:
    """A feature of the schema that follows from others, by positions."""

    position: int
    formula: Formula
    parts: tuple[int, ...]
    sentinels: tuple[tuple[float, ...], ...]
    """Of each part: the numbers that stand for "missing"."""

    def value(self, values: Sequence[Value]) -> float | None:
        """What follows from *values*, which may end before their last missing ones."""
        return self.formula.value(
            [
                _known(values[part] if part < len(values) else None, sentinels)
                for part, sentinels in zip(self.parts, self.sentinels, strict=True)
            ]
        )


def derivations(schema: FeatureSchema, features: Sequence[Feature]) -> list[Derivation]:
    """The derivations of those of *features* that have a formula, all of whose parts are in *schema*."""
    known = set(schema.names)
    return [
        _derivation(schema, feature.name, feature.formula)
        for feature in features
        if feature.formula is not None and known.issuperset(feature.formula.parts)
    ]


class Consistency:
    """Checks the values of one applicant against each other."""

    def __init__(self, schema: FeatureSchema) -> None:
        self._names = schema.names
        self._derivations = derivations(schema, schema.features)
        self._orders = list(_orders(schema))
        # A dummy pair keeps itemgetter's answer a tuple.
        lows, highs = zip(*[*self._orders, (0, 0), (0, 0)], strict=True)
        self._lows, self._highs = itemgetter(*lows), itemgetter(*highs)

    def findings(self, values: Sequence[Value]) -> list[Finding]:
        """The rules that *values*, one for each feature of the schema, break together."""
        return [*self._wrong_orders(values), *self._wrong_derivations(values)]

    def _wrong_orders(self, values: Sequence[Value]) -> Iterator[Finding]:
        pairs = zip(self._lows(values), self._highs(values), strict=True)
        above = [
            i
            for i, (low, high) in enumerate(pairs)
            if low is not None and high is not None and low > high and _differ(low, high)
        ]
        for i in above:
            low, high = self._orders[i]
            yield Finding(
                self._names[low], "order", f"must not be above {self._names[high]}: mend one of them"
            )

    def _wrong_derivations(self, values: Sequence[Value]) -> Iterator[Finding]:
        for one in self._derivations:
            given = values[one.position]
            if given is None:
                continue
            due = one.value(values)
            if due is not None and _differ(given, due):
                yield Finding(self._names[one.position], "derived", self._advice(one.formula))

    def _advice(self, formula: Formula) -> str:
        what = _SIGNS[formula.operation].join(formula.parts[:3]) + (", ..." if len(formula.parts) > 3 else "")
        kind = "" if formula.operation is Operation.QUOTIENT else f"{formula.operation} of "
        return f"does not follow from {kind}{what}: leave it out, then it is computed"


def _derivation(schema: FeatureSchema, name: str, formula: Formula) -> Derivation:
    parts = tuple(map(schema.position, formula.parts))
    sentinels = tuple(schema.features[part].sentinels for part in parts)
    return Derivation(schema.position(name), formula, parts, sentinels)


def _orders(schema: FeatureSchema) -> Iterator[tuple[int, int]]:
    known = set(schema.names)
    pairs = [
        (name, name.removesuffix(low) + high)
        for name in schema.names
        for low, high in _RISING
        if name.endswith(low)
    ]
    for low, high in [*pairs, *_PARTS]:
        if low in known and high in known:
            yield schema.position(low), schema.position(high)


def _known(value: Value, sentinels: tuple[float, ...]) -> float | None:
    return None if value is None or value in sentinels else float(value)


def _differ(one: Value, other: Value) -> bool:
    one, other = float(one or 0.0), float(other or 0.0)
    return abs(one - other) > TOLERANCE * max(abs(one), abs(other))
