"""Values of one applicant that cannot be true together."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter

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
_Sides = Callable[[Sequence[Value]], tuple[Value, ...]]
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
    sentinels: tuple[tuple[float, ...], ...] | None
    """Of each part: the numbers that stand for "missing"; `None` when no part has any."""
    is_plain_quotient: bool
    """Of two parts without such numbers, with no factor."""

    def value(self, values: Sequence[Value]) -> float | None:
        """What follows from *values*, which may end before their last missing ones."""
        end = len(values)
        if self.is_plain_quotient:
            # Most are: the same as below, without a call.
            over, under = self.parts
            if over >= end or under >= end or values[over] is None or not values[under]:
                return None
            return values[over] / values[under]  # type: ignore[operator]  # words have no formula
        parts = [values[part] if part < end else None for part in self.parts]
        if self.sentinels is not None:
            parts = [
                None if part in sentinels else part
                for part, sentinels in zip(parts, self.sentinels, strict=True)
            ]
        return self.formula.value(parts)  # type: ignore[arg-type]  # words have no formula


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
        self._derivations = sorted(derivations(schema, schema.features), key=attrgetter("position"))
        self._quotients = [
            (one.position, one.parts[0], one.parts[1], one)
            for one in self._derivations
            if one.is_plain_quotient
        ]
        self._others = [one for one in self._derivations if not one.is_plain_quotient]
        self._orders = sorted(_orders(schema), key=max)
        self._sides: dict[int, tuple[_Sides, _Sides]] = {}

    def findings(self, values: Sequence[Value]) -> list[Finding]:
        """The rules that *values* break together; they may end before their last missing ones."""
        wrong = [*self._wrong_quotients(values), *self._wrong_derivations(values)]
        wrong.sort(key=attrgetter("position"))
        derived = [Finding(self._names[one.position], "derived", _advice(one.formula)) for one in wrong]
        return [*self._wrong_orders(values), *derived]

    def _wrong_orders(self, values: Sequence[Value]) -> Iterator[Finding]:
        lows, highs = self._sides.get(len(values)) or self._sides_within(len(values))
        pairs = zip(lows(values), highs(values), strict=True)
        above = [
            i
            for i, (low, high) in enumerate(pairs)
            if low is not None and high is not None and low > high and _differ(low, high)  # type: ignore[operator]
        ]
        for i in above:
            low, high = self._orders[i]
            yield Finding(
                self._names[low], "order", f"must not be above {self._names[high]}: mend one of them"
            )

    def _sides_within(self, length: int) -> tuple[_Sides, _Sides]:
        """What picks the lower and the higher values of all orders among the first *length*; made once."""
        within = bisect_left(self._orders, length, key=max)
        # A dummy pair keeps itemgetter's answer a tuple.
        lows, highs = zip(*[*self._orders[:within], (0, 0), (0, 0)], strict=True)
        return self._sides.setdefault(length, (itemgetter(*lows), itemgetter(*highs)))

    def _wrong_quotients(self, values: Sequence[Value]) -> Iterator[Derivation]:
        """As below, without a call for each: most derivations are quotients, and each request has them."""
        end = len(values)
        for position, over, under, one in self._quotients:
            if position >= end:
                return
            given = values[position]
            if given is None or over >= end or under >= end:
                continue
            dividend, divisor = values[over], values[under]
            if dividend is None or not divisor:
                continue
            due = dividend / divisor  # type: ignore[operator]  # words have no formula
            if due != given and _differ(given, due):
                yield one

    def _wrong_derivations(self, values: Sequence[Value]) -> Iterator[Derivation]:
        for one in self._others:
            if one.position >= len(values):
                return
            given = values[one.position]
            if given is None:
                continue
            due = one.value(values)
            if due is not None and due != given and _differ(given, due):
                yield one


def _advice(formula: Formula) -> str:
    what = _SIGNS[formula.operation].join(formula.parts[:3]) + (", ..." if len(formula.parts) > 3 else "")
    kind = "" if formula.operation is Operation.QUOTIENT else f"{formula.operation} of "
    return f"does not follow from {kind}{what}: leave it out, then it is computed"


def _derivation(schema: FeatureSchema, name: str, formula: Formula) -> Derivation:
    parts = tuple(map(schema.position, formula.parts))
    sentinels = tuple(schema.features[part].sentinels for part in parts)
    missing = sentinels if any(sentinels) else None
    is_plain = formula.operation is Operation.QUOTIENT and formula.factor == 1.0 and missing is None
    return Derivation(schema.position(name), formula, parts, missing, is_plain)


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


def _differ(one: Value, other: Value) -> bool:
    one, other = float(one or 0.0), float(other or 0.0)
    return abs(one - other) > TOLERANCE * max(abs(one), abs(other))
