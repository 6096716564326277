"""How a probability becomes a decision: costs, threshold, risk bands."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property

from credit.cost import Costs
from credit.errors import InvalidPolicy


@dataclass(frozen=True)
class Policy:
    """The lender's rules, as data. `version` names its content, so that two policies never share one.

    >>> Policy(threshold=0.09).version == Policy(threshold=0.10).version
    False
    """

    threshold: float
    """Refuse from this probability of default on; strictly between 0 and 1."""
    costs: Costs = field(default_factory=Costs)
    low_below: float = 0.5
    """LOW risk below this share of the threshold."""
    high_from: float = 1.5
    """HIGH risk from this share of the threshold on."""
    name: str = "default"

    def __post_init__(self) -> None:
        if not 0.0 < self.threshold < 1.0:
            raise InvalidPolicy(
                f"the threshold must lie between 0 and 1, both excluded; it is {self.threshold}"
            )
        if not (0.0 < self.low_below <= 1.0 <= self.high_from and math.isfinite(self.high_from)):
            raise InvalidPolicy(
                "the risk bands need 0 < low_below <= 1 <= high_from; "
                f"they are {self.low_below} and {self.high_from}"
            )

    @cached_property
    def version(self) -> str:
        """`name-` and the first 8 hex digits of the content's SHA-256."""
        numbers = (self.threshold, self.costs.fn, self.costs.fp, self.low_below, self.high_from)
        content = json.dumps([self.name, *map(float, numbers)])
        return f"{self.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"

    def as_dict(self) -> dict[str, object]:
        """The policy as `policy.json` holds it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, body: Mapping[str, object]) -> "Policy":
        """The policy in *body*; `InvalidPolicy` names what is missing, unknown or not a number."""
        if not isinstance(body, Mapping):
            raise InvalidPolicy("a policy is a JSON object with at least a threshold")
        known = {"threshold", "costs", "low_below", "high_from", "name"}
        if unknown := sorted(set(body) - known):
            raise InvalidPolicy(f"the policy has unknown keys: {', '.join(map(str, unknown))}")
        if "threshold" not in body:
            raise InvalidPolicy("the policy has no threshold")
        numbers = {
            key: _number(key, body[key]) for key in ("threshold", "low_below", "high_from") if key in body
        }
        return cls(costs=_costs(body.get("costs", {})), name=str(body.get("name", "default")), **numbers)


def _costs(body: object) -> Costs:
    if not isinstance(body, Mapping) or not set(body) <= {"fn", "fp"}:
        raise InvalidPolicy("the policy's costs are an object with the keys fn and fp")
    return Costs(**{key: _number(f"costs.{key}", value) for key, value in body.items()})


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidPolicy(f"the policy's {key} is not a number")
    try:
        return float(value)
    except OverflowError:
        raise InvalidPolicy(f"the policy's {key} is larger than any number here") from None
